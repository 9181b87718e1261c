//! Comparison of the system clock, which determines the times in a certificate, with the AWS clock.
//!
//! These functions are pure.

use jiff::{SignedDuration, Timestamp};
use tfplugin::Diagnostic;

/// Maximum difference between the system clock and the AWS clock. AWS rejects requests with a greater difference (IAM User
/// Guide, "Signature Version 4": five minutes).
const MAX_DIFFERENCE: SignedDuration = SignedDuration::from_mins(5);

/// Compares the system time with the time of the last AWS response, if any.
///
/// # Errors
/// Returns an error if the difference is too large.
pub fn check(system_time: Timestamp, aws_time: Option<Timestamp>) -> Result<(), Diagnostic> {
    match aws_time {
        Some(aws_time) if system_time.duration_since(aws_time).abs() > MAX_DIFFERENCE => {
            Err(differs(system_time, aws_time))
        }
        Some(_) | None => Ok(()),
    }
}

fn differs(system_time: Timestamp, aws_time: Timestamp) -> Diagnostic {
    let detail = format!(
        "The system time is {system_time:.0}, but AWS reports {aws_time:.0}. The difference is more than five minutes, \
         and the times in a certificate cannot be corrected later. Nothing was created.\n\nSynchronize the system \
         clock with NTP, and then apply again."
    );
    Diagnostic::error("System clock is not accurate", detail)
}
