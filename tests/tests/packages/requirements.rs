//! Checks the product requirements through the API, row by row. Numbers and names are written manually from the
//! requirements. The tests do not read them from a module or state.

mod compute;
mod database;
mod identity;
mod network;
mod pipeline;
mod pki;
mod storage;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tfharness::LocalAws;

use crate::facts::{all, list, only, text};
pub(crate) use identity::expect_identity_provider;
pub(crate) use pipeline::{Pipeline, Source};
pub(crate) use pki::Pki;

/// A registry in an account, identified by its prefix.
pub(crate) struct Registry<'a> {
    pub(crate) aws: &'a LocalAws,
    /// Prefix for every name: `skreg` or `skreg-staging`.
    pub(crate) prefix: &'a str,
    /// Repository with permission to push images.
    pub(crate) repository: &'a str,
    /// Location of the keys of the certificate authorities: `hsm` or `software`.
    pub(crate) hsm_backend: &'a str,
    /// Domains, if the registry has any.
    pub(crate) domain: Option<&'a Domain<'a>>,
}

/// Domains for a registry, and their prerequisites.
pub(crate) struct Domain<'a> {
    /// Domain for the CDN.
    pub(crate) cdn: &'a str,
    /// Certificate for the API and the CDN.
    pub(crate) certificate: &'a str,
    /// Web ACL for the CDN.
    pub(crate) web_acl: &'a str,
}

impl Registry<'_> {
    /// Checks every row.
    pub(crate) fn expect_as_required(&self) -> Result<()> {
        all(&[
            ("network", &|| network::expect(self)),
            ("packages", &|| storage::expect_bucket(self)),
            ("CDN", &|| storage::expect_cdn(self)),
            ("access logs", &|| storage::expect_access_logs(self)),
            ("encryption", &|| storage::expect_key(self)),
            ("database", &|| database::expect(self)),
            ("connection URL", &|| {
                database::expect_connection(self).map(drop)
            }),
            ("PKI", &|| self.pki()?.expect_as_required()),
            ("repositories", &|| compute::expect_repositories(self)),
            ("cluster and services", &|| compute::expect_services(self)),
            ("load balancer", &|| compute::expect_load_balancer(self)),
            ("log groups", &|| compute::expect_log_groups(self)),
            ("CI identity", &|| expect_identity_provider(self.aws)),
        ])
    }

    /// Returns the database password, after checking that the secret, the connection URL, and the database agree.
    pub(crate) fn password(&self) -> Result<String> {
        database::expect_connection(self)
    }

    /// Returns the certificate authorities.
    pub(crate) fn pki(&self) -> Result<Pki<'_>> {
        let host = match self.domain {
            Some(domain) => domain.cdn.to_owned(),
            None => text(&self.distribution()?, "/DomainName")?,
        };
        Ok(Pki {
            aws: self.aws,
            secrets: format!("{}/pki", self.prefix),
            named: "skreg",
            signing: ["Package Signing", "package-signing-key"],
            hsm_backend: self.hsm_backend,
            bucket: self.bucket(),
            url: format!("http://{host}/.well-known"),
        })
    }

    /// Returns the document that contains the root private key or the ARN of its KMS key.
    pub(crate) fn root_key(&self) -> Result<Value> {
        Ok(serde_json::from_str(&self.secret("pki/root-ca-key")?)?)
    }

    /// Returns the VPC.
    pub(crate) fn vpc(&self) -> Result<Value> {
        let named = json!({ "Filter": [{ "Name": "tag:Name", "Value": [self.prefix] }] });
        only(
            "VPC",
            list(self.aws, "ec2", "DescribeVpcs", named, "vpcSet")?,
        )
    }

    /// Returns the EC2 objects of one kind in the VPC.
    pub(crate) fn in_vpc(&self, action: &str, name: &str) -> Result<Vec<Value>> {
        let vpc = text(&self.vpc()?, "/vpcId")?;
        let found = list(self.aws, "ec2", action, Value::Null, name)?;
        Ok(found
            .into_iter()
            .filter(|one| one["vpcId"] == vpc.as_str())
            .collect())
    }

    /// Returns the current value of a secret.
    pub(crate) fn secret(&self, name: &str) -> Result<String> {
        let id = json!({ "SecretId": format!("{}/{name}", self.prefix) });
        text(
            &self.aws.call("secretsmanager", "GetSecretValue", id)?,
            "/SecretString",
        )
    }

    /// Returns the ARN and metadata of a secret.
    pub(crate) fn secret_facts(&self, name: &str) -> Result<Value> {
        let id = json!({ "SecretId": format!("{}/{name}", self.prefix) });
        Ok(self.aws.call("secretsmanager", "DescribeSecret", id)?)
    }

    /// Returns the ARN of the KMS key.
    pub(crate) fn key_arn(&self) -> Result<String> {
        let id = json!({ "KeyId": format!("alias/{}", self.prefix) });
        text(
            &self.aws.call("kms", "DescribeKey", id)?,
            "/KeyMetadata/Arn",
        )
    }

    /// Returns the database.
    pub(crate) fn database(&self) -> Result<Value> {
        let id = json!({ "DBInstanceIdentifier": self.prefix });
        only(
            "database",
            list(self.aws, "rds", "DescribeDBInstances", id, "DBInstances")?,
        )
    }

    /// Returns the service with the specified short name, and its task definition.
    pub(crate) fn service(&self, name: &str) -> Result<(Value, Value)> {
        let parameters =
            json!({ "cluster": self.prefix, "services": [format!("{}-{name}", self.prefix)] });
        let found = list(self.aws, "ecs", "DescribeServices", parameters, "services")?;
        let service = only("service", found)?;
        let id = json!({ "taskDefinition": service["taskDefinition"] });
        let definition = self.aws.call("ecs", "DescribeTaskDefinition", id)?;
        Ok((service, definition["taskDefinition"].clone()))
    }

    /// Returns the load balancer.
    pub(crate) fn load_balancer(&self) -> Result<Value> {
        let named = json!({ "Names": [self.prefix] });
        let action = "DescribeLoadBalancers";
        only(
            "load balancer",
            list(
                self.aws,
                "elasticloadbalancing",
                action,
                named,
                "LoadBalancers",
            )?,
        )
    }

    /// Returns the distribution for the packages.
    pub(crate) fn distribution(&self) -> Result<Value> {
        let all = self.aws.get("cloudfront", "/2020-05-31/distribution")?;
        let all = all["Items"].as_array().context("distributions")?.clone();
        let comment = format!("Packages of {}.", self.prefix);
        let own = all
            .into_iter()
            .filter(|one| one["Comment"] == comment.as_str());
        only("distribution", own.collect())
    }

    /// Returns the name of the package bucket.
    pub(crate) fn bucket(&self) -> String {
        format!("{}-packages-{}", self.prefix, self.aws.id())
    }
}
