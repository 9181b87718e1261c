//! Tests a complete registry: applies the example, checks every requirement through the API, updates the registry in
//! place, adds a second environment, and destroys both.

use std::thread;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::{Action, Plan, Stack};
use tfharness::{Cli, LocalAws, Workspace};

use crate::facts::{all, text, texts};
use crate::openssl::openssl;
use crate::requirements::{Domain, Registry, expect_identity_provider};
use crate::scenario::with_one_cli;
use crate::{policies, reachability, secrets};

/// Domain for the staging API.
const API: &str = "staging.registry.example.com";
/// Domain for the staging CDN.
const CDN: &str = "packages.staging.registry.example.com";
/// Repository with permission to push images.
pub(crate) const REPOSITORY: &str = "acme/skreg";

#[test]
fn example_meets_the_requirements() -> Result<()> {
    with_one_cli(|cli, aws| {
        let account = Workspace::of("examples/github-oidc-provider");
        let account = account.cli(cli).aws(aws).apply().context("the account")?;
        thread::scope(|scope| {
            let staging = scope.spawn(|| staging(cli, aws).context("staging"));
            let prod = prod(cli, aws).context("prod");
            let staging = staging.join();
            prod.and(staging.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })?;
        expect_identity_provider(aws).context("after both environments are destroyed")?;
        account.destroy()?;
        aws.expect_empty()?;
        Ok(())
    })
}

fn prod(cli: &Cli, aws: &LocalAws) -> Result<()> {
    let mut stack = example(cli, aws).init()?;
    stack.apply_once()?;
    let registry = Registry {
        aws,
        prefix: "skreg",
        repository: REPOSITORY,
        hsm_backend: "hsm",
        domain: None,
    };
    expect_good(&stack, &registry)?;
    a_new_password(&mut stack, &registry).context("a new password")?;
    gateways_and_zones(&mut stack, &registry).context("gateways and zones")?;
    Ok(stack.destroy()?)
}

/// Applies a second environment in the same account. It has separate names, keys in Secrets Manager, serves HTTPS under
/// custom domains, and has a web ACL for the CDN.
fn staging(cli: &Cli, aws: &LocalAws) -> Result<()> {
    let certificate = certificate(aws)?;
    let web_acl = WebAcl::create(aws)?;
    let domain = Domain {
        cdn: CDN,
        certificate: &certificate,
        web_acl: &web_acl.arn,
    };
    let stack = example(cli, aws)
        .trace()
        .var("environment", "staging")
        .var("hsm_backend", "software")
        .var("domain_name", API)
        .var("certificate_arn", certificate.as_str())
        .var(
            "cdn",
            json!({
                "domain_name": CDN,
                "certificate_arn": certificate,
                "web_acl_arn": web_acl.arn,
            }),
        )
        .init()?;
    stack.apply_once()?;
    let registry = Registry {
        aws,
        prefix: "skreg-staging",
        repository: REPOSITORY,
        hsm_backend: "software",
        domain: Some(&domain),
    };
    expect_good(&stack, &registry)?;
    secrets::expect_nowhere_else(&stack, &registry)?;
    for (output, domain) in [("api_url", API), ("cdn_base_url", CDN)] {
        let url: String = stack.output(output)?;
        ensure!(
            url == format!("https://{domain}"),
            "expected the URL of {domain} as {output}, found {url}"
        );
    }
    stack.destroy()?;
    web_acl.delete(aws)?;
    aws.call(
        "acm",
        "DeleteCertificate",
        json!({ "CertificateArn": certificate }),
    )?;
    Ok(())
}

/// A web ACL that the caller manages.
struct WebAcl {
    arn: String,
    /// Parameters for deleting the web ACL.
    named: Value,
}

impl WebAcl {
    fn create(aws: &LocalAws) -> Result<Self> {
        let (name, scope) = ("staging", "CLOUDFRONT");
        let parameters = json!({
            "Name": name,
            "Scope": scope,
            "DefaultAction": { "Allow": {} },
            "VisibilityConfig": {
                "SampledRequestsEnabled": false,
                "CloudWatchMetricsEnabled": false,
                "MetricName": name,
            },
        });
        let created = aws.call("wafv2", "CreateWebACL", parameters)?;
        let of = |pointer: &str| text(&created, pointer);
        Ok(Self {
            arn: of("/Summary/ARN")?,
            named: json!({
                "Name": name,
                "Scope": scope,
                "Id": of("/Summary/Id")?,
                "LockToken": of("/Summary/LockToken")?,
            }),
        })
    }

    fn delete(self, aws: &LocalAws) -> Result<()> {
        aws.call("wafv2", "DeleteWebACL", self.named)?;
        Ok(())
    }
}

/// Imports a certificate for the domains.
fn certificate(aws: &LocalAws) -> Result<String> {
    let key = openssl(&["genrsa", "2048"], "")?;
    let subject = format!("/CN={API}");
    let names = format!("subjectAltName=DNS:{API},DNS:{CDN}");
    let request = [
        "req",
        "-x509",
        "-key",
        "/dev/stdin",
        "-subj",
        &subject,
        "-addext",
        &names,
        "-days",
        "30",
    ];
    let certificate = openssl(&request, &key)?;
    let encoded = |text: &str| openssl(&["base64", "-A"], text);
    let parameters = json!({
        "Certificate": encoded(&certificate)?, "PrivateKey": encoded(&key)?,
    });
    text(
        &aws.call("acm", "ImportCertificate", parameters)?,
        "/CertificateArn",
    )
}

fn expect_good(stack: &Stack, registry: &Registry<'_>) -> Result<()> {
    all(&[
        ("second plan", &|| Ok(stack.expect_empty_plan()?)),
        ("requirements", &|| registry.expect_as_required()),
        ("PKI outputs", &|| pki_outputs(stack, registry)),
        ("policies", &|| policies::expect(registry)),
        ("reachability", &|| {
            reachability::expect(registry, &reachability::required())
        }),
    ])
}

/// Checks the outputs of the PKI.
fn pki_outputs(stack: &Stack, registry: &Registry<'_>) -> Result<()> {
    let pki = registry.pki()?;
    let document = registry.root_key()?;
    let key_id = match registry.hsm_backend {
        "software" => text(&registry.secret_facts("pki/root-ca-key")?, "/ARN")?,
        _ => {
            let id = json!({ "KeyId": text(&document, "/kms_key_arn")? });
            let key = registry.aws.call("kms", "DescribeKey", id)?;
            text(&key, "/KeyMetadata/KeyId")?
        }
    };
    for (output, expected) in [
        ("hsm_backend", registry.hsm_backend.to_owned()),
        ("hsm_key_id", key_id),
        (
            "intermediate_ca_cert_secret_name",
            format!("{}/intermediate-ca-cert", pki.secrets),
        ),
        (
            "crl_bucket_path",
            format!("s3://{}/.well-known/crl.pem", pki.bucket),
        ),
        ("crl_url", format!("{}/crl.crl", pki.url)),
        ("root_ca_cert", text(&document, "/certificates/0")?),
    ] {
        let found: String = stack.output(output)?;
        ensure!(
            found == expected,
            "expected {expected} as {output}, found {found}"
        );
    }
    Ok(())
}

fn example(cli: &Cli, aws: &LocalAws) -> Workspace {
    let workspace = Workspace::of("examples/skreg").cli(cli).aws(aws);
    workspace
        .var("github_repository", REPOSITORY)
        .var("disposable", true)
}

/// Increases the password version: the secret, the database, and the URL change together, and both services roll out
/// the new version.
fn a_new_password(stack: &mut Stack, registry: &Registry<'_>) -> Result<()> {
    let before = (
        registry.password()?,
        definitions(registry)?,
        registry.root_key()?,
    );
    stack.set_var("database_password_version", 2);
    stack.apply()?;
    let after = (
        registry.password()?,
        definitions(registry)?,
        registry.root_key()?,
    );
    ensure!(before.0 != after.0, "the password did not change");
    ensure!(
        !registry
            .aws
            .rds()
            .accepts(registry.prefix, "skreg", &before.0),
        "the database still accepts the old password"
    );
    for (old, new) in before.1.iter().zip(&after.1) {
        ensure!(
            old != new,
            "expected a rollout, but the service still runs {old}"
        );
    }
    ensure!(before.2 == after.2, "the root key document changed");
    Ok(())
}

fn definitions(registry: &Registry<'_>) -> Result<Vec<String>> {
    let definition = |name| text(&registry.service(name)?.0, "/taskDefinition");
    ["api", "worker"].into_iter().map(definition).collect()
}

/// Adds zones and NAT gateways.
fn gateways_and_zones(stack: &mut Stack, registry: &Registry<'_>) -> Result<()> {
    let ids = |action: &str, name: &str, id: &str| {
        let found = registry.in_vpc(action, name)?;
        let living: Vec<_> = found
            .into_iter()
            .filter(|one| one["state"] != "deleted")
            .collect();
        texts(&living, id)
    };
    let gateways = || ids("DescribeNatGateways", "natGatewaySet", "/natGatewayId");
    let subnets = || ids("DescribeSubnets", "subnetSet", "/subnetId");
    let before = (gateways()?, subnets()?);
    let main = std::fs::read_to_string(stack.directory().join("main.tf"))?;
    let call = "  name              = var.name\n";
    ensure!(
        main.contains(call),
        "the example passes its name differently:\n{main}"
    );
    let zones = "  availability_zones = [\"us-east-1a\", \"us-east-1b\", \"us-east-1c\"]\n";
    stack.write("main.tf", &main.replace(call, &format!("{call}{zones}")))?;
    stack.set_var("nat_gateway", "per_zone");
    expect_nothing_lost(&stack.plan()?)?;
    stack.apply()?;
    let after = (gateways()?, subnets()?);
    ensure!(
        after.0.len() == 3 && before.0.iter().all(|one| after.0.contains(one)),
        "expected two gateways in addition to {:?}, found {:?}",
        before.0,
        after.0
    );
    ensure!(
        after.1.len() == 6 && before.1.iter().all(|one| after.1.contains(one)),
        "expected two subnets in addition to {:?}, found {:?}",
        before.1,
        after.1
    );
    Ok(())
}

/// Checks that a plan does not delete objects that store data or have an address. Route table associations are exempt.
fn expect_nothing_lost(plan: &Plan) -> Result<()> {
    let lost: Vec<_> = plan
        .changes()
        .filter(|one| one.change.actions.contains(&Action::Delete))
        .map(|one| (one.address.as_str(), one.action_reason.as_deref()))
        .collect();
    ensure!(lost.is_empty(), "expected no deletions, found {lost:?}");
    let made: Vec<Value> = plan.changes().map(|one| json!(one.address)).collect();
    ensure!(
        !made.is_empty(),
        "expected more zones and gateways in the plan"
    );
    Ok(())
}
