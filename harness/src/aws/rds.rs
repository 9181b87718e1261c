//! RDS features without an API: the emulator runs no databases, so a login cannot verify a password.

use super::LocalAws;

/// The databases of an account.
pub struct Rds<'a> {
    aws: &'a LocalAws,
}

impl<'a> Rds<'a> {
    pub(super) fn new(aws: &'a LocalAws) -> Self {
        Self { aws }
    }

    /// Returns whether the user and password are valid for an instance, that is, whether they match the last
    /// CreateDBInstance or ModifyDBInstance call.
    #[must_use]
    pub fn accepts(&self, identifier: &str, user: &str, password: &str) -> bool {
        let rds = &self.aws.machine().gateway().shared().corrections.rds;
        rds.accepts(self.aws.id(), identifier, user, password)
    }
}
