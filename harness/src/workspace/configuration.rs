//! The CLI configuration, which specifies the provider mirror. Must not change the user's configuration.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;

use camino::{Utf8Path, Utf8PathBuf};

use super::source::find_in_parents;
use super::{Double, Error, LOCAL_VERSION, OWN_PROVIDER, subset};
use crate::toolchain::{HOSTS, platform, provider_packages};

/// Environment variable that contains the path to the provider in this repository.
const VARIABLE: &str = "SKREG_PROVIDER";

/// Returns the path to the provider mirror in a directory.
pub(super) fn mirror(base: &Utf8Path) -> Utf8PathBuf {
    base.join("mirror")
}

/// Writes the CLI configuration and the mirror that it refers to, for both registry hosts.
///
/// A mirror contains real directories down to the version. The platform directory of an installed package is a symbolic
/// link, because the CLIs follow a link only at this level. With `subset`, it contains this program in front of the
/// program in the package.
pub(super) fn write(
    base: &Utf8Path,
    local: &BTreeMap<String, Utf8PathBuf>,
    subset: Option<&Utf8Path>,
    doubles: &[Double],
) -> Result<Utf8PathBuf, Error> {
    let mirror = mirror(base);
    let mut held: Vec<String> = Vec::new();
    let doubled = |name: &str| doubles.iter().any(|double| double.address() == name);
    for double in doubles {
        double.install(&mirror)?;
        held.extend(HOSTS.map(|host| format!("{host}/{}", double.address())));
    }
    for host in HOSTS {
        fs::create_dir_all(mirror.join(host)).map_err(Error::io("create", &mirror))?;
        for package in provider_packages() {
            if !local.contains_key(&package.name) && !doubled(&package.name) {
                let release = mirror.join(host).join(&package.name).join(&package.version);
                let placed = match subset {
                    Some(program) => subset::place(program, &package, &release.join(platform()))?,
                    None => false,
                };
                if !placed {
                    link(&package.directory, &release, &platform())?;
                }
                held.push(format!("{host}/{}", package.name));
            }
        }
        for (address, program) in local {
            let release = mirror
                .join(host)
                .join(address)
                .join(LOCAL_VERSION)
                .join(platform());
            let kind = address.rsplit('/').next().unwrap_or(address);
            let name = format!("terraform-provider-{kind}_v{LOCAL_VERSION}");
            place(program, &release, &name)?;
            held.push(format!("{host}/{address}"));
        }
    }
    held.dedup();
    let path = base.join("cli.tfrc");
    fs::write(&path, text(&mirror, &held)).map_err(Error::io("write", &path))?;
    Ok(path)
}

fn text(mirror: &Utf8Path, held: &[String]) -> String {
    let exclude: Vec<_> = held.iter().map(|name| format!("{name:?}")).collect();
    format!(
        "disable_checkpoint = true\n\nprovider_installation {{\n  filesystem_mirror {{\n    path = {:?}\n  }}\n  \
         direct {{\n    exclude = [{}]\n  }}\n}}\n",
        mirror.as_str(),
        exclude.join(", ")
    )
}

fn link(target: &Utf8Path, directory: &Utf8Path, name: &str) -> Result<(), Error> {
    let path = directory.join(name);
    fs::create_dir_all(directory)
        .and_then(|()| symlink(target, &path))
        .map_err(Error::io("link", &path))
}

/// Places a program in the mirror. Copies it instead of linking it, because a concurrent build must not change the provider of
/// an initialized workspace.
pub(super) fn place(program: &Utf8Path, directory: &Utf8Path, name: &str) -> Result<(), Error> {
    let path = directory.join(name);
    fs::create_dir_all(directory)
        .and_then(|()| {
            // A hard link cannot cross file systems.
            fs::hard_link(program, &path).or_else(|_| fs::copy(program, &path).map(drop))
        })
        .map_err(Error::io("place", &path))
}

/// Returns the path to the provider in this repository if it is built.
pub(super) fn own_provider() -> Option<Utf8PathBuf> {
    built_program(VARIABLE, "terraform-provider-skreg")
}

/// Returns the path to a program in this repository if it is built. The path in the variable takes precedence.
pub(super) fn built_program(variable: &str, name: &str) -> Option<Utf8PathBuf> {
    if let Ok(path) = std::env::var(variable) {
        return Some(path.into());
    }
    if let Ok(target) = std::env::var("CARGO_TARGET_DIR") {
        return Some(Utf8Path::new(&target).join("debug").join(name)).filter(|path| path.is_file());
    }
    let relative = Utf8Path::new("target/debug").join(name);
    find_in_parents(&relative, Utf8Path::is_file).map(|directory| directory.join(relative))
}

/// Adds the provider in this repository to the specified providers, and checks that every program exists.
pub(super) fn local_providers(
    given: &BTreeMap<String, Utf8PathBuf>,
    needs_own: bool,
) -> Result<BTreeMap<String, Utf8PathBuf>, Error> {
    let mut local = given.clone();
    if !local.contains_key(OWN_PROVIDER) {
        match own_provider() {
            Some(path) => {
                local.insert(OWN_PROVIDER.to_owned(), path);
            }
            None if needs_own => {
                return Err(Error::NoProvider {
                    remedy: "cargo build -p terraform-provider-skreg",
                });
            }
            None => {}
        }
    }
    for (address, program) in &mut local {
        let found = program
            .canonicalize_utf8()
            .map_err(|source| Error::NoProgram {
                address: address.clone(),
                program: program.clone(),
                source,
            })?;
        *program = found;
    }
    Ok(local)
}
