//! The cloud that the providers in a workspace reach. Must not depend on a specific cloud.

/// A local account on a cloud emulator.
pub trait Cloud: Send + Sync {
    /// Returns the ID of the account.
    fn account(&self) -> &str;

    /// Returns the environment variables that configure clients for the account.
    fn environment(&self) -> Vec<(&'static str, String)>;

    /// Returns the proxy for all other hosts. The proxy rejects requests and records them.
    fn proxy(&self) -> String;

    /// Returns the last calls that the account received, for error messages.
    fn last_calls(&self, count: usize) -> String;
}
