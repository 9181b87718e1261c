//! The cloud that the providers of a workspace reach. Must not depend on a cloud.

/// A local account of a cloud.
pub trait Cloud: Send + Sync {
    /// Returns the ID of the account.
    fn account(&self) -> &str;

    /// Returns the environment variables that point clients at the account.
    fn environment(&self) -> Vec<(&'static str, String)>;

    /// Returns the proxy for all other hosts, which refuses requests and records them.
    fn proxy(&self) -> String;

    /// Returns the last calls that the account received, for error messages.
    fn last_calls(&self, count: usize) -> String;
}
