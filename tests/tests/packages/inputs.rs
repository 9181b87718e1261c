//! Invalid registry inputs, one value at a time: the plan fails, and the message states the allowed values. The test
//! plans only the file that declares the inputs, which shows that validation happens before any call to AWS.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use acceptance::alternating_clis;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::{Cli, Workspace};

use crate::package::Package;

/// Inputs that differ from the valid ones, and fragments of the expected message.
pub(crate) struct Case {
    inputs: Vec<(&'static str, Value)>,
    says: &'static [&'static str],
}

/// Returns a case with one invalid input.
pub(crate) fn one(input: &'static str, value: Value, says: &'static [&'static str]) -> Case {
    Case {
        inputs: vec![(input, value)],
        says,
    }
}

/// Returns values that are invalid individually.
fn cases() -> Vec<Case> {
    let mut all = names();
    all.extend(pki());
    all.extend(network());
    all.extend(sizes());
    all.extend(types());
    all
}

fn names() -> Vec<Case> {
    let repository: &[&str] = &["owner/name", "without wildcards"];
    let name: &[&str] = &["1 to 20", "lowercase letters"];
    let environment: &[&str] = &["prod, staging, or dev"];
    let image: &[&str] = &["a repository with a tag or a digest", "empty"];
    let tags: &[&str] = &["at most 40 tags", "reserved"];
    let long = "a".repeat(21);
    let mut all = vec![
        one("cloud", json!("gcp"), &["Must be aws"]),
        one("cloud", json!(""), &["Must be aws"]),
        one("tags", json!({ "aws:x": "1" }), tags),
    ];
    for bad in [
        "skreg",
        "*/*",
        "acme/*",
        "acme/skreg/x",
        "https://github.com/acme/skreg",
        "",
        "-acme/skreg",
        "acme/",
        "_acme/skreg",
        "acme_/skreg",
        "a_b_c/skreg",
    ] {
        all.push(one("github_repository", json!(bad), repository));
    }
    for bad in [
        "",
        "Skreg",
        "1skreg",
        "skreg-",
        "sk--reg",
        "sk_reg",
        long.as_str(),
    ] {
        all.push(one("name", json!(bad), name));
    }
    // Names that a service reserves, or that start with a reserved prefix.
    for bad in [
        "default",
        "aws",
        "sg",
        "sg-registry",
        "sthree-x",
        "amzn-s3-demo-x",
        "internal",
        "internal-x",
    ] {
        all.push(one("name", json!(bad), &["AWS reserves these names"]));
    }
    for bad in ["", "production", "Prod"] {
        all.push(one("environment", json!(bad), environment));
    }
    for bad in [
        "skreg-api",
        "registry.example.com:5000/skreg-api",
        "UPPER:1",
        "acme/api:",
        "acme/api@sha256:12",
        "acme/api:1 2",
    ] {
        all.push(one("api_image_uri", json!(bad), image));
        all.push(one("worker_image_uri", json!(bad), image));
    }
    all
}

fn network() -> Vec<Case> {
    let range: &[&str] = &["an IPv4 CIDR block", "such as 10.0.0.0/16"];
    let zones: &[&str] = &["2 to 9 distinct zones"];
    let zone: &[&str] = &["Availability Zone names", "such as eu-central-1a"];
    let mut all = Vec::new();
    for bad in [
        "",
        "10.0.0.0",
        "10.0.0.0/8",
        "10.0.0.0/29",
        "10.0.0.1/16",
        "300.0.0.0/16",
        "fd00::/16",
    ] {
        all.push(one("cidr_block", json!(bad), range));
    }
    let ten: Vec<_> = ('a'..='j')
        .map(|letter| format!("us-east-1{letter}"))
        .collect();
    for bad in [
        json!([]),
        json!(["us-east-1a"]),
        json!(["us-east-1a", "us-east-1a"]),
        json!(ten),
    ] {
        all.push(one("availability_zones", bad, zones));
    }
    all.push(one(
        "availability_zones",
        json!(["use1-az1", "use1-az2"]),
        zone,
    ));
    for bad in ["", "one", "per_az"] {
        all.push(one(
            "nat_gateway",
            json!(bad),
            &["none, single, or per_zone"],
        ));
    }
    let arn: &[&str] = &["oidc-provider/token.actions.githubusercontent.com"];
    for bad in [
        "",
        "token.actions.githubusercontent.com",
        "arn:aws:iam::123456789012:oidc-provider/gitlab.com",
    ] {
        all.push(one("github_oidc_provider_arn", json!(bad), arn));
    }
    for bad in [
        "",
        "registry.example.com",
        "arn:aws:iam::123456789012:server-certificate/x",
    ] {
        all.push(one("certificate_arn", json!(bad), &["arn:aws:acm:"]));
    }
    for bad in [
        "",
        "localhost",
        "https://registry.example.com",
        "registry.example.com/",
    ] {
        all.push(one(
            "domain_name",
            json!(bad),
            &["such as registry.example.com"],
        ));
    }
    all.extend(cdn());
    all
}

/// Returns invalid values for the CDN input: each member individually, and a domain without a certificate.
fn cdn() -> Vec<Case> {
    let certificate =
        "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000";
    let domain: &[&str] = &["such as packages.example.com"];
    let elsewhere: &[&str] = &["must be in us-east-1"];
    let scope: &[&str] = &["the scope CLOUDFRONT"];
    let together: &[&str] = &["A domain and its certificate must be set together"];
    [
        (json!({ "domain_name": "" }), domain),
        (json!({ "domain_name": "https://packages.example.com" }), domain),
        (json!({ "domain_name": "*" }), domain),
        (json!({ "certificate_arn": "" }), elsewhere),
        (
            json!({ "certificate_arn": certificate.replace("us-east-1", "eu-central-1") }),
            elsewhere,
        ),
        (json!({ "web_acl_arn": "" }), scope),
        (
            json!({ "web_acl_arn": "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/skreg/0a1b2c3d-0000" }),
            scope,
        ),
        (json!({ "domain_name": "packages.example.com" }), together),
        (json!({ "certificate_arn": certificate }), together),
    ]
    .into_iter()
    .map(|(bad, says)| one("cdn", bad, says))
    .collect()
}

fn sizes() -> Vec<Case> {
    let fargate: &[&str] = &["256 CPU units with 512, 1024, or 2048 MiB"];
    let count: &[&str] = &["an integer from 0 to 5000"];
    let mut all = Vec::new();
    for service in ["api", "worker"] {
        for bad in [
            json!({ "cpu": 300, "memory": 1024 }),
            json!({ "cpu": 256, "memory": 4096 }),
            json!({ "cpu": 1024, "memory": 2000 }),
            json!({ "cpu": 0, "memory": 0 }),
        ] {
            all.push(one(service, bad, fargate));
        }
        for bad in [-1.0, 0.5, 5001.0] {
            all.push(one(service, json!({ "desired_count": bad }), count));
        }
    }
    for (member, bad, says) in [
        (
            "instance_class",
            json!("t4g.micro"),
            &["such as db.t4g.micro"] as &'static [_],
        ),
        ("allocated_storage_gib", json!(19), &["from 20 to 65536"]),
        (
            "allocated_storage_gib",
            json!(20.5),
            &["an integer from 20"],
        ),
        (
            "max_allocated_storage_gib",
            json!(20),
            &["by at least 10 percent"],
        ),
        ("engine_version", json!("17.2"), &["from 14 to 18"]),
        ("engine_version", json!("9"), &["from 14 to 18"]),
        ("backup_retention_days", json!(0), &["from 1 to 35"]),
        ("backup_retention_days", json!(36), &["from 1 to 35"]),
        (
            "monitoring_interval_seconds",
            json!(2),
            &["0, 1, 5, 10, 15, 30, or 60"],
        ),
    ] {
        all.push(one("database", json!({ member: bad }), says));
    }
    for (member, bad, says) in [
        (
            "common_name",
            json!(""),
            &["between 1 and 64 characters"] as &'static [_],
        ),
        (
            "organization",
            json!("x".repeat(65)),
            &["between 1 and 64 characters"],
        ),
        ("validity_days", json!(0), &["from 1 to 9125"]),
        ("validity_days", json!(1.5), &["an integer from 1"]),
        ("validity_days", json!(9126), &["from 1 to 9125"]),
        ("path_length", json!(-2), &["from 1 to 255"]),
        ("path_length", json!(0), &["from 1 to 255"]),
        ("certificate_revision", json!(0), &["from 1 to 100"]),
    ] {
        all.push(one("root_ca", json!({ member: bad }), says));
    }
    for bad in [json!(0), json!(-1), json!(1.5)] {
        all.push(one(
            "database_password_version",
            bad,
            &["an integer from 1"],
        ));
    }
    for bad in [json!(9), json!(10.5), json!(10_001)] {
        all.push(one("images_kept", bad, &["from 10 to 10000"]));
    }
    for bad in [
        "",
        "alias/skreg",
        "arn:aws-cn:kms:cn-north-1:123456789012:key/0123",
    ] {
        all.push(one("kms_key_arn", json!(bad), &["the ARN of a KMS key"]));
    }
    all.push(one(
        "release",
        json!({ "owner": "github" }),
        &["terraform, external, or terraform_once"],
    ));
    all.push(one(
        "release",
        json!({ "rollback_to": { "web": 1 } }),
        &["must be api or worker"],
    ));
    for bad in [json!(0), json!(31), json!(-1)] {
        all.push(one(
            "log_retention_days",
            bad,
            &["CloudWatch Logs supports: 1, 3, 5, 7, 14, 30"],
        ));
    }
    all
}

fn pki() -> Vec<Case> {
    let mut all = Vec::new();
    for bad in ["", "kms", "HSM", "cloudhsm"] {
        all.push(one("hsm_backend", json!(bad), &["hsm or software"]));
    }
    let length: &[&str] = &["between 1 and 64 characters"];
    for (input, bad, says) in [
        ("intermediate_ca", json!({ "common_name": "" }), length),
        ("intermediate_ca", json!({ "organization": "" }), length),
        (
            "intermediate_ca",
            json!({ "validity_days": 0 }),
            &["from 1 to 9125"],
        ),
        (
            "intermediate_ca",
            json!({ "certificate_revision": 1.5 }),
            &["an integer from 1"],
        ),
        ("signing_certificate", json!({ "common_name": "" }), length),
        (
            "signing_certificate",
            json!({ "validity_hours": 0 }),
            &["from 1 to 43800"],
        ),
        (
            "signing_certificate",
            json!({ "validity_hours": 24, "renew_before_hours": 24 }),
            &["less than validity_hours"],
        ),
        (
            "signing_certificate",
            json!({ "renew_before_hours": 0 }),
            &["less than validity_hours"],
        ),
        ("crl", json!({ "validity_hours": 1 }), &["from 2 to 8760"]),
        (
            "crl",
            json!({ "root_validity_hours": 8761 }),
            &["from 2 to 8760"],
        ),
    ] {
        all.push(one(input, bad, says));
    }
    let revoked = json!({ "revoked_at": "2026-01-01T00:00:00Z" });
    for input in ["revoked_certificates", "revoked_intermediates"] {
        for serial_number in ["", "1", "0A", "01:02", "0x01"] {
            let bad = json!({ serial_number: revoked });
            all.push(one(input, bad, &["in lowercase hexadecimal"]));
        }
        let stolen = json!({ "revoked_at": "2026-01-01T00:00:00Z", "reason": "stolen" });
        all.push(one(
            input,
            json!({ "01": stolen }),
            &["key_compromise, ca_compromise"],
        ));
        all.push(one(input, json!({ "01": {} }), &["revoked_at"]));
    }
    all
}

/// Returns values that are valid individually, but not in combination.
fn pairs() -> Vec<Case> {
    let certificate =
        "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000";
    let together: &[&str] = &["Set domain_name and certificate_arn together"];
    let placeholder: &[&str] = &[
        "the command for the placeholder image",
        "desired_count to 0",
    ];
    let zones: Vec<_> = ('a'..='e')
        .map(|letter| format!("us-east-1{letter}"))
        .collect();
    vec![
        one("certificate_arn", json!(certificate), together),
        one("domain_name", json!("registry.example.com"), together),
        Case {
            inputs: vec![
                ("cidr_block", json!("10.0.0.0/25")),
                ("availability_zones", json!(zones)),
            ],
            says: &["in every zone"],
        },
        one(
            "nat_gateway",
            json!("none"),
            &["ECR repositories in this region", "desired_count = 0"],
        ),
        one("release", json!({ "owner": "external" }), placeholder),
        one("release", json!({ "owner": "terraform_once" }), placeholder),
        Case {
            inputs: vec![
                ("release", json!({ "owner": "external" })),
                ("api_image_uri", json!("acme/api:1")),
                ("worker", json!({ "desired_count": 1 })),
            ],
            says: placeholder,
        },
    ]
}

/// Returns values with an incorrect type, and null for required values. The CLI prints the message with the name of the
/// input.
fn types() -> Vec<Case> {
    let typed = |input, value| one(input, value, &["required"]);
    vec![
        typed("availability_zones", json!("us-east-1a")),
        typed("multi_az", json!("often")),
        typed("flow_logs", json!([])),
        typed("interface_endpoints", json!({})),
        typed("deletion_protection", json!("never")),
        typed("force_destroy", json!(2)),
        typed("final_snapshot", json!("perhaps")),
        typed("delete_access_logs", json!([])),
        typed("delete_images", json!([])),
        one(
            "container_insights",
            json!("on"),
            &["enabled, enhanced, or disabled"],
        ),
        typed("log_retention_days", json!("a month")),
        typed("database_password_version", json!("second")),
        typed("api", json!("small")),
        typed("database", json!(["db.t4g.micro"])),
        typed("root_ca", json!({ "validity_days": "long" })),
        typed("hsm_backend", json!(["hsm"])),
        typed("intermediate_ca", json!("skreg")),
        typed("signing_certificate", json!({ "validity_hours": "long" })),
        typed("crl", json!(24)),
        typed("revoked_certificates", json!("01")),
        typed("revoked_intermediates", json!("01")),
        typed("cdn", json!({ "domain_name": [] })),
        typed("tags", json!("Project")),
        typed("name", json!(["skreg"])),
        // For all other inputs, null selects the default.
        one("github_repository", Value::Null, &["required"]),
    ]
}

#[test]
fn invalid_input_values_are_rejected_with_the_allowed_values() -> Result<()> {
    let (cases, inputs) = (cases(), variables("skreg")?);
    let named = cases.iter().flat_map(|case| &case.inputs);
    expect_tried(&inputs, named.map(|(name, _)| *name))?;
    for cli in alternating_clis()? {
        expect_rejected(&cli, &inputs, &valid(), &cases, &pairs())?;
    }
    Ok(())
}

#[test]
fn valid_values_are_accepted() -> Result<()> {
    let arn = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000";
    let zones: Vec<_> = ('a'..='i')
        .map(|letter| format!("us-east-1{letter}"))
        .collect();
    let good = |inputs: Vec<(&'static str, Value)>| Case { inputs, says: &[] };
    let cases = vec![
        good(Vec::new()),
        good(vec![("name", json!("a")), ("environment", json!("dev"))]),
        good(vec![
            ("domain_name", json!("registry.example.com")),
            ("certificate_arn", json!(arn)),
        ]),
        good(vec![(
            "cdn",
            json!({
                "domain_name": "packages.example.com",
                "certificate_arn": arn,
                "web_acl_arn": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/skreg/0a1b2c3d-0000-4000-8000-000000000000",
            }),
        )]),
        good(vec![("cdn", json!({}))]),
        good(vec![
            ("availability_zones", json!(zones)),
            ("nat_gateway", json!("per_zone")),
        ]),
        good(vec![("cidr_block", json!("172.16.0.0/25"))]),
        good(vec![
            ("cidr_block", json!("192.168.4.0/24")),
            ("availability_zones", json!(zones[..4])),
        ]),
        good(vec![(
            "api",
            json!({ "cpu": 16384, "memory": 122_880, "desired_count": 0 }),
        )]),
        // With null, another tool manages the number of tasks.
        good(vec![("worker", json!({ "desired_count": null }))]),
        good(vec![
            ("name", json!("defaults")),
            (
                "release",
                json!({ "owner": "external", "rollback_to": { "api": 12 } }),
            ),
            ("api_image_uri", json!("acme/api:1")),
            ("worker", json!({ "desired_count": 0 })),
            ("final_snapshot", json!(true)),
        ]),
        good(vec![(
            "api_image_uri",
            json!(format!(
                "registry.example.com:5000/skreg-api:1.4.2@sha256:{}",
                "0123456789abcdef".repeat(4)
            )),
        )]),
        good(vec![("github_repository", json!("a/.github"))]),
        good(vec![("github_repository", json!("acme@123/skreg@456"))]),
        good(vec![("github_repository", json!("acme-123/skreg-456"))]),
        // User names for GitHub managed users contain the short code of the enterprise after an underscore.
        good(vec![("github_repository", json!("octocat_acme/registry"))]),
        good(vec![(
            "github_repository",
            json!("octocat_acme@123456/registry@456789"),
        )]),
        good(vec![
            ("nat_gateway", json!("none")),
            (
                "api_image_uri",
                json!("123456789012.dkr.ecr.us-east-1.amazonaws.com/skreg-api:1.4.2"),
            ),
            ("worker", json!({ "desired_count": 0 })),
        ]),
    ];
    let inputs = variables("skreg")?;
    for cli in alternating_clis()? {
        let said = refusals(&cli, &inputs, &valid(), &cases)?;
        ensure!(said.is_empty(), "{cli} rejects valid values: {said:#?}");
    }
    Ok(())
}

/// Returns the required inputs with valid values.
fn valid() -> [(&'static str, Value); 1] {
    [("github_repository", json!("acme/skreg"))]
}

/// Returns the file that declares the inputs of a package.
pub(crate) fn variables(package: &str) -> Result<String> {
    let package = Package::named(package)?;
    let variables = package.files().get("variables.tf");
    Ok(variables.context("variables.tf")?.clone())
}

/// Checks that a package has inputs, but not more than `most`.
pub(crate) fn expect_at_most(package: &str, most: usize) -> Result<()> {
    let count = declared(&variables(package)?).count();
    ensure!((1..=most).contains(&count), "{package}: {count} inputs");
    Ok(())
}

/// Checks that each declared input is one of those that have an invalid value.
pub(crate) fn expect_tried<'a>(
    inputs: &str,
    tried: impl IntoIterator<Item = &'a str>,
) -> Result<()> {
    let tried: BTreeSet<_> = tried.into_iter().collect();
    let untried: Vec<_> = declared(inputs)
        .filter(|name| !tried.contains(name))
        .collect();
    ensure!(untried.is_empty(), "no invalid value for {untried:?}");
    Ok(())
}

/// Checks that each case is rejected with the allowed values. One plan contains all cases in `together`. A rule about two inputs
/// is evaluated only if all other rules pass, so each case in `alone` requires a separate plan.
pub(crate) fn expect_rejected<'a>(
    cli: &Cli,
    inputs: &str,
    valid: &[(&'static str, Value)],
    together: &[Case],
    alone: impl IntoIterator<Item = &'a Case>,
) -> Result<()> {
    let mut wrong = complaints(cli, inputs, valid, together)?;
    for case in alone {
        wrong.extend(complaints(cli, inputs, valid, std::slice::from_ref(case))?);
    }
    let wrong: Vec<_> = wrong.into_iter().map(|(_, text)| text).collect();
    ensure!(
        wrong.is_empty(),
        "{cli}: {} values are not rejected with the allowed values:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    Ok(())
}

/// Plans the cases together, and returns those that are not rejected with the allowed values, each with the difference.
pub(crate) fn complaints<'a>(
    cli: &Cli,
    inputs: &str,
    valid: &[(&'static str, Value)],
    cases: &'a [Case],
) -> Result<Vec<(&'a Case, String)>> {
    let said = refusals(cli, inputs, valid, cases)?;
    let numbered = cases.iter().enumerate();
    Ok(numbered
        .filter_map(|(number, case)| Some((case, complaint(case, said.get(&number))?)))
        .collect())
}

/// Returns the names of the inputs.
fn declared(inputs: &str) -> impl Iterator<Item = &str> {
    inputs
        .lines()
        .filter_map(|line| line.strip_prefix("variable \"")?.strip_suffix("\" {"))
}

/// Returns the difference between the diagnostics of a case and the expected message.
fn complaint(case: &Case, said: Option<&String>) -> Option<String> {
    let shown: Vec<_> = case
        .inputs
        .iter()
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    let Some(said) = said else {
        return Some(format!("{shown:?}: not rejected"));
    };
    let missing: Vec<_> = case
        .says
        .iter()
        .filter(|words| !said.contains(**words))
        .collect();
    (!missing.is_empty()).then(|| format!("{shown:?}: expected {missing:?} in {said:?}"))
}

/// Returns the number of the case that a diagnostic refers to. The line of the module call or the address identifies
/// the case.
fn called(diagnostic: &Value, lines: &BTreeMap<usize, usize>) -> Option<usize> {
    if diagnostic["range"]["filename"] == "main.tf" {
        let line = usize::try_from(diagnostic["range"]["start"]["line"].as_u64()?).ok()?;
        return lines.range(line..).next().map(|(_, number)| *number);
    }
    let (_, named) = diagnostic["detail"].as_str()?.split_once("module.case_")?;
    let digits = named.split(|one: char| !one.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// Plans each case as a separate module call, and returns the diagnostics by case number.
pub(crate) fn refusals(
    cli: &Cli,
    inputs: &str,
    valid: &[(&'static str, Value)],
    cases: &[Case],
) -> Result<BTreeMap<usize, String>> {
    let (mut root, mut lines) = (String::new(), BTreeMap::new());
    for (number, case) in cases.iter().enumerate() {
        let mut given: BTreeMap<_, _> = valid.iter().cloned().collect();
        given.extend(
            case.inputs
                .iter()
                .map(|(name, value)| (*name, value.clone())),
        );
        let _ = writeln!(root, "module \"case_{number}\" {{\n  source = \"./inputs\"");
        for (name, value) in given {
            let _ = writeln!(root, "  {name} = {value}");
        }
        root.push_str("}\n");
        lines.insert(root.lines().count(), number);
    }
    let stack = Workspace::inline(root)
        .file("inputs/variables.tf", inputs)
        .cli(cli)
        .init()?;
    let finished = stack.run(&["plan", "-json", "-input=false", "-no-color"])?;
    let mut said: BTreeMap<usize, String> = BTreeMap::new();
    for line in finished.stdout.lines() {
        let message: Value =
            serde_json::from_str(line).with_context(|| format!("not JSON: {line}"))?;
        let diagnostic = &message["diagnostic"];
        if diagnostic["severity"] != "error" {
            continue;
        }
        let text = format!("{} {}", diagnostic["summary"], diagnostic["detail"]);
        let number = called(diagnostic, &lines).or_else(|| (cases.len() == 1).then_some(0));
        let number = number.with_context(|| format!("no case for the diagnostic {line}"))?;
        said.entry(number).or_default().push_str(&text);
    }
    Ok(said)
}
