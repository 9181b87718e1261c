//! The permissions in `templates/guides/permissions.json`, from which the policies in the guide are generated. Every
//! phase of a resource runs while the gateway denies all other calls: a missing permission fails the phase, and a
//! permission that no call uses fails the test.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::gateway::rules::{Rule, Trigger};
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws, Workspace, on};

use crate::infrastructure::text;
use crate::openssl::openssl;
use crate::scenario::{side_by_side, with_one_cli};

const TABLE: &str = include_str!("../../../templates/guides/permissions.json");

/// API operations of the provider, and the names of their actions in the journal.
const OPERATIONS: [(&str, &str); 19] = [
    ("secretsmanager:CreateSecret", "CreateSecret"),
    ("secretsmanager:DeleteSecret", "DeleteSecret"),
    ("secretsmanager:DescribeSecret", "DescribeSecret"),
    ("secretsmanager:GetSecretValue", "GetSecretValue"),
    ("secretsmanager:PutSecretValue", "PutSecretValue"),
    (
        "secretsmanager:RemoveRegionsFromReplication",
        "RemoveRegionsFromReplication",
    ),
    (
        "secretsmanager:ReplicateSecretToRegions",
        "ReplicateSecretToRegions",
    ),
    ("secretsmanager:TagResource", "TagResource"),
    ("secretsmanager:UntagResource", "UntagResource"),
    (
        "secretsmanager:UpdateSecretVersionStage",
        "UpdateSecretVersionStage",
    ),
    ("kms:DescribeKey", "DescribeKey"),
    ("kms:GetPublicKey", "GetPublicKey"),
    ("kms:Sign", "Sign"),
    ("s3:GetObject", "GET /*/*"),
    ("s3:HeadObject", "HEAD /*/*"),
    ("s3:PutObject", "PUT /*/*"),
    ("s3:DeleteObject", "DELETE /*/*"),
    ("s3:ListObjectsV2", "GET /*?list-type"),
    ("s3:ListObjectVersions", "GET /*?versions"),
];

/// Location of the key of a resource.
const STORES: &[&str] = &["software", "kms"];

/// The key is the one in a certificate signing request. The key of the issuer is in Secrets Manager.
const REQUEST: &[&str] = &["request"];

/// Authorities that issue for the resources under test, with keys in both locations, and roots to cross-certify.
const AUTHORITIES: &str = r#"
    terraform {
      required_providers { skreg = { source = "skreg/skreg" } }
    }
    variable "keys" { type = map(string) }
    variable "bucket" { type = string }
    variable "leaves" { type = set(string) }
    resource "skreg_pki_root_ca" "issuer" {
      for_each            = { software = null, kms = { key_arn = var.keys.issuer } }
      subject             = { common_name = "Issuer ${each.key}" }
      key_algorithm       = "ECDSA_P384"
      validity_days       = 3650
      path_length         = 2
      usage               = ["sign_ca", "sign_leaf", "sign_crl"]
      kms                 = each.value
      deletion_protection = false
      secrets_manager     = { name = "issuer/${each.key}-key", recovery_window_in_days = 0 }
    }
    resource "skreg_pki_root_ca" "other" {
      subject             = { common_name = "Other" }
      key_algorithm       = "ECDSA_P384"
      validity_days       = 3650
      deletion_protection = false
      secrets_manager     = { name = "other/root-ca-key", recovery_window_in_days = 0 }
    }
    resource "skreg_pki_certificate" "leaf" {
      for_each            = var.leaves
      issuer              = skreg_pki_root_ca.issuer[each.key].issuer
      allow_root_issuance = true
      dns_names           = ["leaf.example.com"]
      extended_key_usage  = ["server_auth"]
      validity_hours      = 24
      ledger_uri          = "s3://${var.bucket}/ledger"
      secrets_manager     = { name = "leaf/example-key", recovery_window_in_days = 0 }
    }
    output "issuers" { value = { for store, root in skreg_pki_root_ca.issuer : store => root.issuer } }
    output "other" { value = skreg_pki_root_ca.other.issuer }
"#;

const VARIABLES: &str = r#"
    terraform {
      required_providers { skreg = { source = "skreg/skreg" } }
    }
    variable "issuer" { type = any }
    variable "other" { type = any }
    variable "bucket" { type = string }
    variable "key" { type = string }
    variable "request" { type = string }
    variable "revision" { default = 1 }
    variable "tags" {
      type    = map(string)
      default = { team = "pki" }
    }
    variable "regions" {
      type    = set(string)
      default = ["eu-west-1", "us-west-2"]
    }
    locals {
      kms    = var.key == "" ? null : { key_arn = var.key }
      secret = { name = "subject/example-key", recovery_window_in_days = 0, replica_regions = var.regions }
    }
"#;

/// Resource under test.
struct Subject {
    kind: &'static str,
    /// Locations of the key.
    stores: &'static [&'static str],
    /// Arguments. `var.revision` is 1, and 2 in an update.
    arguments: &'static str,
}

const SUBJECTS: [Subject; 8] = [
    Subject {
        kind: "skreg_pki_root_ca",
        stores: STORES,
        arguments: r#"
            subject              = { common_name = "Subject" }
            key_algorithm        = "ECDSA_P384"
            validity_days        = 100
            certificate_revision = var.revision
            kms                  = local.kms
            deletion_protection  = false
            secrets_manager      = local.secret
            tags                 = var.tags
        "#,
    },
    Subject {
        kind: "skreg_pki_intermediate_ca",
        stores: STORES,
        arguments: r#"
            subject              = { common_name = "Subject" }
            signed_by            = var.issuer
            key_algorithm        = "ECDSA_P384"
            validity_days        = 100
            certificate_revision = var.revision
            kms                  = local.kms
            deletion_protection  = false
            secrets_manager      = local.secret
            tags                 = var.tags
        "#,
    },
    Subject {
        kind: "skreg_pki_cross_certificate",
        stores: STORES,
        arguments: r#"
            subject_ca           = var.other
            signed_by            = var.issuer
            validity_days        = 100
            certificate_revision = var.revision
        "#,
    },
    Subject {
        kind: "skreg_pki_certificate",
        stores: STORES,
        arguments: r#"
            issuer              = var.issuer
            allow_root_issuance = true
            dns_names           = ["v${var.revision}.example.com"]
            extended_key_usage  = ["server_auth"]
            key_algorithm       = local.kms == null ? "ECDSA_P256" : "ECDSA_P384"
            validity_hours      = 24
            kms                 = local.kms
            ledger_uri          = "s3://${var.bucket}/ledger"
            secrets_manager     = local.secret
            tags                = var.tags
        "#,
    },
    Subject {
        kind: "skreg_pki_intermediate_ca",
        stores: REQUEST,
        arguments: r#"
            subject              = { common_name = "Subject" }
            signed_by            = var.issuer
            csr_pem              = var.request
            validity_days        = 100
            certificate_revision = var.revision
            deletion_protection  = false
        "#,
    },
    Subject {
        kind: "skreg_pki_certificate",
        stores: REQUEST,
        arguments: r#"
            issuer              = var.issuer
            csr_pem             = var.request
            allow_root_issuance = true
            dns_names           = ["v${var.revision}.example.com"]
            extended_key_usage  = ["server_auth"]
            validity_hours      = 24
            ledger_uri          = "s3://${var.bucket}/ledger"
        "#,
    },
    Subject {
        kind: "skreg_pki_crl",
        stores: STORES,
        arguments: r#"
            issuer         = var.issuer
            validity_hours = 100 * var.revision
            ledger_uri     = "s3://${var.bucket}/ledger"
            on_destroy     = "delete"
            publish        = { bucket = var.bucket, key_der = "published/crl.crl", key_pem = "published/crl.pem" }
        "#,
    },
    Subject {
        kind: "skreg_pki_trust_bundle",
        stores: STORES,
        arguments: r#"
            roots                 = { g1 = { certificate_pem = var.issuer.certificate_pem, status = "active" } }
            min_distribution_days = var.revision
            on_destroy            = "delete"
            publish = {
              bucket         = var.bucket
              cache_control  = "max-age=${var.revision}"
              key_json       = "published/trust-bundle.json"
              key_pem        = "published/trust-bundle.pem"
              key_sha256sums = "published/trust-bundle.sha256"
            }
        "#,
    },
];

/// Permitted calls: API operations by the resource that they refer to.
type Calls = BTreeMap<String, BTreeSet<String>>;

/// Returns the permitted calls of a phase.
fn permitted(kind: &str, phase: &str, store: &str) -> Result<Calls> {
    let table: Value = serde_json::from_str(TABLE)?;
    let calls = &table["types"][kind][phase][store];
    serde_json::from_value(calls.clone()).with_context(|| format!("{kind}, {phase}, {store}"))
}

/// Text in a request by the name of the resource that the request refers to.
fn resources(aws: &LocalAws, keys: &BTreeMap<&str, String>) -> [(&'static str, String); 8] {
    [
        ("secret", "subject/example-key".to_owned()),
        ("issuer_secret", "issuer/".to_owned()),
        ("other_secret", "other/".to_owned()),
        ("kms_key", keys["subject"].clone()),
        ("issuer_kms_key", keys["issuer"].clone()),
        ("objects", format!("{}/published/", bucket(aws))),
        ("ledger", format!("{}/ledger/", bucket(aws))),
        ("bucket", bucket(aws)),
    ]
}

fn bucket(aws: &LocalAws) -> String {
    format!("permissions-{}", aws.id())
}

/// Runs a phase while the gateway denies all calls that are not permitted, and returns the permissions without a call.
fn with_permissions(
    aws: &LocalAws,
    resources: &[(&'static str, String)],
    permitted: &Calls,
    phase: &str,
    run: impl FnOnce() -> Result<()>,
) -> Result<BTreeSet<String>> {
    let mut rules: Vec<(String, bool, Rule)> = Vec::new();
    for (operation, action) in OPERATIONS {
        let (service, _) = operation.split_once(':').context("an operation")?;
        for (resource, text) in resources {
            let allows = permitted
                .get(*resource)
                .is_some_and(|calls| calls.contains(operation));
            let calls = on(service, action).mentioning(text).every();
            let rule = match allows {
                true => calls.before(|| ()),
                false => deny(calls, service),
            };
            rules.push((format!("{resource} {operation}"), allows, rule));
        }
    }
    for service in ["secretsmanager", "kms", "s3"] {
        rules.push((
            format!("{service}:*"),
            false,
            deny(on(service, "*").every(), service),
        ));
    }
    for (_, _, rule) in &rules {
        aws.add_rule(rule);
    }
    let earlier = aws.journal().len();
    let result = run();
    aws.clear_rules();
    let calls = aws.journal().into_iter().skip(earlier);
    let denied: BTreeSet<_> = calls
        .filter(|call| call.rule == Some("failed"))
        .map(|call| format!("{}:{}", call.service, call.action))
        .collect();
    result.with_context(|| format!("denied calls: {denied:?}"))?;
    // A plan checks a KMS key only if it has the permission.
    let optional = |call: &String| phase == "plan" && call.starts_with("kms:");
    ensure!(
        denied.iter().all(optional),
        "the phase succeeds despite missing permissions: {denied:?}"
    );
    let unused = rules
        .iter()
        .filter(|(_, allows, rule)| *allows && rule.fired() == 0);
    Ok(unused.map(|(name, _, _)| name.clone()).collect())
}

fn deny(calls: Trigger, service: &str) -> Rule {
    let message = "User is not authorized to perform this action";
    match service {
        "s3" => calls.fail(403, "AccessDenied", message),
        _ => calls.fail(400, "AccessDeniedException", message),
    }
}

/// Creates a certificate signing request for a new key.
fn request() -> Result<String> {
    let curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];
    let key = openssl(&[&["genpkey"], &curve[..]].concat(), "")?;
    let create = [
        "req",
        "-new",
        "-key",
        "/dev/stdin",
        "-subj",
        "/CN=requested",
    ];
    openssl(&create, &key)
}

/// Returns the import ID of the subject.
fn import_id(subject: &Subject, stack: &Stack, aws: &LocalAws) -> Result<String> {
    let state = stack.show()?;
    let values = &state.resources[&format!("{}.this", subject.kind)].values;
    Ok(match subject.kind {
        "skreg_pki_cross_certificate" => {
            text(values, "/certificate_pem")? + &text(values, "/signed_by/certificate_pem")?
        }
        "skreg_pki_crl" => {
            let secret = text(values, "/issuer/secret_arn")?;
            format!(
                "secretsmanager:{secret}|s3://{}/published/crl.crl",
                bucket(aws)
            )
        }
        "skreg_pki_trust_bundle" => format!("s3://{}/published/trust-bundle.json", bucket(aws)),
        "skreg_pki_intermediate_ca" if values["secret_arn"].is_null() => format!(
            "certificate_revision=2|{}{}{}",
            text(values, "/csr_pem")?,
            text(values, "/certificate_pem")?,
            text(values, "/chain_pem")?,
        ),
        "skreg_pki_certificate" if values["secret_arn"].is_null() => format!(
            "{}{}{}",
            text(values, "/csr_pem")?,
            text(values, "/certificate_pem")?,
            text(values, "/issuer/certificate_pem")?,
        ),
        _ => format!("secretsmanager:{}", text(values, "/secret_arn")?),
    })
}

fn expect_least_privilege(cli: &Cli, aws: &LocalAws, subject: &Subject, store: &str) -> Result<()> {
    aws.s3().create_bucket(&bucket(aws))?;
    let key = || -> Result<String> {
        let parameters = json!({ "KeySpec": "ECC_NIST_P384", "KeyUsage": "SIGN_VERIFY" });
        text(
            &aws.call("kms", "CreateKey", parameters)?,
            "/KeyMetadata/Arn",
        )
    };
    let keys = BTreeMap::from([("issuer", key()?), ("subject", key()?)]);
    let issuer_store = match store {
        "request" => "software",
        store => store,
    };
    let authorities = Workspace::inline(AUTHORITIES).cli(cli).aws(aws);
    // The ledger contains a revocation for each location of the key, which a list reads.
    let mut authorities = authorities
        .var("keys", json!(keys))
        .var("bucket", bucket(aws))
        .var("leaves", json!([issuer_store]))
        .init()?;
    authorities.apply_once()?;
    authorities.set_var("leaves", json!([]));
    authorities.apply_once()?;
    let issuers: Value = authorities.output("issuers")?;
    let body = format!(
        "resource \"{}\" \"this\" {{{}}}\n",
        subject.kind, subject.arguments
    );
    let mut stack = Workspace::inline(format!("{VARIABLES}{body}"))
        .cli(cli)
        .aws(aws)
        .var("issuer", issuers[issuer_store].clone())
        .var("request", request()?)
        .var("other", authorities.output::<Value>("other")?)
        .var("bucket", bucket(aws))
        .var(
            "key",
            if store == "kms" {
                keys["subject"].clone()
            } else {
                String::new()
            },
        )
        .init()?;
    let resources = resources(aws, &keys);
    let attempt = |phase: &str, stack: &mut Stack, run: &dyn Fn(&mut Stack) -> Result<()>| {
        let permitted = permitted(subject.kind, phase, store)?;
        with_permissions(aws, &resources, &permitted, phase, || run(stack))
            .with_context(|| format!("{} {store} {phase}", subject.kind))
    };
    let phase = |phase: &str, stack: &mut Stack, run: &dyn Fn(&mut Stack) -> Result<()>| {
        let unused = attempt(phase, stack, run)?;
        ensure!(
            unused.is_empty(),
            "{} {store} {phase}: unused permissions {unused:?}",
            subject.kind
        );
        Ok(())
    };
    let plan = |stack: &mut Stack| Ok(stack.plan().map(drop)?);
    let unused_before = attempt("plan", &mut stack, &plan)?;
    phase("create", &mut stack, &|stack| {
        Ok(stack.apply_once().map(drop)?)
    })?;
    stack.set_var("revision", 2);
    let unused_after = attempt("plan", &mut stack, &plan)?;
    let unused: Vec<_> = unused_before.intersection(&unused_after).collect();
    ensure!(
        unused.is_empty(),
        "{} {store} plan: unused permissions {unused:?}",
        subject.kind
    );
    phase("update", &mut stack, &|stack| {
        stack.set_var("tags", json!({ "owner": "pki" }));
        stack.set_var("regions", json!(["us-west-2", "eu-central-1"]));
        Ok(stack.apply_once().map(drop)?)
    })?;
    let id = import_id(subject, &stack, aws)?;
    let address = format!("{}.this", subject.kind);
    stack.succeed(&["state", "rm", &address])?;
    phase("import", &mut stack, &|stack| {
        Ok(stack.import(&address, &id)?)
    })?;
    stack.apply_once()?;
    phase("destroy", &mut stack, &|stack| Ok(stack.destroy()?))?;
    Ok(())
}

#[test]
fn every_phase_succeeds_with_exactly_the_documented_permissions() -> Result<()> {
    with_one_cli(|cli, _| {
        let cases: Vec<_> = SUBJECTS
            .iter()
            .flat_map(|subject| subject.stores.iter().map(move |store| (subject, *store)))
            .collect();
        let results = side_by_side(&cases, 2, |(subject, store)| {
            let aws = LocalAws::account()?;
            Ok(expect_least_privilege(cli, &aws, subject, store))
        })?;
        let failed = results.into_iter().filter_map(Result::err);
        let failed: Vec<_> = failed.map(|error| format!("{error:#}")).collect();
        ensure!(failed.is_empty(), "{}", failed.join("\n\n"));
        Ok(())
    })
}
