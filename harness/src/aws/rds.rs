//! RDS beyond its API: no emulator runs databases, so nobody can log in to ask whether a password is right.

use super::LocalAws;

/// The databases of an account.
pub struct Rds<'a> {
    aws: &'a LocalAws,
}

impl<'a> Rds<'a> {
    pub(super) fn new(aws: &'a LocalAws) -> Self {
        Self { aws }
    }

    /// Whether an instance, by its identifier, would let this user in with this password: whether they are those of
    /// its creation, or of the last change of its master password.
    #[must_use]
    pub fn accepts(&self, identifier: &str, user: &str, password: &str) -> bool {
        let rds = &self.aws.machine().gateway().shared().corrections.rds;
        rds.accepts(self.aws.id(), identifier, user, password)
    }
}
