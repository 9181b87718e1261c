//! Private buckets with encryption, versioning, and lifecycle rules, and without public access.

use aws_blocks as aws;
use tfmodgen::prelude::*;

/// Settings for a private bucket. The resources have the label `this`.
pub(crate) struct PrivateBucket<'a> {
    /// The bucket with its name and tags.
    pub(crate) bucket: aws::S3Bucket,
    /// Owner of objects that other accounts write.
    pub(crate) ownership: Ownership<'a>,
    /// Encryption for the objects.
    pub(crate) encryption: Encryption<'a>,
    /// Comment above the versioning resource.
    pub(crate) versioning_comment: Option<&'a str>,
    /// Lifecycle rules.
    pub(crate) rules: Vec<aws::S3BucketLifecycleConfigurationRule>,
}

/// Owner of objects that other accounts write.
pub(crate) enum Ownership<'a> {
    /// The account owns all objects, and access control lists are disabled.
    Enforced,
    /// The account owns an object if the writer grants ownership. The comment states why access control lists are
    /// required.
    Preferred(&'a str),
}

/// Encryption for the objects in a bucket.
pub(crate) enum Encryption<'a> {
    /// S3 managed keys. The comment states the reason.
    S3Managed(&'a str),
    /// ARN of a KMS key.
    Kms(&'a Expr<Str>),
}

/// References to a private bucket and its settings.
pub(crate) struct PrivateBucketReference {
    pub(crate) bucket: aws::S3BucketReference,
    pub(crate) ownership: aws::S3BucketOwnershipControlsReference,
    pub(crate) access_block: aws::S3BucketPublicAccessBlockReference,
    pub(crate) encryption: aws::S3BucketServerSideEncryptionConfigurationReference,
    /// Depends on the versioning.
    pub(crate) lifecycle: aws::S3BucketLifecycleConfigurationReference,
}

impl PrivateBucket<'_> {
    /// Declares the bucket.
    pub(crate) fn declare(self, m: &mut Module) -> PrivateBucketReference {
        let bucket = m.resource(self.bucket);
        let ownership = m.resource(self.ownership.controls(&bucket));
        let access_block = m.resource(
            aws::S3BucketPublicAccessBlock::new("this", bucket.id())
                .block_public_acls(true)
                .block_public_policy(true)
                .ignore_public_acls(true)
                .restrict_public_buckets(true),
        );
        let encryption = m.resource(self.encryption.configuration(&bucket));
        let versioning = aws::S3BucketVersioning::new(
            "this",
            bucket.id(),
            aws::S3BucketVersioningVersioningConfiguration::new("Enabled"),
        );
        let versioning = m.resource(match self.versioning_comment {
            Some(comment) => versioning.comment(comment),
            None => versioning,
        });
        let lifecycle = aws::S3BucketLifecycleConfiguration::new("this", bucket.id())
            .transition_default_minimum_object_size("all_storage_classes_128K")
            .argument_comment(
                "Matches the S3 default. Set explicitly because older buckets have a different setting.",
            );
        let rules = self.rules.into_iter();
        let lifecycle = m.resource(
            rules
                .fold(lifecycle, aws::S3BucketLifecycleConfiguration::rule)
                .depends_on(&versioning),
        );
        PrivateBucketReference {
            bucket,
            ownership,
            access_block,
            encryption,
            lifecycle,
        }
    }
}

impl Ownership<'_> {
    fn controls(&self, bucket: &aws::S3BucketReference) -> aws::S3BucketOwnershipControls {
        let controls = |ownership: &str| {
            let rule = aws::S3BucketOwnershipControlsRule::new(ownership);
            aws::S3BucketOwnershipControls::new("this", bucket.id(), rule)
        };
        match self {
            Self::Enforced => controls("BucketOwnerEnforced"),
            Self::Preferred(why) => controls("BucketOwnerPreferred").argument_comment(why),
        }
    }
}

impl Encryption<'_> {
    fn configuration(
        &self,
        bucket: &aws::S3BucketReference,
    ) -> aws::S3BucketServerSideEncryptionConfiguration {
        use aws::S3BucketServerSideEncryptionConfigurationRule as Rule;
        use aws::S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefault as Default;
        let configuration = |rule: Rule| {
            aws::S3BucketServerSideEncryptionConfiguration::new("this", bucket.id(), rule)
        };
        match self {
            Self::S3Managed(why) => {
                let key = Default::new("AES256");
                let rule = Rule::new().apply_server_side_encryption_by_default(key);
                configuration(rule).comment(why)
            }
            Self::Kms(arn) => {
                let key = Default::new("aws:kms").kms_master_key_id(*arn);
                let rule = Rule::new()
                    .bucket_key_enabled(true)
                    .argument_comment("A bucket key reduces the number of KMS requests.")
                    .apply_server_side_encryption_by_default(key);
                configuration(rule)
            }
        }
    }
}

/// Returns the rule that deletes incomplete uploads after a week.
pub(crate) fn abort_uploads()
-> aws::S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload {
    aws::S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload::new()
        .days_after_initiation(7)
}
