//! A bucket for Terraform states on AWS: the package `state-backend`.
//!
//! The bucket policy is the last resource that an apply creates and the first that a destroy operation deletes. With
//! deletion protection, it denies its own deletion, so that a destroy or a replacement fails before it changes the bucket.
//! Source: "Policies and permissions in Amazon S3" and "DeleteBucketPolicy", Amazon S3 documentation. Changes of the policy
//! remain allowed.

use aws_blocks as aws;
use aws_blocks::data;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Package, Variable};

use crate::aws::conventions::{Conventions, MAIN, TARGET, module};
use crate::aws::fragments::private_bucket::{
    Encryption, Ownership, PrivateBucket, PrivateBucketReference, abort_uploads,
};
use crate::aws::inputs::{own_kms_key_arn, short_name, tags};
use crate::aws::mocks::{Mock, mock};
use crate::aws::policy::{Statement, allow, deny, deny_without_tls, document, within};
use crate::state::{
    Argument, backend, default_retention, deletion_protection, retention_days, state_key,
};

/// Package-specific facts for the inputs.
const CONVENTIONS: Conventions = Conventions {
    package: "state-backend",
    noun: ["state bucket", "state buckets"],
    deletion_protection: "",
    force_destroy: "",
};

/// Mocks for module tests.
const MOCKS: [Mock; 2] = [Mock::Bucket, Mock::CallerIdentity];

tfmodgen::inputs! {
    /// Inputs for the package.
    struct Inputs(input) {
        optional name: Str = short_name(
            input,
            "Name of the application or the organization. The name of the bucket starts with it.",
            "skreg",
        ),
        optional environment: Str = environment(input),
        optional state_key: Str = state_key(input, "state-backend.tfstate"),
        optional retention_days: Num = retention_days(input),
        optional kms_key_arn: Str = own_kms_key_arn(
            input,
            &CONVENTIONS,
            "ARN of the KMS key that encrypts the states. The key must exist as long as the bucket. Principals that use a state require `kms:Decrypt` and `kms:GenerateDataKey`. By default, the bucket uses the AWS managed key `aws/s3`.",
        ),
        optional deletion_protection: Bool = deletion_protection(input),
        optional tags: Map<Str> = tags(input),
    }
}

fn environment(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Name of the environment, which is part of the name of the bucket. Use separate values for buckets in two regions of an account.")
        .default("prod")
        .validate(
            |environment| {
                matches("^[a-z0-9](-?[a-z0-9])*$", environment).and(length(environment).at_most(20))
            },
            "Must be 1 to 20 lowercase letters, digits, and single hyphens, and must not start or end with a hyphen.",
        )
        .refuses("")
        .refuses("Prod")
        .refuses("prod-")
        .refuses("prod--eu")
        .refuses("an-environment-name-1")
}

/// Returns the package, which has no parts.
pub(super) fn package() -> Package {
    Package::new(TARGET, root())
}

fn root() -> Part<Inputs, Outputs> {
    let mut m = module(
        CONVENTIONS.package,
        "An S3 bucket for Terraform states, with versioning, a lock file, encryption, and deletion protection.",
    );
    let inputs = Inputs::declare(&mut m);
    m.file(MAIN);
    let account = m.data(data::CallerIdentity::new("current")).account_id();
    let name = m
        .local(
            "bucket_name",
            template([
                (&inputs.name).into(),
                "-".into(),
                (&inputs.environment).into(),
                "-state-".into(),
                account.into(),
            ]),
        )
        .comment("Bucket names are unique in all accounts.");
    m.file("bucket");
    let bucket = bucket(&mut m, &inputs, &name);
    m.file(MAIN);
    mock(&mut m, &CONVENTIONS, &MOCKS);
    m.scenario("name_contains_the_environment_and_the_account", |plan| {
        plan.given(&inputs.name, "a-20-letter-registry")
            .given(&inputs.environment, "a-20-letter-environm")
            .expect(
                name.equals("a-20-letter-registry-a-20-letter-environm-state-123456789012"),
                "The longest name must have at most 63 characters.",
            )
    });
    default_retention(&mut m, &inputs.retention_days);
    let backend = backend([
        ("bucket", Argument::Text(bucket.bucket())),
        ("key", Argument::Text(inputs.state_key.forward())),
        ("region", Argument::Text(bucket.region())),
        ("use_lockfile", Argument::Enabled),
    ]);
    let outputs = Outputs {
        bucket_name: output(bucket.bucket()),
        bucket_arn: output(bucket.arn()),
        region: output(bucket.region()),
        backend: output(backend),
        user_policy: output(user_policy(&inputs, &bucket)),
    };
    Part::new(m, inputs, outputs)
}

/// Declares the bucket and its policy.
fn bucket(m: &mut Module, inputs: &Inputs<Declared>, name: &Expr<Str>) -> aws::S3BucketReference {
    let key = inputs.kms_key_arn.forward();
    let expired = aws::S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration::new(
        &inputs.retention_days,
    );
    let rule = |id: &str| {
        aws::S3BucketLifecycleConfigurationRule::new(id, "Enabled")
            .filter(aws::S3BucketLifecycleConfigurationRuleFilter::new())
    };
    // A run deletes its lock file, and each deletion adds a delete marker.
    let markers =
        aws::S3BucketLifecycleConfigurationRuleExpiration::new().expired_object_delete_marker(true);
    let PrivateBucketReference {
        bucket,
        ownership,
        access_block,
        encryption,
        lifecycle,
    } = PrivateBucket {
        bucket: aws::S3Bucket::new("this")
            .bucket(name)
            .force_destroy(!&*inputs.deletion_protection)
            .tags(&inputs.tags)
            .argument_comment(
                "checkov:skip=CKV_AWS_18:CloudTrail data events can record the access to states.",
            ),
        ownership: Ownership::Enforced,
        encryption: Encryption::Kms(&key),
        versioning_comment: Some("A state can be restored from each of its versions."),
        rules: vec![
            rule("abort-uploads").abort_incomplete_multipart_upload(abort_uploads()),
            rule("expire-earlier-versions")
                .expiration(markers)
                .noncurrent_version_expiration(expired),
        ],
    }
    .declare(m);
    let policy = document([
        deny_without_tls(&bucket.arn()),
        protection(inputs, &bucket.arn()),
    ]);
    m.resource(
        aws::S3BucketPolicy::new("this", bucket.id(), policy)
            .comment("A destroy operation starts with the policy, because the policy depends on all settings of the bucket. With deletion protection, it fails there.")
            .depends_on(&access_block)
            .depends_on(&encryption)
            .depends_on(&lifecycle)
            .depends_on(&ownership),
    );
    bucket
}

/// Returns the statement that protects the bucket and the versions of its objects. Expirations do not require a permission.
/// Source: "Actions, resources, and condition keys for Amazon S3", Service Authorization Reference.
fn protection(inputs: &Inputs<Declared>, bucket: &Expr<Str>) -> Statement {
    deny([
        "s3:DeleteBucket",
        "s3:DeleteBucketPolicy",
        "s3:DeleteObjectVersion",
    ])
    .named("DeletionProtection")
    .by_anyone()
    .on([bucket.clone(), within(bucket, "/*")])
    .when(&inputs.deletion_protection)
}

/// Returns the policy for principals that use the state with the key. They can restore earlier versions, and delete only the
/// lock file. Source: "Backend Type: s3", Terraform documentation: permissions.
fn user_policy(inputs: &Inputs<Declared>, bucket: &aws::S3BucketReference) -> Expr<Str> {
    let key = &inputs.kms_key_arn;
    let object = |suffix: &str| {
        template([
            bucket.arn().into(),
            "/".into(),
            (&inputs.state_key).into(),
            suffix.into(),
        ])
    };
    document([
        allow(["s3:ListBucket", "s3:ListBucketVersions"])
            .named("List")
            .on(bucket.arn()),
        allow(["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"])
            .named("State")
            .on(object("")),
        allow(["s3:DeleteObject", "s3:GetObject", "s3:PutObject"])
            .named("Lock")
            .on(object(".tflock")),
        allow(["kms:Decrypt", "kms:GenerateDataKey"])
            .named("Key")
            .on(&**key)
            .when(&key.is_set()),
    ])
}

tfmodgen::outputs! {
    /// Outputs of the package.
    struct Outputs {
        /// Name of the bucket.
        bucket_name: Str,
        /// ARN of the bucket.
        bucket_arn: Str,
        /// Region of the bucket.
        region: Str,
        /// Block `terraform` with the backend, for the file `backend.tf` of a configuration that stores its state in the bucket.
        backend: Str,
        /// IAM policy, as JSON, with the permissions to use the state with the key `state_key`.
        user_policy: Str,
    }
}
