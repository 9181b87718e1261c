//! Checks permissions: the paths, methods, and macros from the standard library and some crates that a component is
//! allowed to use.
//!
//! Compares names, not types: finds imports and qualified paths. Tests are exempt.

use std::collections::BTreeSet;

use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

use super::map::Permission;
use super::rust::is_cfg_test;
use super::{Control, Finding, Map, Tree, tree};

/// A column of the table in ARCHITECTURE.md and the names that belong to it.
struct Capability {
    column: &'static str,
    /// Paths whose items belong to the column.
    paths: &'static [&'static str],
    /// Exceptions to those paths.
    except: &'static [&'static str],
    /// Path suffixes that belong to the column.
    ends: &'static [&'static str],
    /// Macros that belong to the column.
    macros: &'static [&'static str],
    /// Methods that belong to the column.
    methods: &'static [&'static str],
}

const CAPABILITIES: [Capability; 7] = [
    Capability {
        column: "network",
        paths: &[
            "std::net",
            "std::os::unix::net",
            "tokio::net",
            "hyper",
            "hyper_util",
            "axum",
            "ureq",
            "reqwest",
        ],
        except: &[
            "std::net::IpAddr",
            "std::net::Ipv4Addr",
            "std::net::Ipv6Addr",
            "std::net::SocketAddr",
            "hyper_util::rt",
        ],
        ends: &[],
        macros: &[],
        methods: &[],
    },
    Capability {
        column: "files",
        paths: &[
            "std::fs",
            "std::os::unix::fs",
            "tokio::fs",
            "tempfile",
            "rustix::fs",
        ],
        except: &[],
        ends: &["fs::read", "fs::write"],
        macros: &[],
        methods: &[],
    },
    Capability {
        column: "processes",
        paths: &["std::process", "tokio::process", "rustix::process"],
        except: &[
            "std::process::ExitCode",
            "std::process::Termination",
            "std::process::id",
            "std::process::exit",
        ],
        ends: &["process::Command"],
        macros: &[],
        methods: &[],
    },
    Capability {
        column: "environment",
        paths: &["std::env", "etcetera"],
        except: &["std::env::consts"],
        ends: &["env::var", "env::vars", "env::args"],
        macros: &[],
        methods: &[],
    },
    Capability {
        column: "clock and randomness",
        paths: &["rand", "aws_lc_rs::rand"],
        except: &[],
        ends: &["Instant::now", "SystemTime::now", "Timestamp::now"],
        macros: &[],
        methods: &[],
    },
    Capability {
        column: "stdout",
        paths: &[
            "std::io::stdout",
            "tokio::io::stdout",
            "anstream::println",
            "anstream::print",
        ],
        except: &[],
        ends: &["io::stdout"],
        macros: &["print", "println"],
        methods: &[],
    },
    Capability {
        column: "panics",
        paths: &[],
        except: &[],
        ends: &["panic::panic_any"],
        macros: &["panic", "unreachable", "todo", "unimplemented"],
        methods: &["unwrap", "unwrap_err"],
    },
];

/// One planted violation for each column, in components without the permission.
pub(super) const CONTROLS: &[Control] = &[
    Control {
        path: "crates/tfschema/src/network.rs",
        plant: |tree| {
            tree.plant(
                "crates/tfschema/src/network.rs",
                "use std::net::TcpStream;\n",
            )
        },
    },
    Control {
        path: "crates/tfdocs/src/files.rs",
        plant: |tree| {
            tree.plant(
                "crates/tfdocs/src/files.rs",
                "fn f() { let _ = std::fs::read(\"x\"); }\n",
            )
        },
    },
    Control {
        path: "provider/src/processes.rs",
        plant: |tree| {
            tree.plant(
                "provider/src/processes.rs",
                "use std::process::{Command, ExitCode};\n",
            )
        },
    },
    Control {
        path: "crates/tfdocs/src/environment.rs",
        plant: |tree| tree.plant("crates/tfdocs/src/environment.rs", "use std::{env, fmt};\n"),
    },
    Control {
        path: "crates/tfschema/src/clock.rs",
        plant: |tree| {
            tree.plant(
                "crates/tfschema/src/clock.rs",
                "fn f() { let _ = std::time::Instant::now(); }\n",
            )
        },
    },
    Control {
        path: "harness/src/stdout.rs",
        plant: |tree| tree.plant("harness/src/stdout.rs", "fn f() { println!(\"x\"); }\n"),
    },
    Control {
        path: "provider/src/panics.rs",
        plant: |tree| tree.plant("provider/src/panics.rs", "fn f() { Some(1).unwrap(); }\n"),
    },
];

/// Finds names that a component uses without permission.
pub(super) fn permissions(tree: &Tree, map: &Map) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.rust().filter(|(path, _)| !tree::is_test(path)) {
        let Some((folder, component)) = map.component_of(path) else {
            continue;
        };
        let (Some(permissions), Ok(file)) = (&component.permissions, syn::parse_file(text)) else {
            continue;
        };
        let mut names = Names::default();
        names.visit_file(&file);
        for (line, column, name) in names.touched() {
            let allowed = match permissions.get(column) {
                Some(Permission::Everywhere) => true,
                Some(Permission::In(machine_specifics)) => machine_specifics
                    .iter()
                    .any(|place| stands_in(path, folder, place)),
                Some(Permission::Never) | None => false,
            };
            if !allowed {
                findings.push(Finding::new(
                    path,
                    line,
                    format!("{name} requires the permission `{column}`, which {folder} does not have here"),
                ));
            }
        }
    }
    findings
}

/// Returns whether `path` is the file `place`, or is in the folder `place`, among the sources of a component.
fn stands_in(path: &str, folder: &str, place: &str) -> bool {
    let inside = path
        .strip_prefix(folder)
        .unwrap_or(path)
        .trim_start_matches('/');
    let inside = inside.strip_prefix("src/").unwrap_or(inside);
    inside == place
        || inside
            .strip_prefix(place.trim_end_matches('/'))
            .is_some_and(|rest| rest.starts_with('/'))
}

/// All paths and macros that a file uses outside its tests.
#[derive(Default)]
struct Names {
    paths: Vec<(usize, String)>,
    macros: Vec<(usize, String)>,
    methods: Vec<(usize, String)>,
}

impl Names {
    fn touched(&self) -> BTreeSet<(usize, &'static str, String)> {
        let mut touched = BTreeSet::new();
        for capability in &CAPABILITIES {
            let paths = self
                .paths
                .iter()
                .filter(|(_, name)| capability.has_path(name));
            let macros = self
                .macros
                .iter()
                .filter(|(_, name)| capability.macros.contains(&name.as_str()));
            let methods = self
                .methods
                .iter()
                .filter(|(_, name)| capability.methods.contains(&name.as_str()));
            for (line, name) in paths.chain(macros).chain(methods) {
                touched.insert((*line, capability.column, name.clone()));
            }
        }
        touched
    }

    fn import(&mut self, prefix: &str, tree: &syn::UseTree) {
        let join = |name: &syn::Ident| match (prefix, name.to_string().as_str()) {
            ("", name) => name.to_string(),
            (prefix, "self") => prefix.to_string(),
            (prefix, name) => format!("{prefix}::{name}"),
        };
        let line = tree.span().start().line;
        match tree {
            syn::UseTree::Path(path) => self.import(&join(&path.ident), &path.tree),
            syn::UseTree::Name(name) => self.paths.push((line, join(&name.ident))),
            syn::UseTree::Rename(rename) => self.paths.push((line, join(&rename.ident))),
            syn::UseTree::Glob(_) => self.paths.push((line, prefix.into())),
            syn::UseTree::Group(group) => group
                .items
                .iter()
                .for_each(|item| self.import(prefix, item)),
        }
    }
}

impl Capability {
    fn has_path(&self, name: &str) -> bool {
        let below = |path: &&str| {
            name == *path
                || name
                    .strip_prefix(*path)
                    .is_some_and(|rest| rest.starts_with("::"))
        };
        let ends = |end: &&str| {
            name == *end
                || name
                    .strip_suffix(*end)
                    .is_some_and(|rest| rest.ends_with("::"))
        };
        let inside = self.paths.iter().any(below) && !self.except.iter().any(below);
        inside || self.ends.iter().any(ends)
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_cfg_test(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.import("", &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            let names: Vec<String> = path
                .segments
                .iter()
                .map(|segment| segment.ident.to_string())
                .collect();
            self.paths
                .push((path.span().start().line, names.join("::")));
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let line = call.method.span().start().line;
        self.methods.push((line, call.method.to_string()));
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if let Some(last) = call.path.segments.last() {
            self.macros
                .push((call.path.span().start().line, last.ident.to_string()));
        }
        visit::visit_macro(self, call);
    }
}
