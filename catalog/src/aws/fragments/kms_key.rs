//! KMS keys with an alias. A key is created unless the module's caller specifies an existing key.

use aws_blocks as aws;
use aws_blocks::data;
use tfmodgen::Local;
use tfmodgen::prelude::*;

use crate::aws::policy::{Statement, allow, deny_key_deletion, document};

/// Settings for a key. The resources have the label `this`.
pub(crate) struct KmsKey<'a> {
    /// Alias for the key, without the prefix `alias/`.
    pub(crate) alias: &'a Expr<Str>,
    /// Description of the key.
    pub(crate) description: Expr<Str>,
    /// Comment above the key.
    pub(crate) comment: &'a str,
    /// ARN of an existing key. Null to create a key.
    pub(crate) given: &'a Expr<Str>,
    /// Waiting period before a key is deleted, in days.
    pub(crate) deletion_window: Expr<Num>,
    /// Additional policy statements. The first statement grants the account access to the key.
    pub(crate) statements: Vec<Statement>,
    /// Whether to prevent deletion of the key. `None` if the key never is protected.
    pub(crate) deletion_protection: Option<&'a Expr<Bool>>,
    /// Tags for the key.
    pub(crate) tags: &'a Expr<Map<Str>>,
}

/// Builds ARNs and principals for the account and region that the module is applied to.
pub(crate) struct Place {
    partition: data::PartitionReference,
    region: data::RegionReference,
    account_id: Expr<Str>,
}

impl Place {
    /// Declares the data sources.
    pub(crate) fn declare(m: &mut Module, account_id: &Expr<Str>) -> Self {
        Self {
            partition: m.data(data::Partition::new("current")),
            region: m.data(data::Region::new("current")),
            account_id: account_id.clone(),
        }
    }

    /// Returns the partition.
    pub(crate) fn partition(&self) -> Expr<Str> {
        self.partition.partition()
    }

    /// Returns an ARN in the account, without a region.
    pub(crate) fn global_arn(&self, service: &str, resource: &str) -> Expr<Str> {
        self.arn(service, "".into(), resource)
    }

    /// Returns an ARN in the account and region.
    pub(crate) fn regional_arn(&self, service: &str, resource: &str) -> Expr<Str> {
        self.arn(service, self.region.id().into(), resource)
    }

    fn arn(&self, service: &str, region: TemplatePart, resource: &str) -> Expr<Str> {
        template([
            "arn:".into(),
            self.partition.partition().into(),
            format!(":{service}:").into(),
            region,
            ":".into(),
            (&self.account_id).into(),
            resource.into(),
        ])
    }

    /// Returns the statement that allows CloudWatch Logs to encrypt the log groups in the account and region. Source:
    /// "Encrypt log data in CloudWatch Logs using AWS KMS", CloudWatch Logs user guide.
    pub(crate) fn log_groups(&self) -> Statement {
        let service = template([
            "logs.".into(),
            self.region.id().into(),
            ".".into(),
            self.partition.dns_suffix().into(),
        ]);
        allow([
            "kms:Decrypt*",
            "kms:Encrypt*",
            "kms:GenerateDataKey*",
            "kms:ReEncrypt*",
        ])
        .named("Logs")
        .by("Service", service)
        .on("*")
        .provided(
            "ArnLike",
            "kms:EncryptionContext:aws:logs:arn",
            self.regional_arn("logs", ":log-group:*"),
        )
    }
}

impl Place {
    /// Returns the statement that allows the CloudFront distributions in the account to decrypt objects in buckets.
    /// Source: "Restrict access to an Amazon S3 origin", section "SSE-KMS", CloudFront developer guide.
    /// Its statement has only the condition `aws:SourceArn`, which contains the account. The guide does not document that the
    /// service sends `aws:SourceAccount`.
    pub(crate) fn distributions(&self) -> Statement {
        allow("kms:Decrypt")
            .named("Cdn")
            .by("Service", "cloudfront.amazonaws.com")
            .on("*")
            .provided(
                "ArnLike",
                "aws:SourceArn",
                self.global_arn("cloudfront", ":distribution/*"),
            )
    }
}

impl KmsKey<'_> {
    /// Declares the key and returns its ARN, or returns the ARN of the existing key. `account` is the ARN of the account
    /// principal.
    pub(crate) fn declare(self, m: &mut Module, account: Expr<Str>) -> Local<Str> {
        let account = allow("kms:*").named("Account").by("AWS", account).on("*");
        let protection = self.deletion_protection.map(deny_key_deletion);
        let statements = [account].into_iter().chain(self.statements);
        let key = m.resource(
            aws::KmsKey::new("this")
                .comment(self.comment)
                .description(self.description)
                .enable_key_rotation(true)
                .deletion_window_in_days(self.deletion_window)
                .policy(document(statements.chain(protection)))
                .tags(self.tags)
                .when(self.given.is_null()),
        );
        m.resource(
            aws::KmsAlias::new("this", key.assumed().key_id())
                .name(template(["alias/".into(), self.alias.into()]))
                .when(self.given.is_null()),
        );
        m.local(
            "kms_key_arn",
            conditional(self.given.is_null(), key.one(|key| key.arn()), self.given),
        )
    }
}
