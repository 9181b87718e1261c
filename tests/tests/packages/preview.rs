//! Invalid inputs of the packages for Kubernetes, one value at a time: the plan fails, and the message states the allowed values.
//! The plan contains only the files that declare the inputs, and so does not require a provider.

use acceptance::alternating_clis;
use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::inputs::{Case, complaints, expect_at_most, expect_rejected, one, variables};

/// An image with a digest.
const IMAGE: &str = "registry.digitalocean.com/acme/shop@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Returns outputs of a base, with one changed output.
fn base(name: &str, value: impl Into<Value>) -> Value {
    let mut base = json!({
        "profile": "preview",
        "domain": "example.com",
        "cluster_id": "11111111-1111-4111-8111-111111111111",
        "gateway_name": "shared",
        "gateway_namespace": "gateway",
        "tls_secret_name": "shared-tls",
        "postgresql_host": "db.default.svc.cluster.local",
        "postgresql_port": 5432,
        "postgresql_sslmode": "prefer",
        "postgresql_namespace": "default",
        "postgresql_admin_secret": "postgresql-admin",
        "postgresql_image": "docker.io/library/postgres:17-alpine",
    });
    base[name] = value.into();
    base
}

/// Returns valid inputs of an environment.
fn valid_environment() -> Vec<(&'static str, Value)> {
    vec![
        ("app", json!("shop")),
        ("domain", json!("example.com")),
        ("pull_request", json!(7)),
        ("web_image", json!(IMAGE)),
        ("api_image", json!(IMAGE)),
        ("base", base("profile", "preview")),
        ("database_password", json!("correct-horse-battery-staple")),
    ]
}

/// Returns valid inputs of a base.
fn valid_base() -> Vec<(&'static str, Value)> {
    vec![
        ("domain", json!("example.com")),
        ("kubernetes_version", json!("1.34.1-do.0")),
        ("postgresql_password", json!("correct-horse-battery-staple")),
        ("acme_email", json!("ops@example.com")),
        ("dns_token", json!("dop_v1_00000000000000000000")),
    ]
}

fn domains() -> Vec<Case> {
    let bad = [
        "https://example.com",
        "http://example.com",
        "example.com/",
        "example.com:443",
        "Example.com",
        "example",
        "*.example.com",
        "-a.example.com",
        "example..com",
        "",
    ];
    let says: &[&str] = &["without a scheme", "such as example.com"];
    bad.map(|bad| one("domain", json!(bad), says)).into()
}

fn images() -> Vec<Case> {
    let (name, digest) = IMAGE.split_once("@sha256:").unwrap_or_default();
    let upper = digest.to_uppercase();
    let bad = [
        String::new(),
        name.to_owned(),
        format!("{name}:1.2.0"),
        format!("{name}:latest"),
        format!("{name}@{digest}"),
        format!("{name}@sha256:{}", &digest[1..]),
        format!("{name}@sha256:{digest}0"),
        format!("{name}@sha256:{upper}"),
        format!("{name}@sha512:{digest}"),
        format!("sha256:{digest}"),
        format!("https://{IMAGE}"),
        format!("{IMAGE} "),
    ];
    let says: &[&str] = &["64 hexadecimal digits in lowercase"];
    let of = |input: &'static str| {
        let bad = bad.clone();
        bad.map(move |bad| one(input, json!(bad), says))
    };
    of("web_image").into_iter().chain(of("api_image")).collect()
}

fn sizes() -> Vec<Case> {
    let sizes = |name: &str, request: Value, limit: Value| {
        let amount = |cpu: Value| json!({ "cpu_millicores": cpu, "memory_mib": 64 });
        json!({ (name): { "requests": amount(request), "limits": amount(limit) } })
    };
    let range: &[&str] = &["from 1 to 64000 millicores"];
    let mut cases = vec![
        one(
            "resources",
            sizes("api", json!(1), json!(2)),
            &["migration, nginx, php, or web"],
        ),
        one("resources", sizes("web", json!(0), json!(2)), range),
        one("resources", sizes("web", json!(1.5), json!(2)), range),
        one(
            "resources",
            sizes("web", json!(3), json!(2)),
            &["not be less than the request"],
        ),
        one("resources", sizes("web", json!(1), json!(64_001)), range),
        one(
            "rate_limit",
            json!({ "requests_per_second": 0 }),
            &["from 1 to 10000"],
        ),
        one(
            "rate_limit",
            json!({ "burst": -1 }),
            &["burst from 0 to 10000"],
        ),
    ];
    for name in ["cpu_millicores", "memory_mib", "pods"] {
        cases.push(one("quota", json!({ (name): 0 }), &["from 1 to 1000000"]));
        cases.push(one("quota", json!({ (name): 1.5 }), &["from 1 to 1000000"]));
    }
    for bad in [0, 21] {
        cases.push(one("replicas", json!(bad), &["from 1 to 20"]));
    }
    cases
}

fn environment_cases() -> Vec<Case> {
    let mut cases = domains();
    cases.extend(images());
    cases.extend(sizes());
    let number: &[&str] = &["from 1 to 9999999", "omitted in production"];
    for bad in [
        json!(0),
        json!(-1),
        json!(1.5),
        json!(10_000_000),
        json!(1e18),
    ] {
        cases.push(one("pull_request", bad, number));
    }
    for bad in [
        "",
        "Shop",
        "1shop",
        "shop-",
        "shop_api",
        "an-application-with-a-long-name",
    ] {
        cases.push(one("app", json!(bad), &["1 to 20 lowercase letters"]));
    }
    for bad in ["", "prod", "Preview"] {
        cases.push(one(
            "profile",
            json!(bad),
            &["local, preview, or production"],
        ));
    }
    let pair = |web: &str, api: &str| json!({ "web": [web], "api": [api] });
    let belongs: &[&str] = &["belong to one service"];
    cases.extend([
        one(
            "hosts",
            pair("shop.example.com", "shop.example.com"),
            belongs,
        ),
        one(
            "hosts",
            json!({ "web": ["a.example.com", "a.example.com"] }),
            belongs,
        ),
        one(
            "hosts",
            pair("https://a.example.com", "b.example.com"),
            &["without a scheme"],
        ),
        one("base", base("gateway_name", ""), &["Apply the base first"]),
        one(
            "base",
            base("tls_secret_name", ""),
            &["Apply the base first"],
        ),
        one(
            "base",
            base("domain", "example.org"),
            &["the same profile and domain"],
        ),
        one(
            "base",
            base("profile", "production"),
            &["the same profile and domain"],
        ),
        one(
            "web_configuration",
            json!({ "api-url": "x" }),
            &["letters, digits, and underscores"],
        ),
        one(
            "api_configuration",
            json!({ "log": "x" }),
            &["uppercase letters"],
        ),
        one("web_root", json!("html"), &["an absolute path"]),
        one("api_root", json!("/srv/"), &["without a trailing slash"]),
        one("nginx_image", json!("https://nginx"), &["Must be an image"]),
        one(
            "database_password",
            json!("short"),
            &["16 to 128 ASCII characters"],
        ),
        one(
            "secret_values",
            json!({ "DB_PASSWORD": "x" }),
            &["DB_PASSWORD is reserved"],
        ),
        one("secrets_version", json!(0), &["from 1 to 1000000"]),
        one(
            "registry_credentials",
            json!("user:password"),
            &["the member auths"],
        ),
        one(
            "egress_cidrs",
            json!(["203.0.113.7"]),
            &["such as 203.0.113.0/24"],
        ),
    ]);
    for bad in ["db", "db.default", "db.default.svc"] {
        let says: &[&str] = &["such as db.default.svc.cluster.local"];
        cases.push(one("base", base("postgresql_host", bad), says));
    }
    cases
}

fn base_cases() -> Vec<Case> {
    let mut cases = domains();
    for bad in ["", "Preview", "preview-"] {
        cases.push(one("name", json!(bad), &["1 to 40 lowercase letters"]));
    }
    for bad in ["1.34", "1.32.1-do.0", "latest"] {
        cases.push(one(
            "kubernetes_version",
            json!(bad),
            &["a version from 1.33"],
        ));
    }
    cases.extend([
        one("profile", json!("prod"), &["local, preview, or production"]),
        one("region", json!("frankfurt"), &["such as fra1"]),
        one("kubeconfig", json!("server: x"), &["omitted otherwise"]),
        one(
            "network",
            json!({ "pods_cidr": "10.0.0.0" }),
            &["IPv4 address ranges"],
        ),
        one(
            "node_pool",
            json!({ "min_nodes": 6 }),
            &["must not be greater than max_nodes"],
        ),
        one(
            "postgresql",
            json!({ "version": "17.2" }),
            &["a major version"],
        ),
        one(
            "postgresql",
            json!({ "nodes": 4 }),
            &["nodes must be an integer from 1 to 3"],
        ),
        one(
            "postgresql_image",
            json!("postgres"),
            &["a tag or a digest"],
        ),
        one(
            "postgresql_password",
            json!("short"),
            &["16 to 128 ASCII characters"],
        ),
        one("secrets_version", json!(0), &["from 1 to 1000000"]),
        one("registry_credentials", json!("{}"), &["the member auths"]),
        one("acme_email", json!("ops"), &["such as ops@example.com"]),
        one(
            "acme_server",
            json!("http://acme.example.com"),
            &["https://"],
        ),
        one("dns_token", json!("token"), &["at least 16 characters"]),
        one(
            "chart_versions",
            json!({ "cert_manager": "latest" }),
            &["such as 2.6.5"],
        ),
    ]);
    cases
}

#[test]
fn invalid_kubernetes_inputs_are_rejected_with_the_allowed_values() -> Result<()> {
    for (package, valid, cases) in [
        ("preview-base", valid_base(), base_cases()),
        ("preview-env", valid_environment(), environment_cases()),
    ] {
        expect_at_most(package, 25)?;
        let inputs = variables(package)?;
        for cli in alternating_clis()? {
            let accepted = complaints(&cli, &inputs, &valid, &cases)?.into_iter();
            let alone = accepted.map(|(case, _)| case);
            expect_rejected(&cli, &inputs, &valid, &[], alone).context(package)?;
            println!(
                "{package}, {cli}: {} invalid values are rejected",
                cases.len()
            );
        }
    }
    Ok(())
}
