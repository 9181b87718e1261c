//! What turns an error of the domain into a diagnostic.

/// An error of the domain in words.
pub trait Explained {
    /// Returns the head of the diagnostic, on one line.
    fn summary(&self) -> String;

    /// Returns the body of the diagnostic: what happened, and what to do.
    fn detail(&self) -> String;
}
