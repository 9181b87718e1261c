//! Creates the certificates and revocation lists with one apply, and reads them from Secrets Manager and S3. Must not verify
//! them.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tfharness::{Cli, LocalAws, Workspace};

use super::path::Path;
use super::verifiers::Verdict;
use crate::authority::Authority;
use crate::infrastructure::text;

const CONFIGURATION: &str = include_str!("main.tf");

/// Algorithms of the authorities, and of the server certificate.
#[derive(Clone, Copy)]
pub(super) struct Algorithms {
    /// `key_algorithm` of the authorities.
    pub(super) key: &'static str,
    /// `signature_algorithm` of the authorities.
    pub(super) signature: &'static str,
    /// `key_algorithm` of the server certificate.
    leaf: &'static str,
    /// `KeySpec` of the KMS keys of the authorities.
    specification: &'static str,
    /// `KeySpec` of the KMS key of the server certificate.
    leaf_specification: &'static str,
}

/// Returns a row for an RSA key. The server certificate has an RSA-2048 key, which only end entities can have.
const fn rsa(key: &'static str, signature: &'static str) -> Algorithms {
    Algorithms {
        key,
        signature,
        leaf: "RSA_2048",
        specification: key,
        leaf_specification: "RSA_2048",
    }
}

const fn other(
    key: &'static str,
    signature: &'static str,
    specification: &'static str,
) -> Algorithms {
    Algorithms {
        key,
        signature,
        leaf: key,
        specification,
        leaf_specification: specification,
    }
}

/// Every key algorithm of authorities with every signature algorithm.
pub(super) const ROWS: [Algorithms; 10] = [
    rsa("RSA_4096", "SHA256WITHRSA"),
    rsa("RSA_4096", "SHA384WITHRSA"),
    rsa("RSA_4096", "SHA512WITHRSA"),
    rsa("RSA_3072", "SHA256WITHRSA"),
    rsa("RSA_3072", "SHA384WITHRSA"),
    rsa("RSA_3072", "SHA512WITHRSA"),
    other("ECDSA_P256", "SHA256WITHECDSA", "ECC_NIST_P256"),
    other("ECDSA_P384", "SHA384WITHECDSA", "ECC_NIST_P384"),
    other("ECDSA_P521", "SHA512WITHECDSA", "ECC_NIST_P521"),
    other("ED25519", "ED25519", "ECC_NIST_EDWARDS25519"),
];

/// Locations of the keys.
const STORES: [&str; 2] = ["secrets_manager", "kms"];

/// A root, an intermediate authority, two server certificates, and two revocation lists in PEM format.
pub(super) struct Hierarchy {
    /// Name in the configuration.
    pub(super) name: String,
    pub(super) algorithms: Algorithms,
    /// Location of the keys.
    pub(super) store: &'static str,
    pub(super) root: String,
    pub(super) intermediate: String,
    pub(super) server: String,
    pub(super) revoked: String,
    /// Revocation list of the root.
    pub(super) root_list: String,
    /// Revocation list of the intermediate authority.
    pub(super) list: String,
    /// Another certificate of the intermediate authority, signed by a root whose constraints exclude the server.
    pub(super) cross: String,
    /// The root that excludes the server.
    pub(super) constrained: String,
    /// Revocation list of the root that excludes the server.
    pub(super) constrained_list: String,
}

impl Hierarchy {
    /// Creates a hierarchy for every row and store.
    pub(super) fn create_all(cli: &Cli, aws: &LocalAws) -> Result<Vec<Self>> {
        let bucket = format!("paths-{}", aws.id());
        aws.s3().create_bucket(&bucket)?;
        let mut keys = Keys::new(aws);
        let mut variable = BTreeMap::new();
        for (row, store) in combinations() {
            let kms = match store {
                "kms" => keys.of(&row)?,
                _ => Value::Null,
            };
            let arguments = json!({
                "key_algorithm": row.key, "signature_algorithm": row.signature, "leaf_algorithm": row.leaf, "kms": kms,
            });
            variable.insert(name(&row, store), arguments);
        }
        let stack = Workspace::inline(CONFIGURATION)
            .cli(cli)
            .aws(aws)
            .var("bucket", bucket.as_str())
            .var("hierarchies", json!(variable))
            .apply()?;
        let crosses: BTreeMap<String, String> = stack.output("cross_certificates")?;
        let certificate = |secret: &str| -> Result<String> {
            let read = Authority::read(aws, secret)?;
            Ok(read.certificate_pem()?.to_owned())
        };
        let list = |key: &str| aws.s3().get(&bucket, key);
        let (constrained, constrained_list) = (
            certificate("constrained/root")?,
            list("constrained/root.pem")?,
        );
        combinations()
            .map(|(algorithms, store)| {
                let name = name(&algorithms, store);
                let cross = crosses
                    .get(&name)
                    .context("a cross-certificate is missing")?;
                Ok(Self {
                    algorithms,
                    store,
                    root: certificate(&format!("{name}/root"))?,
                    intermediate: certificate(&format!("{name}/issuing"))?,
                    server: certificate(&format!("{name}/server"))?,
                    revoked: certificate(&format!("{name}/revoked"))?,
                    root_list: list(&format!("{name}/root.pem"))?,
                    list: list(&format!("{name}/issuing.pem"))?,
                    cross: cross.clone(),
                    constrained: constrained.clone(),
                    constrained_list: constrained_list.clone(),
                    name,
                })
            })
            .collect()
    }

    /// Returns a valid path, and paths that every verifier must reject.
    pub(super) fn paths(&self, foreign: &Self) -> Result<Vec<Path>> {
        let valid = Path {
            name: String::new(),
            hierarchy: self.name.clone(),
            expected: Verdict::Valid,
            anchor: self.root.clone(),
            intermediate: self.intermediate.clone(),
            certificate: self.server.clone(),
            lists: [self.root_list.clone(), self.list.clone()],
            time: Path::now()?,
        };
        let paths = [
            ("valid", valid.clone()),
            (
                "revoked",
                Path {
                    expected: Verdict::Revoked,
                    certificate: self.revoked.clone(),
                    ..valid.clone()
                },
            ),
            (
                "expired",
                // The revocation lists are still valid after 30 hours.
                Path {
                    expected: Verdict::Expired,
                    time: valid.time + 30 * 60 * 60,
                    ..valid.clone()
                },
            ),
            (
                "excluded name",
                Path {
                    expected: Verdict::NameNotPermitted,
                    anchor: self.constrained.clone(),
                    intermediate: self.cross.clone(),
                    lists: [self.constrained_list.clone(), self.list.clone()],
                    ..valid.clone()
                },
            ),
            (
                "foreign issuer",
                Path {
                    expected: Verdict::UnknownIssuer,
                    certificate: foreign.server.clone(),
                    ..valid
                },
            ),
        ];
        Ok(paths
            .map(|(name, path)| Path {
                name: format!("{}, {name}", self.name),
                ..path
            })
            .into())
    }
}

fn combinations() -> impl Iterator<Item = (Algorithms, &'static str)> {
    ROWS.into_iter()
        .flat_map(|row| STORES.map(|store| (row, store)))
}

fn name(row: &Algorithms, store: &str) -> String {
    format!("{}-{}-{store}", row.key, row.signature).to_lowercase()
}

/// KMS keys by specification and purpose. Rows that differ only in the signature algorithm share their keys.
struct Keys<'a> {
    aws: &'a LocalAws,
    created: BTreeMap<(&'static str, &'static str), String>,
}

impl<'a> Keys<'a> {
    fn new(aws: &'a LocalAws) -> Self {
        Self {
            aws,
            created: BTreeMap::new(),
        }
    }

    fn of(&mut self, row: &Algorithms) -> Result<Value> {
        Ok(json!({
            "root": self.key(row.specification, "root")?,
            "intermediate": self.key(row.specification, "intermediate")?,
            "leaf": self.key(row.leaf_specification, "leaf")?,
        }))
    }

    fn key(&mut self, specification: &'static str, purpose: &'static str) -> Result<String> {
        if let Some(arn) = self.created.get(&(specification, purpose)) {
            return Ok(arn.clone());
        }
        let request = json!({ "KeySpec": specification, "KeyUsage": "SIGN_VERIFY" });
        let arn = text(
            &self.aws.call("kms", "CreateKey", request)?,
            "/KeyMetadata/Arn",
        )?;
        self.created.insert((specification, purpose), arn.clone());
        Ok(arn)
    }
}
