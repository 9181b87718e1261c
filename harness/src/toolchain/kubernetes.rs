//! The Kubernetes control plane, custom resource definitions, and Helm, which `tools/` pins. Must not start them.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

use super::cache;
use super::go_program::{BuildError, Failure, GoProgram, write};
use super::progress::phase;
use super::{Progress, tool};

/// Returns a program of the Kubernetes project.
const fn kubernetes(program: &'static str, command: &'static str) -> GoProgram {
    GoProgram {
        name: program,
        folder: program,
        program,
        module: "k8s.io/kubernetes",
        command,
        linker_flags: "-X k8s.io/component-base/version.gitVersion=v{version}",
        ..ETCD
    }
}

const API_SERVER: GoProgram = kubernetes("kube-apiserver", "cmd/kube-apiserver");

const CONTROLLER_MANAGER: GoProgram =
    kubernetes("kube-controller-manager", "cmd/kube-controller-manager");

/// The version of etcd is the version that Kubernetes requires.
const ETCD: GoProgram = GoProgram {
    name: "etcd",
    folder: "etcd",
    program: "etcd",
    module: "go.etcd.io/etcd/server/v3",
    command: "",
    linker_flags: "",
    file: "tools/kubernetes/go.mod",
    go_mod: include_str!("../../../tools/kubernetes/go.mod"),
    go_sum: include_str!("../../../tools/kubernetes/go.sum"),
};

const HELM: GoProgram = GoProgram {
    name: "Helm",
    folder: "helm",
    program: "helm",
    module: "helm.sh/helm/v3",
    command: "cmd/helm",
    linker_flags: "",
    file: "tools/helm/go.mod",
    go_mod: include_str!("../../../tools/helm/go.mod"),
    go_sum: include_str!("../../../tools/helm/go.sum"),
};

const DEFINITIONS_MOD: &str = include_str!("../../../tools/custom-resources/go.mod");
const DEFINITIONS_SUM: &str = include_str!("../../../tools/custom-resources/go.sum");
/// Modules with custom resource definitions, and the folder that contains them.
const DEFINITIONS: [(&str, &str); 2] = [
    ("github.com/cert-manager/cert-manager", "deploy/crds"),
    ("sigs.k8s.io/gateway-api", "config/crd/standard"),
];

/// Folder of a cache entry that contains the custom resource definitions.
const DEFINITIONS_FOLDER: &str = "definitions";

/// Programs and files of a Kubernetes control plane.
#[derive(Clone, Debug)]
pub struct ControlPlanePrograms {
    /// Path of `etcd`.
    pub etcd: Utf8PathBuf,
    /// Path of `kube-apiserver`.
    pub api_server: Utf8PathBuf,
    /// Path of `kube-controller-manager`.
    pub controller_manager: Utf8PathBuf,
    /// Folder with custom resource definitions of Gateway API and cert-manager. The name of each file is
    /// `GROUP_PLURAL.yaml`.
    pub definitions: Utf8PathBuf,
}

/// Returns the control plane. Builds its programs into the cache if they are missing.
///
/// # Errors
/// Returns an error if Go is missing, a build fails, or the cache cannot be written.
pub fn control_plane_with(progress: &dyn Progress) -> Result<ControlPlanePrograms, BuildError> {
    Ok(ControlPlanePrograms {
        etcd: ETCD.build(progress)?,
        api_server: API_SERVER.build(progress)?,
        controller_manager: CONTROLLER_MANAGER.build(progress)?,
        definitions: definitions(progress)?,
    })
}

/// Returns the path of Helm. Builds it into the cache if it is missing.
///
/// # Errors
/// Returns an error if Go is missing, the build fails, or the cache cannot be written.
pub fn helm_with(progress: &dyn Progress) -> Result<Utf8PathBuf, BuildError> {
    HELM.build(progress)
}

/// Returns the folder with the custom resource definitions. Downloads them into the cache if they are missing.
fn definitions(progress: &dyn Progress) -> Result<Utf8PathBuf, BuildError> {
    let mut hasher = DefaultHasher::new();
    DEFINITIONS_SUM.hash(&mut hasher);
    let name = format!("custom-resources/{:016x}", hasher.finish());
    let entry = cache::entry(&name, |scratch| {
        phase(progress, "downloading custom resource definitions", || {
            download(scratch, progress).map_err(Failure::Build)
        })
    });
    match entry {
        Ok(entry) => Ok(entry.join(DEFINITIONS_FOLDER)),
        Err(failure) => Err(failure.of("custom resource definitions")),
    }
}

fn download(scratch: &Utf8Path, progress: &dyn Progress) -> Result<(), BuildError> {
    let go = tool::go()?;
    let source = scratch.join("source");
    write(&source, "go.mod", DEFINITIONS_MOD)?;
    write(&source, "go.sum", DEFINITIONS_SUM)?;
    for (module, folder) in DEFINITIONS {
        let run = |arguments: &[&str]| {
            let mut command = Command::new(&go.path);
            command
                .args(arguments)
                .arg(module)
                .env("GOWORK", "off")
                .env("GOTOOLCHAIN", "auto")
                .env("GOFLAGS", "")
                .current_dir(&source);
            tool::output(&format!("go {}", arguments[0]), &mut command, progress)
        };
        run(&["mod", "download"])?;
        let directory = run(&["list", "-m", "-f", "{{.Dir}}"])?;
        let from = Utf8Path::new(directory.trim()).join(folder);
        copy_definitions(&from, &scratch.join(DEFINITIONS_FOLDER))?;
    }
    Ok(())
}

fn copy_definitions(from: &Utf8Path, to: &Utf8Path) -> Result<(), BuildError> {
    let failed = |path: &Utf8Path| {
        let path = path.to_owned();
        move |source| BuildError::Write { path, source }
    };
    fs::create_dir_all(to).map_err(failed(to))?;
    for file in from.read_dir_utf8().map_err(failed(from))? {
        let file = file.map_err(failed(from))?;
        let text = file.path().extension() == Some("yaml");
        // Gateway API also contains a policy for upgrades, which is not a definition.
        if text && !file.file_name().contains("_vap_") {
            let copied = to.join(file.file_name());
            fs::copy(file.path(), &copied).map_err(failed(&copied))?;
        }
    }
    Ok(())
}
