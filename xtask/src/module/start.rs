//! `cargo xtask module new`: writes the first files of a package. Without changes, they compile, generate, validate,
//! and pass their test.

use anyhow::{Context, Result, bail, ensure};

use crate::console;
use crate::repository::Repository;

/// The list of packages.
const LIST: &str = "catalog/src/packages.rs";
/// The list of tests.
const TESTS: &str = "tests/tests/packages/main.rs";

/// Writes the files and prints the next steps.
///
/// # Errors
/// Returns an error if the name is invalid or already in use, or if a list does not have the expected form.
pub(super) fn start(repository: &Repository, name: &str) -> Result<()> {
    let module = module_name(name)?;
    let new = [
        (
            format!("catalog/src/packages/{module}.rs"),
            declaration(name),
        ),
        (format!("examples/{name}/main.tf"), example(name)),
        (format!("examples/{name}/versions.tf"), VERSIONS.to_owned()),
        (format!("tests/tests/packages/{module}.rs"), test(name)),
    ];
    for (path, _) in &new {
        ensure!(
            !repository.path(path).exists(),
            "{path} already exists; choose another name"
        );
    }
    let mut changed = Vec::new();
    for (path, change) in [
        (LIST, listed as fn(&str, &str) -> Option<String>),
        (TESTS, tested),
    ] {
        let file = repository.path(path);
        let text = std::fs::read_to_string(&file).with_context(|| format!("reading {path}"))?;
        let Some(text) = change(&text, &module) else {
            bail!(
                "{path} does not have the form that `module new` expects; add the package manually"
            );
        };
        changed.push((path.to_owned(), text));
    }
    for (path, text) in new.into_iter().chain(changed) {
        let file = repository.path(&path);
        let folder = file.parent().context("the path has no parent folder")?;
        std::fs::create_dir_all(folder)
            .with_context(|| format!("creating {}", folder.display()))?;
        std::fs::write(&file, text).with_context(|| format!("writing {path}"))?;
        console::good(&path);
    }
    console::line("\nNext steps:");
    for (command, what) in [
        (
            "cargo xtask schema import --provider hashicorp/aws --version 5.100.0 TYPE…",
            "import the resource types that the package needs",
        ),
        ("cargo xtask gen", "generate builders, modules, and pages"),
        (
            "cargo xtask test packages",
            "validate and apply the package",
        ),
        (
            &format!("cargo xtask demo --example {name}"),
            "apply the example to a local AWS emulator",
        ),
    ] {
        console::line(&format!("  {command}\n      {what}"));
    }
    Ok(())
}

/// Returns the Rust module name of a package.
fn module_name(name: &str) -> Result<String> {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    ensure!(
        name.split('-').all(word),
        "`{name}` is not a valid package name; use lowercase words separated by hyphens, such as ml-api"
    );
    Ok(name.replace('-', "_"))
}

/// Adds a package to the list of packages.
fn listed(text: &str, module: &str) -> Option<String> {
    let text = with_module(text, "mod ", module)?;
    let (before, after) = text.split_once("vec![")?;
    let (packages, after) = after.split_once(']')?;
    let packages = packages.trim().trim_end_matches(',');
    Some(format!(
        "{before}vec![{packages}, {module}::package()]{after}"
    ))
}

/// Adds a package to the list of tests.
fn tested(text: &str, module: &str) -> Option<String> {
    with_module(text, "mod ", module)
}

/// Adds a module declaration in alphabetical order.
fn with_module(text: &str, keyword: &str, module: &str) -> Option<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let new = format!("{keyword}{module};");
    let declared = |line: &String| line.starts_with(keyword) && line.ends_with(';');
    let last = lines.iter().rposition(declared)?;
    let mut position = lines
        .iter()
        .position(|line| declared(line) && *line > new)
        .unwrap_or(last + 1);
    // Attributes must stay with their declaration.
    while position > 0 && lines[position - 1].starts_with("#[") {
        position -= 1;
    }
    lines.insert(position, new);
    Some(lines.join("\n") + "\n")
}

const VERSIONS: &str = r#"terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}
"#;

fn declaration(name: &str) -> String {
    format!(
        r#"//! The package `{name}`: describe its purpose here.

use tfmodgen::Package;
use tfmodgen::prelude::*;

use crate::aws::conventions::{{Conventions, Identity, TARGET, module}};
use crate::aws::inputs::{{log_retention_days, tags}};

/// Facts about this package for its parts.
const CONVENTIONS: Conventions = Conventions {{
    package: "{name}",
    noun: ["deployment", "deployments"],
    deletion_protection: "Whether to prevent deletion of resources that contain data. Before you destroy the deployment, set this to false and apply.",
    force_destroy: "Whether to delete resources that contain data, without recovery, when you destroy the deployment.",
}};

/// Returns the package with its parts.
pub(super) fn package() -> Package {{
    Package::new(TARGET, root(&CONVENTIONS))
}}

tfmodgen::inputs! {{
    /// Inputs of the package.
    struct Inputs(input, to: &Conventions) {{
        optional name: Str = input
            .declare(string())
            .describe("Prefix of every name.")
            .default(to.package)
            .validate(
                |name| matches("^[a-z][a-z0-9-]{{0,30}}[a-z0-9]$", name),
                "The name must contain 2 to 32 lowercase letters, digits, and hyphens, and start with a letter.",
            )
            .refuses("No name"),
        optional log_retention_days: Num = log_retention_days(input),
        optional tags: Map<Str> = tags(input),
    }}
}}

tfmodgen::outputs! {{
    /// Outputs of the package.
    struct Outputs {{
        /// Name of the log group.
        log_group_name: Str,
    }}
}}

fn root(to: &Conventions) -> Part<Inputs, Outputs> {{
    let mut m = module(to.package, "Describe its purpose in one sentence.");
    let inputs = Inputs::declare(&mut m, to);
    let own = Identity::of(&inputs.name, &inputs.tags);
    let group = m.resource(
        aws_blocks::CloudwatchLogGroup::new("this")
            .name(template(["/{name}/".into(), (&own.name).into()]))
            .retention_in_days(&inputs.log_retention_days)
            .tags(&own.tags),
    );
    m.scenario("the_group_has_the_name_of_the_deployment", |scenario| {{
        scenario.given(&inputs.name, "other").expect(
            group.name().equals("/{name}/other"),
            "The group is named after the package and the prefix.",
        )
    }});
    let log_group_name = output(group.name());
    Part::new(m, inputs, Outputs {{ log_group_name }})
}}
"#
    )
}

fn example(name: &str) -> String {
    let block = name.replace('-', "_");
    format!(
        r#"# Uses the defaults of the module. The provider resolves region and credentials like other AWS tools.
module "{block}" {{
  source = "../../modules/{name}"
}}

output "log_group_name" {{
  description = "Name of the log group."
  value       = module.{block}.log_group_name
}}
"#
    )
}

fn test(name: &str) -> String {
    format!(
        r#"//! Applies the example of `{name}`, checks its resources with direct API calls, and destroys it.

use anyhow::{{Result, ensure}};
use serde_json::json;
use tfharness::{{Cli, LocalAws, Workspace}};

#[test]
fn {}_example_applies_and_destroy_removes_all_resources() -> Result<()> {{
    for cli in Cli::all()? {{
        let aws = LocalAws::account()?;
        let stack = Workspace::of("examples/{name}")
            .cli(&cli)
            .aws(&aws)
            .apply()?;
        let name: String = stack.output("log_group_name")?;
        let groups = aws.call(
            "logs",
            "DescribeLogGroups",
            json!({{ "logGroupNamePrefix": name }}),
        )?;
        ensure!(
            groups["logGroups"][0]["retentionInDays"] == 30,
            "expected {{name}} to retain logs for 30 days, DescribeLogGroups returned {{groups}}"
        );
        stack.destroy()?;
        aws.expect_empty()?;
    }}
    Ok(())
}}
"#,
        name.replace('-', "_")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_names_are_lowercase_words_with_hyphens() {
        assert_eq!(module_name("ml-api").expect("the name is valid"), "ml_api");
        for wrong in ["", "Ml", "ml_api", "-a", "a--b", "3d", "a b"] {
            let error = module_name(wrong).expect_err(wrong).to_string();
            assert!(error.contains("such as ml-api"), "{error}");
        }
    }

    #[test]
    fn package_is_listed_once_and_in_order() {
        let text = "//! Packages.\n\nmod skreg;\n\nuse tfmodgen::Package;\n\npub fn packages() -> Vec<Package> {\n    vec![skreg::package()]\n}\n";
        let with = listed(text, "ml_api").expect("the list has the expected form");
        assert!(with.contains("mod ml_api;\nmod skreg;\n"), "{with}");
        assert!(
            with.contains("vec![skreg::package(), ml_api::package()]"),
            "{with}"
        );
        let more = listed(&with, "zebra").expect("the list has the expected form");
        assert!(more.contains("mod skreg;\nmod zebra;\n"), "{more}");
        assert_eq!(listed("nothing", "a"), None);
    }

    #[test]
    fn attributes_stay_with_their_module() {
        let text = "mod frozen;\n#[path = \"../verifier/openssl.rs\"]\nmod openssl;\n";
        assert_eq!(
            tested(text, "notes").as_deref(),
            Some("mod frozen;\nmod notes;\n#[path = \"../verifier/openssl.rs\"]\nmod openssl;\n")
        );
    }
}
