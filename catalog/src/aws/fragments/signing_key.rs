//! Asymmetric KMS keys that sign. A private key in KMS cannot be exported.

use aws_blocks as aws;
use tfmodgen::Maybe;
use tfmodgen::prelude::*;

/// Settings for a key with an alias.
pub(crate) struct SigningKey<'a> {
    /// Label of the key and of the alias.
    pub(crate) label: &'a str,
    /// Alias for the key, with the prefix `alias/`.
    pub(crate) alias: Expr<Str>,
    /// Description of the key.
    pub(crate) description: Expr<Str>,
    /// Comment above the key.
    pub(crate) comment: Option<&'a str>,
    /// Whether the key exists.
    pub(crate) condition: &'a Expr<Bool>,
    /// Waiting period before the key is deleted, in days.
    pub(crate) deletion_window: Expr<Num>,
    /// Key policy.
    pub(crate) policy: &'a Expr<Str>,
    /// Tags for the key.
    pub(crate) tags: &'a Expr<Map<Str>>,
}

impl SigningKey<'_> {
    /// Declares the key with the key specification `RSA_4096`.
    pub(crate) fn declare(self, m: &mut Module) -> Maybe<aws::KmsKeyReference> {
        let key = aws::KmsKey::new(self.label)
            .description(self.description)
            .customer_master_key_spec("RSA_4096")
            .key_usage("SIGN_VERIFY")
            .deletion_window_in_days(self.deletion_window)
            .policy(self.policy)
            .tags(self.tags);
        let key = match self.comment {
            Some(comment) => key.comment(comment),
            None => key,
        };
        let key = m.resource(key.when(self.condition));
        m.resource(
            aws::KmsAlias::new(self.label, key.assumed().key_id())
                .name(self.alias)
                .when(self.condition),
        );
        key
    }
}
