//! Reports installed tools, and tools that the first run installs. Does not change anything.

use super::{Cli, FindError, Kind, ToolError, cache, emulator, mirror, opentofu, tool};

/// A finding for a prerequisite.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Name of the prerequisite, such as `tofu` or `local AWS`.
    pub subject: String,
    /// Its status.
    pub status: Status,
}

/// Status of a prerequisite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Installed: version and path.
    Found(String),
    /// The first run installs the prerequisite into the cache: version and duration.
    Installs(String),
    /// Optional and missing: the consequence and installation instructions.
    Optional(String),
    /// Required and missing: the installation command.
    Missing(String),
}

/// Checks every prerequisite without installing anything.
#[must_use]
pub fn doctor() -> Vec<Finding> {
    let cache = match cache::directory() {
        Ok(path) => Status::Found(path.into_string()),
        Err(error) => Status::Missing(error.to_string()),
    };
    let mut findings = vec![
        finding("cache", cache),
        finding("tofu", tofu()),
        finding("terraform", terraform()),
        finding("local AWS", local_aws()),
    ];
    findings.push(finding("providers", providers()));
    findings
}

fn finding(subject: &str, status: Status) -> Finding {
    Finding {
        subject: subject.to_owned(),
        status,
    }
}

fn tofu() -> Status {
    if let Ok(cli) = Cli::installed(Kind::Tofu) {
        return Status::Found(format!("{} at {}", cli.version(), cli.path()));
    }
    match (tool::go(), opentofu::pinned()) {
        (Ok(go), Ok(version)) => Status::Installs(format!(
            "OpenTofu {version}, built with go {} (about 3 minutes)",
            go.version
        )),
        (Err(error), _) if Cli::installed(Kind::Terraform).is_ok() => {
            Status::Optional(format!("tests run with Terraform only; {error}"))
        }
        (Err(error), _) => missing(&error),
        (_, Err(error)) => Status::Missing(error.to_string()),
    }
}

fn terraform() -> Status {
    match Cli::installed(Kind::Terraform) {
        Ok(cli) => Status::Found(format!("{} at {}", cli.version(), cli.path())),
        Err(error @ FindError::Missing { .. }) => Status::Optional(error.to_string()),
        Err(error) => Status::Missing(error.to_string()),
    }
}

fn local_aws() -> Status {
    let python = match tool::python() {
        Ok(python) => python,
        Err(error) => return missing(&error),
    };
    match emulator::path(&python) {
        Ok(path) if path.is_dir() => Status::Found(format!("{} at {path}", emulator::pins())),
        Ok(_) => Status::Installs(format!(
            "{} for Python {} (about 10 seconds)",
            emulator::pins(),
            python.version
        )),
        Err(error) => Status::Missing(error.to_string()),
    }
}

fn providers() -> Status {
    let packages = mirror::provider_packages();
    if packages.is_empty() {
        return Status::Optional(
            "this machine has no mirror; `init` downloads providers from the registries".to_owned(),
        );
    }
    let list: Vec<_> = packages
        .iter()
        .map(|package| {
            format!(
                "{} {} at {}",
                package.name, package.version, package.directory
            )
        })
        .collect();
    Status::Found(list.join(", "))
}

fn missing(error: &ToolError) -> Status {
    Status::Missing(error.to_string())
}
