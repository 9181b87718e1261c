//! Trait for errors that are reported as diagnostics.

/// Error with the messages of a diagnostic.
pub trait Explained {
    /// Returns the summary of the diagnostic as a single line.
    fn summary(&self) -> String;

    /// Returns the detail of the diagnostic: the finding and the remedy.
    fn detail(&self) -> String;
}
