//! Child processes that cannot outlive this process. Must not depend on a CLI or a cloud.
//!
//! Every child process leads its own process group. Dropping the handle kills the whole group. If this process exits
//! before that, including after SIGKILL, the [`keeper`](self) kills the group.

mod group;
mod keeper;
mod table;

pub use group::{Group, interrupt_all};
pub(crate) use keeper::{keep_at_end, remove_at_end};
pub use table::{Process, processes_in_group};
