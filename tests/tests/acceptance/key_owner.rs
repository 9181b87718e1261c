//! Resource types that own a private key, in configurations with one resource each. The issuer is a variable, so that each
//! resource has its own state.

use anyhow::Result;
use serde_json::Value;
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws, Workspace};

/// A resource that owns a private key.
#[derive(Clone, Copy)]
pub(crate) struct KeyOwner {
    /// Resource type.
    pub(crate) kind: &'static str,
    /// Name of the secret that contains the key.
    pub(crate) secret: &'static str,
    /// Arguments in addition to `secrets_manager`, `key_algorithm`, `deletion_protection`, and `tags`.
    arguments: &'static str,
}

pub(crate) const ROOT: KeyOwner = KeyOwner {
    kind: "skreg_pki_root_ca",
    secret: "owner/root",
    arguments: r#"
      subject       = { common_name = "Owner" }
      validity_days = 3650
    "#,
};

pub(crate) const INTERMEDIATE: KeyOwner = KeyOwner {
    kind: "skreg_pki_intermediate_ca",
    secret: "owner/issuing",
    arguments: r#"
      subject       = { common_name = "Owner" }
      signed_by     = var.issuer
      validity_days = 365
    "#,
};

pub(crate) const CERTIFICATE: KeyOwner = KeyOwner {
    kind: "skreg_pki_certificate",
    secret: "owner/server",
    arguments: r#"
      issuer              = var.issuer
      allow_root_issuance = true
      dns_names           = ["www.example.com"]
      extended_key_usage  = ["server_auth"]
      validity_hours      = 24
    "#,
};

/// Every resource type that owns a private key.
pub(crate) const ALL: [KeyOwner; 3] = [ROOT, INTERMEDIATE, CERTIFICATE];

/// Variables of a module with one resource.
const VARIABLES: &str = r#"
    terraform {
      required_providers { skreg = { source = "skreg/skreg" } }
    }
    variable "issuer" {
      type    = any
      default = null
    }
    variable "key_algorithm" { default = "ECDSA_P256" }
    variable "tags" {
      type    = map(string)
      default = {}
    }
"#;

/// Secret of the issuer.
pub(crate) const ISSUER_SECRET: &str = "owner/issuer";

/// The issuer, in a configuration of its own.
const ISSUER: &str = r#"
    terraform {
      required_providers { skreg = { source = "skreg/skreg" } }
    }
    resource "skreg_pki_root_ca" "this" {
      subject             = { common_name = "Issuer" }
      key_algorithm       = "ECDSA_P384"
      validity_days       = 3650
      usage               = ["sign_ca", "sign_leaf"]
      deletion_protection = false
      secrets_manager     = { name = "owner/issuer", recovery_window_in_days = 0 }
    }
    output "issuer" { value = skreg_pki_root_ca.this.issuer }
"#;

impl KeyOwner {
    /// Returns the address of the resource.
    pub(crate) fn address(&self) -> String {
        format!("{}.this", self.kind)
    }

    /// Returns a module with the resource.
    pub(crate) fn module(&self) -> String {
        [VARIABLES, &self.block()].concat()
    }

    /// Returns the same module without the resource.
    pub(crate) fn module_without_block() -> String {
        VARIABLES.to_owned()
    }

    fn block(&self) -> String {
        format!(
            r#"
            resource "{}" "this" {{
              {}
              key_algorithm       = var.key_algorithm
              deletion_protection = true
              tags                = var.tags
              secrets_manager     = {{ name = "{}" }}
            }}
            "#,
            self.kind, self.arguments, self.secret
        )
    }

    /// Returns a configuration with the resource, below an issuer.
    pub(crate) fn workspace(&self, cli: &Cli, aws: &LocalAws, issuer: &Issuer) -> Workspace {
        Workspace::inline(self.module())
            .cli(cli)
            .aws(aws)
            .var("issuer", issuer.object.clone())
    }
}

/// The issuer of the certificates, which exists before them.
pub(crate) struct Issuer {
    /// The attribute `issuer`.
    pub(crate) object: Value,
    _stack: Stack,
}

impl Issuer {
    /// Creates the issuer.
    pub(crate) fn create(cli: &Cli, aws: &LocalAws) -> Result<Self> {
        let stack = Workspace::inline(ISSUER).cli(cli).aws(aws).apply()?;
        Ok(Self {
            object: stack.output("issuer")?,
            _stack: stack,
        })
    }
}
