//! One key for everything that is stored, and who may use it without a role of the account.

use aws_blocks as aws;
use aws_blocks::data;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local, Variable};

use super::Inputs;
use super::inputs::own_kms_key_arn;
use super::policy::{allow, document};

/// The key.
pub(super) fn key(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    prefix: &Local<Str>,
    account: &Expr<Str>,
) -> Local<Str> {
    let given = &inputs.kms_key_arn;
    m.file("encryption");
    let partition = m.data(data::Partition::new("current"));
    let region = m.data(data::Region::new("current"));
    let arn = |service: &str, region: TemplatePart, resource: &str| {
        template([
            "arn:".into(),
            partition.partition().into(),
            format!(":{service}:").into(),
            region,
            ":".into(),
            account.into(),
            resource.into(),
        ])
    };
    let policy = document([
        allow("kms:*")
            .named("Account")
            .by("AWS", arn("iam", "".into(), ":root"))
            .on("*"),
        allow([
            "kms:Decrypt*",
            "kms:Encrypt*",
            "kms:GenerateDataKey*",
            "kms:ReEncrypt*",
        ])
        .named("Logs")
        .by(
            "Service",
            template([
                "logs.".into(),
                region.id().into(),
                ".".into(),
                partition.dns_suffix().into(),
            ]),
        )
        .on("*")
        .provided(
            "ArnLike",
            "kms:EncryptionContext:aws:logs:arn",
            arn("logs", region.id().into(), ":log-group:*"),
        ),
        allow("kms:Decrypt")
            .named("Cdn")
            .by("Service", "cloudfront.amazonaws.com")
            .on("*")
            .provided(
                "ArnLike",
                "aws:SourceArn",
                arn("cloudfront", "".into(), ":distribution/*"),
            ),
    ]);
    let key = m.resource(
        aws::KmsKey::new("this")
            .comment("The policy names the distributions of the account and not the one of the packages, which cannot be there before its bucket and its key.")
            .description(template(["Everything that ".into(), prefix.into(), " stores.".into()]))
            .enable_key_rotation(true)
            .deletion_window_in_days(conditional(&inputs.force_destroy, 7, 30))
            .policy(policy)
            .tags(&inputs.tags)
            .when(given.is_null()),
    );
    m.resource(
        aws::KmsAlias::new("this", key.assumed().key_id())
            .name(template(["alias/".into(), prefix.into()]))
            .when(given.is_null()),
    );
    m.local(
        "kms_key_arn",
        conditional(given.is_null(), key.one(|key| key.arn()), &**given),
    )
}

/// A key that outlives the registry.
pub(super) fn kms_key_arn(input: NewInput<'_>) -> Variable<Str> {
    own_kms_key_arn(
        input,
        "ARN of a KMS key that outlives the registry, known when planning, with the statements Logs and Cdn of encryption.tf in its policy. Defaults to a new key, which a destroy schedules for deletion, and to the AWS managed key of RDS for the database. Set it before the first apply: what encrypts a database cannot be changed.",
    )
}
