//! Compares the errors of a double with the errors of `hashicorp/aws` for invalid configurations.

use acceptance::alternating_clis;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tfharness::Workspace;
use tfharness::workspace::Stack;

use crate::providers;

const HEAD: &str = "terraform {\n  required_providers {\n    aws = {\n      source  = \"hashicorp/aws\"\n      version = \
                    \">= 5.100\"\n    }\n  }\n}\n";

/// Invalid configurations, by the violated rule.
const CASES: [(&str, &str); 9] = [
    (
        "required argument",
        "resource \"aws_kms_alias\" \"x\" {\n  name = \"alias/x\"\n}\n",
    ),
    (
        "unsupported argument",
        "resource \"aws_kms_key\" \"x\" {\n  descriptions = \"x\"\n}\n",
    ),
    (
        "unsupported block",
        "resource \"aws_kms_key\" \"x\" {\n  setting {}\n}\n",
    ),
    ("unsupported type", "resource \"aws_kms_keys\" \"x\" {}\n"),
    (
        "type",
        "resource \"aws_cloudwatch_log_group\" \"x\" {\n  retention_in_days = \"many\"\n}\n",
    ),
    (
        "read-only",
        "resource \"aws_kms_key\" \"x\" {\n  arn = \"x\"\n}\n",
    ),
    (
        "missing block",
        "resource \"aws_s3_bucket_versioning\" \"x\" {\n  bucket = \"x\"\n}\n",
    ),
    (
        "conflict",
        "resource \"aws_iam_role\" \"x\" {\n  name               = \"x\"\n  name_prefix        = \"x\"\n  assume_role_policy = \"{}\"\n}\n",
    ),
    (
        "allowed values",
        "resource \"aws_vpc\" \"x\" {\n  cidr_block       = \"10.0.0.0/16\"\n  instance_tenancy = \"x\"\n}\n",
    ),
];

/// Rules whose errors have different summaries. The double uses the messages of this project.
const OTHER_SUMMARIES: [&str; 3] = ["read-only", "conflict", "allowed values"];

/// Returns the summary, and whether the location is in the resource, of every error.
fn errors(stack: &Stack) -> Result<Vec<String>> {
    let validation = stack.validate()?;
    ensure!(!validation.valid, "the configuration is valid");
    let errors = validation
        .diagnostics
        .iter()
        .filter(|each| each["severity"] == "error");
    errors
        .map(|each| {
            let summary = each["summary"].as_str().context("no summary")?;
            let line = &each["range"]["start"]["line"];
            ensure!(*line != Value::Null, "the error has no location: {each}");
            Ok(format!("{summary} in {}", each["range"]["filename"]))
        })
        .collect()
}

#[test]
fn double_rejects_what_the_real_provider_rejects() -> Result<()> {
    for cli in alternating_clis()? {
        let real = Workspace::inline(HEAD).cli(&cli).init()?;
        let double = Workspace::inline(HEAD)
            .cli(&cli)
            .doubles([providers::aws()])
            .init()?;
        for (rule, configuration) in CASES {
            let configuration = format!("{HEAD}{configuration}");
            real.write("main.tf", &configuration)?;
            double.write("main.tf", &configuration)?;
            let context = || format!("{cli}: {rule}");
            let expected = errors(&real).with_context(context)?;
            let found = errors(&double).with_context(context)?;
            let equal = expected == found;
            ensure!(
                equal != OTHER_SUMMARIES.contains(&rule),
                "{cli}: {rule}: found {found:?}, expected {expected:?}"
            );
        }
    }
    Ok(())
}
