//! Child processes that cannot outlive this process. Must not depend on a CLI or a cloud.
//!
//! Every child process leads its own process group. The whole group is killed when the handle is dropped, and by the
//! [`keeper`](self) when this process exits in any other way, including SIGKILL.

mod group;
mod keeper;
mod table;

pub use group::{Group, interrupt_all};
pub(crate) use keeper::{keep_at_end, remove_at_end};
pub use table::{Process, processes_in_group};
