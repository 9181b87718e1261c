//! RDS functionality that has no API. The emulator runs no databases, so a login cannot verify a password.

use super::LocalAws;

/// The databases in an account.
pub struct Rds<'a> {
    aws: &'a LocalAws,
}

impl<'a> Rds<'a> {
    pub(super) fn new(aws: &'a LocalAws) -> Self {
        Self { aws }
    }

    /// Returns whether the user and password match the last CreateDBInstance or ModifyDBInstance call for an instance.
    #[must_use]
    pub fn accepts(&self, identifier: &str, user: &str, password: &str) -> bool {
        let rds = &self.aws.machine().gateway().shared().corrections.rds;
        rds.accepts(self.aws.id(), identifier, user, password)
    }
}
