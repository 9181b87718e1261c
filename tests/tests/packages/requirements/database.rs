//! "Database": PostgreSQL, and a valid connection URL.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::Registry;
use crate::facts::{by_key, expect as same, list, pick, text, texts};

pub(super) fn expect(registry: &Registry<'_>) -> Result<()> {
    let database = registry.database()?;
    let found = pick(
        &database,
        &[
            "Engine",
            "EngineVersion",
            "DBName",
            "StorageEncrypted",
            "PubliclyAccessible",
            "MultiAZ",
            "AutoMinorVersionUpgrade",
            "IAMDatabaseAuthenticationEnabled",
            "CopyTagsToSnapshot",
        ],
    );
    let expected = json!({
        "Engine": "postgres", "EngineVersion": "17", "DBName": "skillpkg", "StorageEncrypted": "true",
        "PubliclyAccessible": "false", "MultiAZ": "false",
        "AutoMinorVersionUpgrade": "true", "IAMDatabaseAuthenticationEnabled": "true", "CopyTagsToSnapshot": "true",
    });
    same("database", &found, &expected)?;
    // The final snapshot remains after the registry is destroyed. It must not require a key that is deleted with the
    // registry.
    let (key, own) = (text(&database, "/KmsKeyId")?, registry.key_arn()?);
    ensure!(
        key != own,
        "the database must not be encrypted with the registry key, {own}"
    );
    same("port", &database["Endpoint"]["Port"], &json!("5432"))?;
    let days = database["BackupRetentionPeriod"]
        .as_str()
        .and_then(|days| days.parse::<u8>().ok());
    ensure!(
        days >= Some(7),
        "expected backups of a week or more, found {days:?} days"
    );

    let subnets = registry.in_vpc("DescribeSubnets", "subnetSet")?;
    let members = database["DBSubnetGroup"]["Subnets"]
        .as_array()
        .context("subnets")?;
    let private = |subnet: &&Value| {
        members
            .iter()
            .any(|member| member["SubnetIdentifier"] == subnet["subnetId"])
    };
    let private: Vec<_> = subnets.iter().filter(private).cloned().collect();
    let ranges = texts(&private, "/cidrBlock")?;
    ensure!(
        ranges == ["10.0.10.0/24", "10.0.20.0/24"],
        "expected the database in the private subnets, found it in {ranges:?}"
    );
    let group = &database["DBParameterGroups"][0]["DBParameterGroupName"];
    let asked = json!({ "DBParameterGroupName": group, "Source": "user" });
    let parameters = list(
        registry.aws,
        "rds",
        "DescribeDBParameters",
        asked,
        "Parameters",
    )?;
    let parameters = by_key(&parameters, "ParameterName", "ParameterValue");
    same(
        "logged statement types",
        &parameters["log_statement"],
        &json!("none"),
    )?;
    // Failed and slow statements would also contain the password of `CREATE ROLE`.
    same(
        "logged failed statements",
        &parameters["log_min_error_statement"],
        &json!("panic"),
    )?;
    same(
        "logged slow statements",
        &parameters["log_min_duration_statement"],
        &json!("-1"),
    )?;
    same(
        "TLS-only connections",
        &parameters["rds.force_ssl"],
        &json!("1"),
    )
}

/// Checks that `DATABASE_URL` is a valid URL for the database, and returns the password in it.
pub(super) fn expect_connection(registry: &Registry<'_>) -> Result<String> {
    let database = registry.database()?;
    let url = registry.secret("database/url")?;
    let rest = url
        .strip_prefix("postgresql://")
        .context("the URL does not start with postgresql://")?;
    let (credentials, place) = rest.split_once('@').context("the URL has no credentials")?;
    let (user, password) = credentials
        .split_once(':')
        .context("the URL has no password")?;
    let endpoint = &database["Endpoint"];
    let expected = format!(
        "{}:{}/skillpkg?sslmode=require",
        endpoint["Address"].as_str().unwrap_or_default(),
        endpoint["Port"].as_str().unwrap_or_default()
    );
    ensure!(
        place == expected,
        "expected the URL to refer to {expected}, found {place}"
    );
    // The error must not contain a password, not even a test password.
    ensure!(
        password.len() >= 32 && password.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        "expected a password of at least 32 letters and digits in the URL"
    );
    ensure!(
        registry.secret("database/password")? == password,
        "the passwords in the URL and the secret differ"
    );
    ensure!(
        registry.aws.rds().accepts(registry.prefix, user, password),
        "the database rejects the user and password in the URL"
    );
    for service in ["api", "worker"] {
        let (_, definition) = registry.service(service)?;
        let secret = registry.secret_facts("database/url")?;
        let versions = secret["VersionIdsToStages"]
            .as_object()
            .context("versions")?;
        let current = versions
            .iter()
            .find(|(_, stages)| stages[0] == "AWSCURRENT");
        let current = current
            .context("the secret database/url has no AWSCURRENT version")?
            .0;
        let arn = secret["ARN"].as_str().context("ARN")?;
        let expected =
            json!([{ "name": "DATABASE_URL", "valueFrom": format!("{arn}:::{current}") }]);
        same(
            &format!("secrets for {service}"),
            &definition["containerDefinitions"][0]["secrets"],
            &expected,
        )?;
    }
    Ok(password.to_owned())
}
