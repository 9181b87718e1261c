//! Disables core dumps of the process, because the memory of the provider can contain private keys.
//!
//! The limit of zero octets applies to core files. The kernel ignores this limit if it sends dumps to a program
//! (`core(5)`, "Piping core dumps to a program"), so on Linux, the process is also marked as not dumpable
//! (`PR_SET_DUMPABLE(2const)`).

use std::io;

/// Disables core dumps. Systems without the concept are not affected.
///
/// # Errors
/// Returns an error if the operating system rejects a setting.
pub fn disable() -> io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        setrlimit(Resource::Core, none)?;
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    }
    Ok(())
}
