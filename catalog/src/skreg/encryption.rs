//! One key for everything that is stored, and who may use it without a role of the account.

use aws_blocks as aws;
use aws_blocks::data;
use tfmodgen::Local;
use tfmodgen::prelude::*;

use super::Inputs;
use super::policy::{allow, document};

/// The key.
pub(super) fn key(
    m: &mut Module,
    inputs: &Inputs,
    prefix: &Local<Str>,
    account: &Expr<Str>,
) -> aws::KmsKeyReference {
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
            "kms:Describe*",
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
            .tags(&inputs.tags),
    );
    m.resource(
        aws::KmsAlias::new("this", key.key_id()).name(template(["alias/".into(), prefix.into()])),
    );
    key
}
