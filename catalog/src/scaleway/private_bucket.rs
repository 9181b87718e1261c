//! Private buckets with encryption, versioning, an expiration of noncurrent versions, and a policy.

use scaleway_blocks as scaleway;
use tfmodgen::prelude::*;

use super::policy::{Statement, document};

/// Days after which incomplete uploads are deleted.
const UPLOAD_DAYS: i32 = 7;

/// A private bucket.
pub(crate) struct PrivateBucket {
    pub(crate) name: Expr<Str>,
    /// Whether a destroy operation also deletes the objects.
    pub(crate) force_destroy: Expr<Bool>,
    /// Days after which noncurrent versions are deleted.
    pub(crate) noncurrent_days: Expr<Num>,
    pub(crate) tags: Expr<Map<Str>>,
}

/// References to a private bucket.
pub(crate) struct PrivateBucketReference {
    pub(crate) bucket: scaleway::ObjectBucketReference,
    pub(crate) policy: scaleway::ObjectBucketPolicyReference,
}

impl PrivateBucket {
    /// Declares the bucket, and a policy with the statements for its name. The policy denies everything else.
    pub(crate) fn declare(
        self,
        m: &mut Module,
        statements: impl FnOnce(&Expr<Str>) -> Vec<Statement>,
    ) -> PrivateBucketReference {
        let expired = scaleway::ObjectBucketLifecycleRuleNoncurrentVersionExpiration::new()
            .noncurrent_days(&self.noncurrent_days);
        let bucket = m.resource(
            scaleway::ObjectBucket::new("this", &self.name)
                .force_destroy(&self.force_destroy)
                .tags(&self.tags)
                .versioning(scaleway::ObjectBucketVersioning::new().enabled(true))
                .lifecycle_rule(
                    scaleway::ObjectBucketLifecycleRule::new(true)
                        .abort_incomplete_multipart_upload_days(UPLOAD_DAYS)
                        .noncurrent_version_expiration(expired),
                ),
        );
        let acl = m.resource(scaleway::ObjectBucketAcl::new("this", bucket.id()).acl("private"));
        let key = scaleway::ObjectBucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefault::new("AES256");
        let rule = scaleway::ObjectBucketServerSideEncryptionConfigurationRule::new()
            .apply_server_side_encryption_by_default(key);
        let encryption = m.resource(
            scaleway::ObjectBucketServerSideEncryptionConfiguration::new("this", bucket.id(), rule)
                .comment("SSE-ONE: Scaleway manages the keys."),
        );
        let statements = statements(&bucket.name());
        // An object that depends on the policy depends on all settings of the bucket.
        let policy = m.resource(
            scaleway::ObjectBucketPolicy::new("this", bucket.id(), document(statements))
                .depends_on(&acl)
                .depends_on(&encryption),
        );
        PrivateBucketReference { bucket, policy }
    }
}
