//! Stores that the stages share: the bucket for artifacts and the repository for images.

use aws_blocks as aws;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local};

use super::{Common, Inputs};
use crate::aws::fragments::image_repositories::ImageRepositories;
use crate::aws::fragments::private_bucket::{Encryption, Ownership, PrivateBucket, abort_uploads};
use crate::aws::policy::{deny_without_tls, document};

/// Key of the image repository, which ends its name.
const REPOSITORY: &str = "app";

/// References to the stores.
pub(super) struct Stores {
    pub(super) bucket: aws::S3BucketReference,
    pub(super) repository_arn: Expr<Str>,
    pub(super) repository_url: Expr<Str>,
}

/// Declares the stores.
pub(super) fn stores(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    key: &Local<Str>,
) -> Stores {
    m.file("artifacts");
    let name = template([
        (&common.prefix).into(),
        "-artifacts-".into(),
        (&common.account).into(),
    ]);
    let artifacts = PrivateBucket {
        bucket: aws::S3Bucket::new("this")
            .bucket(name)
            .force_destroy(&inputs.force_destroy)
            .tags(&inputs.tags)
            .argument_comment(
                "checkov:skip=CKV_AWS_18:Only the roles of the pipeline use the bucket, and its objects expire.",
            ),
        ownership: Ownership::Enforced,
        encryption: Encryption::Kms(key),
        versioning_comment: Some("CodePipeline identifies an artifact by its version."),
        rules: rules(inputs),
    }
    .declare(m);
    m.resource(
        aws::S3BucketPolicy::new(
            "this",
            artifacts.bucket.id(),
            document([deny_without_tls(&artifacts.bucket.arn())]),
        )
        .depends_on(&artifacts.access_block),
    );
    m.file("images");
    let repositories = ImageRepositories {
        services: toset::<Str>(vec![REPOSITORY]),
        kms_key_arn: key,
        force_delete: &inputs.force_destroy,
        images_kept: &inputs.images_kept,
    }
    .declare(m, &common.own);
    let repository = repositories.get(REPOSITORY);
    Stores {
        bucket: artifacts.bucket,
        repository_arn: repository.arn(),
        repository_url: repository.repository_url(),
    }
}

/// Returns the retention rules: artifacts and their noncurrent versions expire after the same period.
fn rules(inputs: &Inputs<Declared>) -> Vec<aws::S3BucketLifecycleConfigurationRule> {
    let rule = |id: &str| {
        aws::S3BucketLifecycleConfigurationRule::new(id, "Enabled")
            .filter(aws::S3BucketLifecycleConfigurationRuleFilter::new())
    };
    let days = &inputs.artifact_retention_days;
    vec![
        rule("abort-uploads").abort_incomplete_multipart_upload(abort_uploads()),
        rule("expire-artifacts")
            .expiration(aws::S3BucketLifecycleConfigurationRuleExpiration::new().days(days))
            .noncurrent_version_expiration(
                aws::S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration::new(days),
            ),
    ]
}
