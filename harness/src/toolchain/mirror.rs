//! Finds provider packages in mirrors on this machine. Must never require a mirror.

use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

/// Environment variable that specifies a provider mirror. This mirror takes precedence.
const VARIABLE: &str = "SKREG_PROVIDER_MIRROR";
/// Registry hosts for a package. One release works with both CLIs.
pub(crate) const HOSTS: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

/// An unpacked provider package in a mirror.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// `NAMESPACE/TYPE`, such as `hashicorp/aws`.
    pub name: String,
    /// Version, such as `5.100.0`.
    pub version: String,
    /// The `OS_ARCH` directory that contains the program.
    pub directory: Utf8PathBuf,
}

/// Returns the directory name for this platform in a mirror, such as `linux_amd64`.
pub(crate) fn platform() -> String {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let machine = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    };
    format!("{system}_{machine}")
}

/// Returns every package for this platform in the mirrors on this machine. The mirrors are the directory in
/// `SKREG_PROVIDER_MIRROR`, the implied mirror directories that the CLIs use, and directories below `/opt` with a
/// mirror layout. If several mirrors contain a version, the first one takes precedence.
#[must_use]
pub fn provider_packages() -> Vec<Package> {
    let mut packages = BTreeMap::new();
    for root in roots() {
        for host in HOSTS {
            collect(&root.join(host), &mut packages);
        }
    }
    packages
        .into_iter()
        .map(|((name, version), directory)| Package {
            name,
            version,
            directory,
        })
        .collect()
}

/// Returns candidate mirrors, in order of precedence. See "Implied Local Mirror Directories" in the CLI configuration
/// documentation.
fn roots() -> Vec<Utf8PathBuf> {
    let mut roots: Vec<Utf8PathBuf> = std::env::var(VARIABLE)
        .ok()
        .map(Utf8PathBuf::from)
        .into_iter()
        .collect();
    if let Ok(home) = std::env::var("HOME") {
        let home = Utf8PathBuf::from(home);
        roots.push(home.join(".terraform.d/plugins"));
        let data = std::env::var("XDG_DATA_HOME")
            .map_or_else(|_| home.join(".local/share"), Utf8PathBuf::from);
        for product in ["terraform", "opentofu"] {
            roots.push(data.join(product).join("plugins"));
            roots.push(home.join("Library/Application Support/io.terraform/plugins"));
        }
    }
    let shared =
        std::env::var("XDG_DATA_DIRS").unwrap_or_else(|_| "/usr/local/share:/usr/share".to_owned());
    for directory in shared.split(':').filter(|directory| !directory.is_empty()) {
        roots.push(Utf8Path::new(directory).join("terraform/plugins"));
    }
    roots.extend(children(Utf8Path::new("/opt")));
    roots
}

fn collect(host: &Utf8Path, packages: &mut BTreeMap<(String, String), Utf8PathBuf>) {
    for namespace in children(host) {
        for kind in children(&namespace) {
            for version in children(&kind) {
                let directory = version.join(platform());
                let (Some(namespace), Some(kind), Some(version)) =
                    (namespace.file_name(), kind.file_name(), version.file_name())
                else {
                    continue;
                };
                if directory.is_dir() && semver::Version::parse(version).is_ok() {
                    packages
                        .entry((format!("{namespace}/{kind}"), version.to_owned()))
                        .or_insert(directory);
                }
            }
        }
    }
}

fn children(directory: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut found: Vec<_> = fs::read_dir(directory)
        .into_iter()
        .flatten()
        .filter_map(|entry| Utf8PathBuf::from_path_buf(entry.ok()?.path()).ok())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}
