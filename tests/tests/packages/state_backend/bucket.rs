//! "State backend": the rows of the requirements, through the API.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::LocalAws;

use crate::facts::{all, expect as same};

/// A state bucket, identified by its name.
pub(super) struct Bucket<'a> {
    pub(super) aws: &'a LocalAws,
    pub(super) name: String,
    /// ARN of a customer managed key.
    pub(super) key: Option<&'a str>,
    pub(super) retention_days: u32,
    pub(super) protected: bool,
}

impl Bucket<'_> {
    /// Checks every row.
    pub(super) fn expect_as_required(&self) -> Result<()> {
        all(&[
            ("region", &|| self.expect_region()),
            ("encryption and bucket key", &|| self.expect_encryption()),
            ("public access", &|| self.expect_private()),
            ("versions", &|| self.expect_versions()),
            ("policy", &|| self.expect_policy()),
        ])
    }

    fn of(&self, what: &str) -> Result<Value> {
        Ok(self.aws.get("s3", &format!("/{}?{what}", self.name))?)
    }

    /// Buckets in us-east-1 have no location (API Reference, GetBucketLocation), and CreateBucket does not accept this region
    /// as a constraint.
    fn expect_region(&self) -> Result<()> {
        let found = self.of("location")?;
        let expected = match self.aws.region() {
            "us-east-1" => "",
            other => other,
        };
        let found = found
            .as_str()
            .or_else(|| found["#text"].as_str())
            .unwrap_or_default();
        ensure!(found == expected, "the bucket is in {found:?}");
        Ok(())
    }

    fn expect_encryption(&self) -> Result<()> {
        let mut default = json!({ "SSEAlgorithm": "aws:kms" });
        if let Some(key) = self.key {
            default["KMSMasterKeyID"] = json!(key);
        }
        let expected = json!({ "Rule": [{
            "ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": "true",
        }] });
        same("encryption", &self.of("encryption")?, &expected)
    }

    fn expect_private(&self) -> Result<()> {
        let expected = json!({
            "BlockPublicAcls": "true", "BlockPublicPolicy": "true",
            "IgnorePublicAcls": "true", "RestrictPublicBuckets": "true",
        });
        same(
            "public access block",
            &self.of("publicAccessBlock")?,
            &expected,
        )?;
        let expected = json!({ "Rule": [{ "ObjectOwnership": "BucketOwnerEnforced" }] });
        same("ownership", &self.of("ownershipControls")?, &expected)
    }

    fn expect_versions(&self) -> Result<()> {
        let status = self.of("versioning")?;
        same("versioning", &status["Status"], &json!("Enabled"))?;
        let rules = self.of("lifecycle")?;
        let rules = rules["Rule"].as_array().context("rules")?;
        let days: Vec<_> = rules
            .iter()
            .filter_map(|rule| rule.pointer("/NoncurrentVersionExpiration/NoncurrentDays"))
            .collect();
        let expected = json!(self.retention_days.to_string());
        ensure!(days == [&expected], "noncurrent versions: {days:?}");
        // The current version of a state never expires.
        let expires = rules
            .iter()
            .any(|rule| rule.pointer("/Expiration/Days").is_some());
        ensure!(!expires, "a rule deletes current versions: {rules:?}");
        Ok(())
    }

    fn expect_policy(&self) -> Result<()> {
        let arn = format!("arn:aws:s3:::{}", self.name);
        let resources = json!([arn, format!("{arn}/*")]);
        let mut statements = vec![json!({
            "Sid": "DenyInsecureTransport", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": resources, "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        })];
        if self.protected {
            statements.push(json!({
                "Sid": "DeletionProtection", "Effect": "Deny", "Principal": "*",
                "Action": ["s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:DeleteObjectVersion"],
                "Resource": resources,
            }));
        }
        same(
            "policy",
            &self.of("policy")?["Statement"],
            &json!(statements),
        )
    }
}
