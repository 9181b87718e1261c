//! Upgrades a package from one version to the next, which must not destroy or replace a resource.
//!
//! The old version is the last release, a tag `v*`. If no release exists, the test uses the current version for both.
//! In this case, the test verifies only that an update without changes has an empty plan, and the test output states
//! this. A release that is in the changelog but has no tag is an error.

use std::io::Write as _;
use std::process::Command;

use acceptance::alternating_clis;
use anyhow::{Context as _, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};
use tfharness::workspace::{Action, Stack};
use tfharness::{Cli, LocalAws, Workspace};

use crate::package::{Package, caller, repository};
use crate::requirements::expect_identity_provider;
use crate::scenario::{expect_nothing_stored, side_by_side, with_one_cli};

/// Two versions of a package, and a root module that calls it.
struct Upgrade<'a> {
    old: Package,
    new: Package,
    inputs: &'a [(&'a str, Value)],
}

impl Upgrade<'_> {
    /// Applies the old version, replaces it with the new one, and applies the new one. Returns an error if the plan
    /// destroys or replaces a resource, or if the second plan is not empty.
    fn run(&self, cli: &Cli, aws: Option<&LocalAws>) -> Result<Stack> {
        let mut workspace = self.old.under(caller(self.inputs)).cli(cli);
        if let Some(aws) = aws {
            workspace = workspace.aws(aws);
        }
        let stack = workspace.apply().context("the old version")?;
        for path in self.old.files().keys() {
            std::fs::remove_file(stack.directory().join("package").join(path))?;
        }
        for (path, text) in self.new.files() {
            stack.write(&format!("package/{path}"), text)?;
        }
        stack.init().context("the new version")?;
        let plan = stack.plan().context("the new version")?;
        let lost: Vec<_> = plan
            .changes()
            .filter(|one| one.change.actions.contains(&Action::Delete))
            .map(|one| (one.address.as_str(), one.action_reason.as_deref()))
            .collect();
        if !lost.is_empty() {
            stack.destroy().context("after the rejected plan")?;
            bail!("the new version destroys or replaces {lost:?}; add a moved block");
        }
        stack.apply().context("the new version")?;
        Ok(stack)
    }
}

#[test]
fn upgrade_from_the_last_release_destroys_no_resources() -> Result<()> {
    let (old, new, released) = versions("skreg")?;
    // Without a release, one CLI is sufficient.
    let clis = if released {
        Cli::all()?
    } else {
        vec![Cli::all()?.swap_remove(0)]
    };
    let inputs = [
        ("github_repository", json!("acme/skreg")),
        ("deletion_protection", json!(false)),
        ("force_destroy", json!(true)),
    ];
    let upgrade = Upgrade {
        old,
        new,
        inputs: &inputs,
    };
    side_by_side(&clis, clis.len(), |cli| {
        let aws = LocalAws::account()?;
        let stack = upgrade.run(cli, Some(&aws))?;
        stack.destroy()?;
        aws.expect_empty()?;
        Ok(())
    })
    .map(drop)
}

/// The minimal example from the version in which the registry created the identity provider.
const OLD_MAIN: &str = r#"module "skreg" {
  source = "./old"
}
"#;
const OLD_REGISTRY: &str = r#"module "github_identity" {
  source = "./github-identity"
}

output "api_url" {
  value = null
}

output "oidc_role_arn" {
  value = null
}
"#;
const OLD_IDENTITY: &str = r#"resource "aws_iam_openid_connect_provider" "github" {
  count = 1

  client_id_list = ["sts.amazonaws.com"]
  url            = "https://token.actions.githubusercontent.com"
}
"#;

#[test]
fn upgraded_minimal_example_keeps_the_identity_provider() -> Result<()> {
    for cli in alternating_clis()? {
        let aws = LocalAws::account()?;
        let stack = Workspace::of("examples/skreg-minimal")
            .cli(&cli)
            .aws(&aws)
            .var("github_repository", "acme/skreg")
            .init()?;
        let example = repository()?.join("examples/skreg-minimal");
        stack.write("main.tf", OLD_MAIN)?;
        stack.write("moved.tf", "")?;
        stack.write("old/main.tf", OLD_REGISTRY)?;
        stack.write("old/github-identity/main.tf", OLD_IDENTITY)?;
        stack.init()?;
        stack.apply().context("the old version")?;
        for file in ["main.tf", "moved.tf"] {
            stack.write(file, &std::fs::read_to_string(example.join(file))?)?;
        }
        stack.init()?;
        let plan = stack.plan().context("the new version")?;
        let found: Vec<_> = plan
            .changes()
            .filter(|one| one.kind == "aws_iam_openid_connect_provider")
            .map(|one| (one.address.as_str(), one.change.actions.as_slice()))
            .collect();
        // The plan does not list unchanged and moved resources as changes.
        ensure!(
            found.is_empty(),
            "{cli}: expected the provider to be kept, found {found:?}"
        );
        let role = "module.skreg.module.github_identity.aws_iam_role.this";
        ensure!(
            plan.resource(role).is_some(),
            "{cli}: expected the registry in the plan"
        );
        stack.write("main.tf", OLD_MAIN)?;
        stack.write("moved.tf", "")?;
        stack.init()?;
        stack.destroy()?;
        aws.expect_empty()?;
    }
    Ok(())
}

#[test]
fn upgraded_registry_leaves_its_identity_provider_in_the_account() -> Result<()> {
    with_one_cli(|cli, aws| {
        let repository_arn = format!("arn:aws:ecr:us-east-1:{}:repository/skreg-api", aws.id());
        let inputs = [
            ("name", json!("skreg")),
            ("account_id", json!(aws.id())),
            ("github_repository", json!("acme/skreg")),
            ("ecr_repository_arns", json!([repository_arn])),
        ];
        let part = Package::read(&repository()?.join("modules/skreg/modules/github-identity"))?;
        let variables = &part.files()["variables.tf"];
        let stack = Workspace::inline(caller(&inputs))
            .file("package/main.tf", OLD_IDENTITY)
            .file("package/variables.tf", variables)
            .cli(cli)
            .aws(aws)
            .apply()
            .context("the old version")?;
        for (path, text) in part.files() {
            stack.write(&format!("package/{path}"), text)?;
        }
        stack.init()?;
        stack.apply().context("the new version")?;
        expect_identity_provider(aws).context("after the new version is applied")?;
        stack.destroy()?;
        expect_identity_provider(aws).context("after the registry is destroyed")?;
        let arn = format!(
            "arn:aws:iam::{}:oidc-provider/token.actions.githubusercontent.com",
            aws.id()
        );
        let named = json!({ "OpenIDConnectProviderArn": arn });
        aws.call("iam", "DeleteOpenIDConnectProvider", named)?;
        aws.expect_empty()?;
        Ok(())
    })
}

/// Returns the last release of the package, the current package, and whether a release exists.
fn versions(name: &str) -> Result<(Package, Package, bool)> {
    let new = Package::named(name)?;
    let changelog = std::fs::read_to_string(repository()?.join("CHANGELOG.md"))?;
    let tags = git(&["tag", "--list", "v*", "--sort=-version:refname"])?;
    let tags: Vec<&str> = tags.lines().collect();
    let Some(tag) = last_release(&changelog, &tags)? else {
        say(&format!(
            "{name} is upgraded from the current version: no tag v* exists, and CHANGELOG.md lists no earlier release"
        ))?;
        return Ok((new.clone(), new, false));
    };
    let folder = tempfile::tempdir()?;
    let archive = folder.path().join("release.tar");
    let archive = archive.to_str().context("the path is not UTF-8")?;
    git(&[
        "archive",
        "--output",
        archive,
        tag,
        "--",
        &format!("modules/{name}"),
    ])?;
    let place = folder.path().to_str().context("the path is not UTF-8")?;
    let unpacked = Command::new("tar")
        .args(["-xf", archive, "-C", place])
        .status();
    ensure!(
        unpacked.context("cannot start tar")?.success(),
        "tar cannot extract {archive}"
    );
    let old = Package::read(&Utf8PathBuf::from(place).join("modules").join(name))?;
    say(&format!("{name} is upgraded from {tag}"))?;
    Ok((old, new, true))
}

/// Returns the highest release tag from tags in descending order. Only the newest version in the changelog can lack a
/// tag, because the changelog is committed first.
fn last_release<'t>(changelog: &str, tags: &[&'t str]) -> Result<Option<&'t str>> {
    let listed = changelog.lines().filter_map(|line| {
        let version = line.strip_prefix("## ")?.trim_start_matches(['[', 'v']);
        let end = version
            .find(|letter: char| letter == ']' || letter.is_whitespace())
            .unwrap_or(version.len());
        let is_version = version.starts_with(|letter: char| letter.is_ascii_digit());
        is_version.then_some(&version[..end])
    });
    for version in listed.skip(1) {
        ensure!(
            tags.iter()
                .any(|tag| tag.strip_prefix('v') == Some(version)),
            "CHANGELOG.md lists the release {version}, but the tag v{version} does not exist; run: git fetch --tags"
        );
    }
    Ok(tags.first().copied())
}

/// Writes a line to standard error without capture, which makes it visible even if the test succeeds.
fn say(line: &str) -> Result<()> {
    writeln!(std::io::stderr(), "{line}").context("standard error is closed")
}

#[test]
fn release_without_a_tag_is_an_error() -> Result<()> {
    let changelog =
        "# Changelog\n\n## Unreleased\n\n## [0.3.0] - 2026-01-01\n\n## v0.2.0\n\n## 0.1.0\n";
    ensure!(last_release("## Unreleased\n", &[])?.is_none());
    ensure!(last_release("## 0.1.0\n", &[])?.is_none());
    ensure!(last_release(changelog, &["v0.2.0", "v0.1.0"])? == Some("v0.2.0"));
    for tags in [&[][..], &["v0.3.0", "v0.1.0"]] {
        let Err(refused) = last_release(changelog, tags) else {
            bail!("expected an error for the tags {tags:?}")
        };
        ensure!(
            refused.to_string().contains("git fetch --tags"),
            "{refused}"
        );
    }
    Ok(())
}

fn git(arguments: &[&str]) -> Result<String> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(repository()?)
        .output()
        .context("cannot start git; install it with: apt-get install git")?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "git {arguments:?} failed: {complaint}"
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// Creates a test package that contains a resource with the specified name.
fn note(name: &str, more: &str) -> Result<Package> {
    let folder = tempfile::tempdir()?;
    let folder = Utf8Path::from_path(folder.path())
        .context("the path is not UTF-8")?
        .to_owned();
    std::fs::create_dir_all(&folder)?;
    let main = format!("resource \"terraform_data\" \"{name}\" {{\n  input = \"kept\"\n}}\n{more}");
    std::fs::write(folder.join("main.tf"), main)?;
    let package = Package::read(&folder);
    std::fs::remove_dir_all(&folder)?;
    package
}

#[test]
fn renaming_requires_a_moved_block() -> Result<()> {
    let moved = "moved {\n  from = terraform_data.old\n  to   = terraform_data.new\n}\n";
    for cli in alternating_clis()? {
        let upgrade = |more: &str| {
            anyhow::Ok(Upgrade {
                old: note("old", "")?,
                new: note("new", more)?,
                inputs: &[],
            })
        };
        let stack = upgrade(moved)?
            .run(&cli, None)
            .context("with a moved block")?;
        stack.destroy()?;
        expect_nothing_stored(&stack)?;
        let Err(refused) = upgrade("")?.run(&cli, None) else {
            bail!("{cli}: a version that destroys a resource must be rejected");
        };
        let refused = format!("{refused:#}");
        ensure!(
            refused.contains("destroys or replaces") && refused.contains("terraform_data.old"),
            "{cli}: expected a different error, found {refused}"
        );
    }
    Ok(())
}

#[test]
fn version_that_replaces_a_resource_is_rejected() -> Result<()> {
    let with = |input: &str| {
        note(
            "kept",
            &format!(
                "resource \"terraform_data\" \"id\" {{\n  triggers_replace = \"{input}\"\n}}\n"
            ),
        )
    };
    let cli = Cli::all()?.swap_remove(0);
    let upgrade = Upgrade {
        old: with("1")?,
        new: with("2")?,
        inputs: &[],
    };
    let Err(refused) = upgrade.run(&cli, None) else {
        bail!("a replacement must be rejected")
    };
    let refused = format!("{refused:#}");
    ensure!(
        refused.contains("terraform_data.id"),
        "expected a different error, found {refused}"
    );
    Ok(())
}
