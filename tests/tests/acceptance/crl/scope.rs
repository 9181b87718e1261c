//! Lists that cover only some certificates of an authority: by kind of certificate, and by distribution point. OpenSSL must
//! use each list only for the certificates that it covers.

use std::path::Path;

use super::*;

/// Extensions of a certificate authority.
const AUTHORITY: [&str; 2] = [
    "basicConstraints=critical,CA:TRUE,pathlen:0",
    "keyUsage=critical,keyCertSign,cRLSign",
];

/// Result of a check with OpenSSL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Valid,
    Revoked,
    /// No list covers the certificate.
    Uncovered,
}

/// Certificates of an authority, and the lists that verifiers have.
struct Verifier {
    directory: TempDir,
    key_pem: String,
}

impl Verifier {
    fn new(aws: &LocalAws) -> Result<Self> {
        let authority = Authority::read(aws, SECRET)?;
        let directory = tempfile::tempdir()?;
        std::fs::write(
            directory.path().join("root.pem"),
            authority.certificate_pem()?,
        )?;
        let key_pem = authority.key_pem()?.to_owned();
        Ok(Self { directory, key_pem })
    }

    fn file(&self, name: &str, text: &str) -> Result<String> {
        let path = self.directory.path().join(name);
        std::fs::write(&path, text)?;
        Ok(utf8(&path)?.to_owned())
    }

    /// Signs a certificate, and checks its revocation with the specified lists.
    fn check(&self, lists: &str, serial: &str, extensions: &[&str]) -> Result<Found> {
        let root = utf8(&Path::new(self.directory.path()).join("root.pem"))?.to_owned();
        let signed = sign(&root, &self.key_pem, serial, extensions)?;
        let (list, target) = (
            self.file("lists.pem", lists)?,
            self.file("target.pem", &signed)?,
        );
        let verified = openssl(
            &[
                "verify",
                "-x509_strict",
                "-crl_check",
                "-extended_crl",
                "-CAfile",
                &root,
                "-CRLfile",
                &list,
                &target,
            ],
            "",
        );
        let Err(error) = verified else {
            return Ok(Found::Valid);
        };
        let text = format!("{error:#}");
        match (
            text.contains("certificate revoked"),
            text.to_lowercase().contains("crl scope"),
        ) {
            (true, false) => Ok(Found::Revoked),
            (false, true) => Ok(Found::Uncovered),
            _ => Err(error),
        }
    }
}

#[test]
fn scoped_list_is_used_for_its_certificates_only() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut stack = workspace(cli, aws)?
            .var("revoked", revoked(&[BAD]))
            .apply()?;
        let verifier = Verifier::new(aws)?;
        let expect = |flag: &str, expected: [[Found; 2]; 2]| -> Result<()> {
            let list = Published::read(aws)?;
            ensure!(flag.is_empty() || list.text.contains(flag), "{}", list.text);
            let has_point = list.text.contains("Issuing Distribution Point: critical");
            ensure!(has_point != flag.is_empty(), "{}", list.text);
            let pem = std::fs::read_to_string(list.path("crl.pem")?)?;
            for (kind, expected) in [&END_ENTITY, &AUTHORITY].into_iter().zip(expected) {
                let found = [GOOD, BAD].map(|serial| verifier.check(&pem, serial, kind));
                let [good, bad] = found;
                ensure!([good?, bad?] == expected, "{flag}, {kind:?}");
            }
            Ok(())
        };
        let (covered, uncovered) = (
            [Found::Valid, Found::Revoked],
            [Found::Uncovered, Found::Uncovered],
        );
        expect("", [covered, covered])?;
        stack.set_var("scope", "user_only");
        let warned = Saying {
            at: Some("scope"),
            says: &["covers fewer certificates", "another list"],
        };
        expect_warned(&stack, PLAN, &warned)?;
        stack.apply()?;
        expect("Only User Certificates", [covered, uncovered])?;
        stack.set_var("scope", "ca_only");
        stack.apply()?;
        expect("Only CA Certificates", [uncovered, covered])?;
        stack.set_var("scope", "all");
        stack.apply()?;
        expect("", [covered, covered])
    })
}

/// Two lists of one authority, each with two URLs.
const SHARDS: &str = r#"
    terraform {
      required_providers { skreg = { source = "skreg/skreg" } }
    }
    variable "bucket" {}
    variable "revoked" { type = any }
    resource "skreg_pki_crl" "shard" {
      for_each       = var.revoked
      issuer         = local.issuer
      revoked        = each.value
      validity_hours = 168
      on_destroy     = "delete"
      publish        = { bucket = var.bucket, key_der = "${each.key}.crl", key_pem = "${each.key}.pem" }
      issuing_distribution_points = [
        "http://crl.example.com/${each.key}.crl",
        "http://crl.example.org/${each.key}.crl",
      ]
    }
    output "numbers" { value = [for list in skreg_pki_crl.shard : list.crl_number] }
"#;

#[test]
fn sharded_lists_are_used_by_distribution_point() -> Result<()> {
    with_one_cli(|cli, aws| {
        aws.s3().create_bucket(&bucket(aws))?;
        let shards = json!({ "one": revoked(&[BAD]), "two": {} });
        let stack = Workspace::inline([SHARDS, ROOT].concat())
            .cli(cli)
            .aws(aws)
            .var("bucket", bucket(aws))
            .var("revoked", shards)
            .apply()?;
        let list = |shard: &str| aws.s3().get(&bucket(aws), &format!("{shard}.pem"));
        let (one, two) = (list("one")?, list("two")?);
        let both = format!("{one}{two}");
        let verifier = Verifier::new(aws)?;
        let at = |lists: &str, serial: &str, host: &str, shard: &str| {
            let point = format!("crlDistributionPoints=URI:http://crl.example.{host}/{shard}.crl");
            let [constraints, usage] = END_ENTITY;
            verifier.check(lists, serial, &[constraints, usage, &point])
        };
        for host in ["com", "org"] {
            ensure!(at(&both, BAD, host, "one")? == Found::Revoked, "{host}");
            ensure!(at(&both, GOOD, host, "one")? == Found::Valid, "{host}");
            // The second list does not contain the certificate.
            ensure!(at(&both, BAD, host, "two")? == Found::Valid, "{host}");
            ensure!(at(&two, BAD, host, "one")? == Found::Uncovered, "{host}");
            ensure!(at(&one, GOOD, host, "two")? == Found::Uncovered, "{host}");
        }
        ensure!(at(&both, GOOD, "net", "one")? == Found::Uncovered);
        // Without a distribution point, a certificate belongs to no shard.
        ensure!(verifier.check(&both, GOOD, &END_ENTITY)? == Found::Uncovered);
        stack.expect_empty_plan()?;
        Ok(())
    })
}

#[test]
fn import_of_a_limited_list_needs_no_change() -> Result<()> {
    with_one_cli(|cli, aws| {
        let urls = [
            "http://crl.example.com/1.crl",
            "http://crl.example.org/1.crl",
        ];
        let stack = workspace(cli, aws)?
            .var("scope", "user_only")
            .var("issuing_distribution_points", json!(urls))
            .var("publish", json!({ "cache_control": "max-age=60" }))
            .var("revoked", revoked(&[BAD]))
            .var("on_destroy", "retain")
            .apply()?;
        stack.succeed(&["state", "rm", ADDRESS])?;
        let arn = Authority::arn_of(aws, SECRET)?;
        let id = format!("secretsmanager:{arn}|s3://{}/{DER}", bucket(aws));
        stack.import(ADDRESS, &id)?;
        stack.expect_empty_plan()?;
        Ok(())
    })
}

#[test]
fn https_distribution_point_is_refused() -> Result<()> {
    with_one_cli(|cli, aws| {
        let stack = workspace(cli, aws)?
            .var(
                "issuing_distribution_points",
                json!(["https://crl.example.com/1.crl"]),
            )
            .init()?;
        let refused = Saying {
            at: Some("issuing_distribution_points"),
            says: &["http URL"],
        };
        expect_refused(&stack, PLAN, &refused)?;
        Ok(())
    })
}
