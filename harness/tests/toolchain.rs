//! Tests the findings on machines without tools, and the provider mirrors.

use std::error::Error;
use std::fs;
use std::process::Command;

use tfharness::toolchain::{Status, doctor, provider_packages};

type TestResult = Result<(), Box<dyn Error>>;

/// Runs in a separate process with a separate environment, and prints the findings.
#[test]
#[ignore = "a part of other tests, which start it with a different environment"]
fn report() {
    for finding in doctor() {
        println!("\nFINDING {} {:?}", finding.subject, finding.status);
    }
    for package in provider_packages() {
        println!(
            "\nPACKAGE {} {} {}",
            package.name, package.version, package.directory
        );
    }
}

/// Returns the output of [`report`] in an environment that contains only these variables.
fn reported(variables: &[(&str, &str)]) -> Result<Vec<String>, Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?)
        .args(["--ignored", "--exact", "report", "--nocapture"])
        .env_clear()
        .envs(variables.iter().copied())
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let wanted = |line: &&str| line.starts_with("FINDING ") || line.starts_with("PACKAGE ");
    Ok(text.lines().filter(wanted).map(str::to_owned).collect())
}

#[test]
fn missing_tools_are_reported_with_installation_commands() -> TestResult {
    let empty = tempfile::tempdir()?;
    let path = empty.path().to_str().ok_or("not UTF-8")?;
    let findings = reported(&[("PATH", path), ("SKREG_CACHE", path)])?;
    let of = |subject: &str| {
        let prefix = format!("FINDING {subject} ");
        findings
            .iter()
            .find_map(|line| line.strip_prefix(&prefix))
            .unwrap_or_default()
    };
    let installer = if cfg!(target_os = "macos") {
        "brew install"
    } else {
        "apt-get install"
    };
    assert!(
        of("tofu").starts_with("Missing") && of("tofu").contains(installer),
        "{findings:?}"
    );
    assert!(
        of("local AWS").starts_with("Missing") && of("local AWS").contains(installer),
        "{findings:?}"
    );
    assert!(of("terraform").starts_with("Optional"), "{findings:?}");
    assert!(of("cache").contains(path), "{findings:?}");
    assert_eq!(
        fs::read_dir(empty.path())?.count(),
        0,
        "doctor must not change the cache"
    );
    Ok(())
}

#[test]
fn installable_tools_are_reported_with_their_version() -> TestResult {
    let empty = tempfile::tempdir()?;
    let cache = empty.path().to_str().ok_or("not UTF-8")?;
    let path = std::env::var("PATH")?;
    let home = std::env::var("HOME")?;
    let findings = reported(&[("PATH", &path), ("HOME", &home), ("SKREG_CACHE", cache)])?;
    let local = findings
        .iter()
        .find(|line| line.starts_with("FINDING local AWS"))
        .ok_or("the finding is missing")?;
    assert!(
        local.contains("Installs")
            && local.contains("ministack==")
            && local.contains("cryptography=="),
        "{local}"
    );
    assert!(
        doctor()
            .iter()
            .all(|finding| !matches!(finding.status, Status::Missing(_))),
        "{:?}",
        doctor()
    );
    Ok(())
}

#[test]
fn mirrors_are_found_by_their_layout() -> TestResult {
    let mirror = tempfile::tempdir()?;
    let root = mirror.path().to_str().ok_or("not UTF-8")?;
    let system = if cfg!(target_os = "macos") {
        "darwin"
    } else {
        std::env::consts::OS
    };
    let machine = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "amd64"
    };
    for (host, version, platform) in [
        (
            "registry.opentofu.org",
            "1.2.3",
            format!("{system}_{machine}"),
        ),
        ("registry.terraform.io", "2.0.0", "plan9_mips".to_owned()),
        (
            "registry.terraform.io",
            "not-a-version",
            format!("{system}_{machine}"),
        ),
    ] {
        fs::create_dir_all(
            mirror
                .path()
                .join(host)
                .join("acme/thing")
                .join(version)
                .join(platform),
        )?;
    }
    let found = reported(&[
        ("PATH", ""),
        ("SKREG_CACHE", root),
        ("SKREG_PROVIDER_MIRROR", root),
    ])?;
    let packages: Vec<_> = found
        .iter()
        .filter(|line| line.starts_with("PACKAGE acme/thing"))
        .collect();
    assert_eq!(packages.len(), 1, "{found:?}");
    assert!(
        packages[0].starts_with("PACKAGE acme/thing 1.2.3 "),
        "{found:?}"
    );
    Ok(())
}
