//! Child processes that cannot outlive their owner. Knows no command line and no cloud.
//!
//! Every child leads a process group of its own; the whole group is killed when the handle is dropped, and by the
//! [`keeper`](self) when this process ends in any other way, SIGKILL included.

mod group;
mod keeper;
mod table;

pub use group::{Group, interrupt_all};
pub(crate) use keeper::{keep_at_end, remove_at_end};
pub use table::{Process, processes_in_group};
