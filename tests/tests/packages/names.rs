//! Names of packages: environments with different suffixes do not share a name, in any account and region, and no
//! package contains an account ID, a region, or the name of an environment.
//!
//! Names are known during planning, so doubles replace the providers.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use camino::Utf8Path;
use serde_json::{Value, json};
use tfharness::workspace::Plan;
use tfharness::{Cli, Workspace};

use crate::package::{Package, repository};
use crate::providers;
use crate::scenario::side_by_side;

/// Attributes that name an object.
const NAMES: [&str; 9] = [
    "alarm_name",
    "alias",
    "cluster_identifier",
    "cluster_name",
    "dashboard_name",
    "identifier",
    "name",
    "repository_name",
    "table_name",
];
/// Types whose name is unique only within another object, which the reason specifies.
const WITHIN: [(&str, &str); 5] = [
    (
        "aws_appautoscaling_policy",
        "The scalable target of the service.",
    ),
    (
        "aws_appautoscaling_scheduled_action",
        "The scalable target of the service.",
    ),
    ("aws_autoscaling_lifecycle_hook", "The Auto Scaling group."),
    (
        "aws_ecs_cluster_capacity_providers",
        "The ECS cluster, which it belongs to.",
    ),
    ("aws_iam_role_policy", "The IAM role."),
];
/// Types of which the plan of `ml-api` and `pipeline` must contain names, so that the test compares names at all.
const EXPECTED: [&str; 8] = [
    "aws_cloudfront_origin_access_control",
    "aws_codebuild_project",
    "aws_codepipeline",
    "aws_ecr_repository",
    "aws_iam_role",
    "aws_lb",
    "aws_s3_bucket",
    "aws_wafv2_web_acl",
];

/// An environment: one of two accounts, a region, and a suffix.
struct Environment {
    account: &'static str,
    region: &'static str,
    suffix: &'static str,
}

const ENVIRONMENTS: [Environment; 4] = [
    Environment {
        account: "111111111111",
        region: "us-east-1",
        suffix: "one",
    },
    Environment {
        account: "111111111111",
        region: "eu-west-1",
        suffix: "two",
    },
    Environment {
        account: "222222222222",
        region: "us-east-1",
        suffix: "three",
    },
    Environment {
        account: "222222222222",
        region: "eu-west-1",
        suffix: "four",
    },
];

/// Example with its variables for a suffix.
fn examples(suffix: &str) -> [(&'static str, Vec<(&'static str, Value)>); 3] {
    let address = json!("devops@example.com");
    [
        (
            "ml-api",
            vec![
                ("environment_suffix", json!(suffix)),
                ("gpu", json!({ "instance_type": "g5.xlarge" })),
            ],
        ),
        (
            "pipeline-codecommit",
            vec![
                ("environment", json!(suffix)),
                ("repository", json!("shop")),
                ("notification_email", address.clone()),
            ],
        ),
        (
            "pipeline-github",
            vec![
                ("environment", json!(format!("{suffix}-gh"))),
                ("github_repository", json!("acme/shop")),
                ("notification_email", address),
                ("ecs_service", crate::pipeline::service()),
            ],
        ),
    ]
}

#[test]
fn environments_in_two_regions_and_two_accounts_share_no_name() -> Result<()> {
    let clis = Cli::all()?;
    let plans: Vec<_> = ENVIRONMENTS
        .iter()
        .flat_map(|one| examples(one.suffix).map(|example| (one, example)))
        .zip(clis.iter().cycle())
        .collect();
    // Names do not depend on the CLI, so each plan has one.
    let found = side_by_side(&plans, 2, |((environment, (example, variables)), cli)| {
        let rules = tempfile::tempdir()?;
        let rules = Utf8Path::from_path(rules.path()).context("UTF-8")?;
        rules_of_account(environment.account, rules)?;
        let workspace = Workspace::of(format!("examples/{example}"))
            .cli(*cli)
            .doubles([providers::aws().rules(rules), providers::skreg()])
            .var("region", environment.region);
        let workspace = variables
            .iter()
            .fold(workspace, |workspace, (name, value)| {
                workspace.var(name, value.clone())
            });
        let plan = workspace.init()?.plan()?;
        names(&plan, environment.account)
            .with_context(|| format!("{example} with {cli} in {}", environment.region))
    })?;
    let mut owners: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (index, names) in found.into_iter().enumerate() {
        for name in names {
            owners.entry(name).or_default().push(index);
        }
    }
    let shared: Vec<_> = owners
        .iter()
        .filter(|(_, plans)| plans.len() > 1)
        .map(|(name, _)| name)
        .collect();
    ensure!(
        shared.is_empty(),
        "more than one environment has the names {shared:#?}"
    );
    let kinds: BTreeSet<_> = owners.keys().map(|(kind, _)| kind.as_str()).collect();
    let missing: Vec<_> = EXPECTED
        .into_iter()
        .filter(|kind| !kinds.contains(kind))
        .collect();
    ensure!(
        missing.is_empty(),
        "the plans contain no names of {missing:?}"
    );
    println!(
        "{} names of {} types in {} plans are distinct",
        owners.len(),
        kinds.len(),
        plans.len()
    );
    Ok(())
}

/// Writes the rules of `hashicorp/aws` to a directory, for an account.
fn rules_of_account(account: &str, directory: &Utf8Path) -> Result<()> {
    let rules = repository()?.join("crates/tfdouble/rules/hashicorp-aws");
    let mut written = 0;
    for (path, text) in Package::documents(&rules)? {
        let path = directory.join(path);
        std::fs::create_dir_all(path.parent().context("a directory")?)?;
        let of_account = text.replace("123456789012", account);
        written += usize::from(of_account != text);
        std::fs::write(path, of_account)?;
    }
    ensure!(written > 0, "no rule contains the account");
    Ok(())
}

/// Returns the types and names of the planned objects. Names of buckets are unique in all accounts, so that they must
/// contain the account ID.
fn names(plan: &Plan, account: &str) -> Result<BTreeSet<(String, String)>> {
    let mut names = BTreeSet::new();
    for one in plan.changes().filter(|one| one.mode == "managed") {
        if WITHIN.iter().any(|(kind, _)| *kind == one.kind) {
            continue;
        }
        let after = &one.change.after;
        let bucket = after["bucket"]
            .as_str()
            .filter(|_| one.kind == "aws_s3_bucket");
        if let Some(name) = bucket {
            ensure!(
                name.contains(account),
                "the bucket {name} can exist in another account"
            );
        }
        let own = NAMES.iter().filter_map(|name| after[*name].as_str());
        for name in own.chain(bucket) {
            let new = names.insert((one.kind.clone(), name.to_owned()));
            ensure!(
                new,
                "two objects of the type {} have the name {name}",
                one.kind
            );
        }
    }
    Ok(names)
}

/// A value that a package contains on purpose: the file, the value, and the reason.
struct Allowed {
    file: &'static str,
    value: &'static str,
    reason: &'static str,
}

const ALLOWED: [Allowed; 13] = [
    Allowed {
        file: "variables.tf",
        value: "us-east-1",
        reason: "Certificates and web ACLs of CloudFront are in this region only.",
    },
    Allowed {
        file: "cdn.tf",
        value: "*",
        reason: "CloudFront does not deliver logs to buckets in these regions.",
    },
    Allowed {
        file: "preview-base/main.tf",
        value: "production",
        reason: "The profile is an input with this value, and determines the hosts of the gateway.",
    },
    Allowed {
        file: "preview-base/postgresql.tf",
        value: "production",
        reason: "The profile is an input with this value, and selects a managed database.",
    },
    Allowed {
        file: "preview-base/variables.tf",
        value: "production",
        reason: "The profile is an input with this value, and has a validation.",
    },
    Allowed {
        file: "preview-env/database.tf",
        value: "production",
        reason: "The profile is an input with this value, and keeps the database.",
    },
    Allowed {
        file: "preview-env/main.tf",
        value: "production",
        reason: "The profile is an input with this value, and determines names and hosts.",
    },
    Allowed {
        file: "preview-env/quota.tf",
        value: "production",
        reason: "The profile is an input with this value, and removes the quota.",
    },
    Allowed {
        file: "preview-env/variables.tf",
        value: "production",
        reason: "The profile is an input with this value, and has validations.",
    },
    Allowed {
        file: "skreg/main.tf",
        value: "prod",
        reason: "The environment is an input of the registry, and its production names have no suffix.",
    },
    Allowed {
        file: "skreg/variables.tf",
        value: "prod staging dev",
        reason: "The environment is an input of the registry with these values.",
    },
    Allowed {
        file: "scaleway-app/variables.tf",
        value: "dev staging production",
        reason: "The environment is an input of the application, which selects a profile.",
    },
    Allowed {
        file: "state-backend/variables.tf",
        value: "prod",
        reason: "The environment is an input of the state bucket.",
    },
];

#[test]
fn packages_contain_no_account_region_or_environment() -> Result<()> {
    let modules = repository()?.join("modules");
    let mut idle: Vec<_> = ALLOWED.iter().collect();
    let (mut files, mut wrong) = (0, Vec::new());
    for (path, text) in Package::documents(&modules)? {
        let configuration = [".tf", ".yml"].iter().any(|end| path.ends_with(end));
        // The tests of a module contain values for its inputs and for mocks.
        if !configuration || Utf8Path::new(&path).iter().any(|part| part == "tests") {
            continue;
        }
        files += 1;
        for (line, value) in fixed_values(&text) {
            let allowed = |one: &&Allowed| {
                path.ends_with(one.file)
                    && (one.value == "*" || one.value.split(' ').any(|known| known == value))
            };
            match ALLOWED.iter().find(allowed) {
                Some(found) => idle.retain(|one| one.reason != found.reason),
                None => wrong.push(format!("{path}:{line}: {value}")),
            }
        }
    }
    ensure!(files > 50, "the scan read only {files} files");
    ensure!(wrong.is_empty(), "fixed values:\n{}", wrong.join("\n"));
    let idle: Vec<_> = idle.iter().map(|one| one.reason).collect();
    ensure!(idle.is_empty(), "no file needs the exceptions {idle:?}");
    Ok(())
}

/// Returns account IDs, regions, Availability Zones, and names of environments with their lines. Comments, descriptions,
/// and messages can contain examples, and `production` is also the name of an input.
fn fixed_values(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let code = line.trim_start();
        let prose = ["#", "description ", "error_message ", "variable "];
        if prose.iter().any(|start| code.starts_with(start)) {
            continue;
        }
        let words = code.split(|one: char| !one.is_ascii_alphanumeric() && one != '-');
        let words = words.filter(|word| is_account(word) || is_region(word));
        let quoted = code.split('"').skip(1).step_by(2);
        let quoted = quoted.filter(|text| is_environment(text));
        found.extend(
            words
                .chain(quoted)
                .map(|value| (index + 1, value.to_owned())),
        );
    }
    found
}

fn is_account(word: &str) -> bool {
    word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns whether a word is a region, such as `us-gov-west-1`, or a zone.
fn is_region(word: &str) -> bool {
    let word = word.trim_end_matches(|last: char| last.is_ascii_lowercase());
    let parts: Vec<_> = word.split('-').collect();
    let [continent, middle @ .., number] = parts.as_slice() else {
        return false;
    };
    let directions = [
        "central",
        "east",
        "north",
        "northeast",
        "northwest",
        "south",
        "southeast",
        "southwest",
        "west",
    ];
    continent.len() == 2
        && number.len() == 1
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && middle.last().is_some_and(|last| directions.contains(last))
}

fn is_environment(text: &str) -> bool {
    ["prod", "production", "staging", "dev", "development", "qa"].contains(&text)
}

#[test]
fn scan_finds_fixed_values() {
    let text = "# 123456789012\n  description = \"eu-west-1\"\n  x = \"arn:aws:s3:us-gov-west-1:123456789012:x\"\n  \
        zone = \"ap-southeast-2b\"\n  y = \"staging\"\n  variable \"production\" {\n  z = \"g5-large-1\"\n  production = true\n";
    let found: Vec<_> = fixed_values(text)
        .into_iter()
        .map(|(line, value)| format!("{line} {value}"))
        .collect();
    assert_eq!(
        found,
        [
            "3 us-gov-west-1",
            "3 123456789012",
            "4 ap-southeast-2b",
            "5 staging"
        ]
    );
}
