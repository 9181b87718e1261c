//! Protection against deletion. Scaleway has no deletion protection for containers, databases, and buckets, but it does not
//! delete a protected secret.
//!
//! The secret depends on everything that serves traffic or stores data. A destroy operation therefore starts with the secret,
//! and fails before it deletes anything else. A change that replaces one of the objects also replaces the secret, and fails
//! before it deletes the old object. Source: "scaleway_secret", documentation of the provider: `protected`.

use scaleway_blocks as scaleway;
use tfmodgen::prelude::*;

/// A secret that protects other objects.
pub(crate) struct DeletionProtection<'a> {
    /// Prefix for the name.
    pub(crate) prefix: Expr<Str>,
    /// Whether the objects are protected.
    pub(crate) enabled: Expr<Bool>,
    pub(crate) tags: Expr<List<Str>>,
    /// Objects whose replacement fails.
    pub(crate) replaced: Vec<Expr<Str>>,
    /// Adds the objects that the secret protects as dependencies.
    pub(crate) depends_on: &'a dyn Fn(scaleway::Secret) -> scaleway::Secret,
}

impl DeletionProtection<'_> {
    /// Declares the secret.
    pub(crate) fn declare(self, m: &mut Module) {
        m.file("protection");
        let name = template([(&self.prefix).into(), "-deletion-protection".into()]);
        let secret = scaleway::Secret::new("deletion_protection", name)
            .comment("Scaleway does not delete a protected secret. Operations that destroy the objects below start with this secret, and fail.")
            .description("Has no value. Protects other objects from deletion.")
            .protected(&self.enabled)
            .tags(&self.tags)
            .lifecycle_comment("A change that replaces one of these objects also replaces the secret, which fails before anything is deleted.");
        let secret = self
            .replaced
            .into_iter()
            .fold(secret, scaleway::Secret::replace_triggered_by);
        m.resource((self.depends_on)(secret));
    }
}
