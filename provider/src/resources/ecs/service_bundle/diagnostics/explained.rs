//! Trait of errors that are reported as diagnostics.

/// Error with the texts of a diagnostic.
pub trait Explained {
    /// Returns the summary of the diagnostic on one line.
    fn summary(&self) -> String;

    /// Returns the detail of the diagnostic: the finding and the remedy.
    fn detail(&self) -> String;
}
