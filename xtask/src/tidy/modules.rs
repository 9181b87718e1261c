//! Checks the provider modules: circular imports, and words that the domain must not use.
//!
//! Examines paths that begin with `crate`, `self`, or `super`, or with a child module. Paths inside macros are not
//! detected.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};

use super::rust::is_cfg_test;
use super::{Control, Finding, Map, Tree, tree};

/// Folder of the checked sources.
const SOURCES: &str = "provider/src/";

/// Folders of the domain, which is independent of Terraform and OpenTofu.
const DOMAIN: [&str; 2] = ["provider/src/ecs/", "provider/src/pki/"];

/// Words that refer to Terraform, OpenTofu, or their language.
const WORDS: [&str; 6] = [
    "terraform",
    "tofu",
    "tfplugin",
    "tfschema",
    "depends_on",
    "timeouts block",
];

/// Planted circular imports.
pub(super) const CIRCLES: &[Control] = &[
    Control {
        path: "provider/src/one.rs",
        plant: |tree| {
            tree.plant("provider/src/one.rs", "use crate::two::Two;\n");
            tree.plant("provider/src/two.rs", "fn f() { super::one::f(); }\n");
        },
    },
    Control {
        path: "provider/src/parent.rs",
        plant: |tree| {
            tree.plant(
                "provider/src/parent.rs",
                "mod child;\nuse self::child::C;\n",
            );
            tree.plant("provider/src/parent/child.rs", "use super::P;\n");
        },
    },
];

/// Planted words.
pub(super) const FOREIGN_WORDS: &[Control] = &[
    Control {
        path: "provider/src/ecs/planted.rs",
        plant: |tree| tree.plant("provider/src/ecs/planted.rs", "// As Terraform states.\n"),
    },
    Control {
        path: "provider/src/pki/planted.rs",
        plant: |tree| {
            tree.plant("provider/src/pki/planted.rs", "use tfplugin::Diagnostic;\n");
        },
    },
];

/// Finds groups of modules that import each other.
pub(super) fn circles(tree: &Tree, _: &Map) -> Vec<Finding> {
    let modules = modules(tree);
    let edges = imports(&modules);
    let reached: BTreeMap<&str, BTreeSet<&str>> = edges
        .keys()
        .map(|module| (module.as_str(), reachable(module, &edges)))
        .collect();
    let mut reported = BTreeSet::new();
    let mut findings = Vec::new();
    for (module, reaches) in &reached {
        let circle: Vec<&str> = reaches
            .iter()
            .copied()
            .filter(|other| reached[other].contains(module))
            .collect();
        if circle.len() > 1 && reported.insert(circle.clone()) {
            let (path, _) = modules[circle[0]];
            let what = format!("these modules import each other: {}", circle.join(", "));
            findings.push(Finding::new(path, 1, what));
        }
    }
    findings
}

/// Finds words in the domain that refer to Terraform, OpenTofu, or their language.
pub(super) fn foreign_words(tree: &Tree, _: &Map) -> Vec<Finding> {
    let mut findings = Vec::new();
    let domain = tree.rust().filter(|(path, _)| {
        DOMAIN.iter().any(|folder| path.starts_with(folder)) && !tree::is_test(path)
    });
    for (path, text) in domain {
        for (number, line) in text.lines().enumerate() {
            let line = line.to_lowercase();
            let found = WORDS.iter().filter(|word| line.contains(**word));
            findings.extend(found.map(|word| {
                let what = format!("`{word}` belongs to resources, not to the domain");
                Finding::new(path, number + 1, what)
            }));
        }
    }
    findings
}

/// Returns the paths and sources of the modules by module name, such as `ecs::sdk::logs`.
fn modules(tree: &Tree) -> BTreeMap<String, (&str, &str)> {
    let sources = tree.rust().filter_map(|(path, text)| {
        let inside = path.strip_prefix(SOURCES)?.strip_suffix(".rs")?;
        let name = inside.strip_suffix("/mod").unwrap_or(inside);
        let is_root = name == "lib" || name == "main";
        (!is_root && !tree::is_test(path)).then(|| (name.replace('/', "::"), (path, text)))
    });
    sources.collect()
}

/// Returns the modules that each module imports.
fn imports(modules: &BTreeMap<String, (&str, &str)>) -> BTreeMap<String, BTreeSet<String>> {
    let edges = modules.iter().map(|(name, (_, text))| {
        let mut paths = Paths::default();
        if let Ok(file) = syn::parse_file(text) {
            paths.visit_file(&file);
        }
        let targets = paths.found.iter();
        let targets = targets.filter_map(|path| target(path, name, modules));
        let others = targets.filter(|target| target != name);
        (name.clone(), others.collect())
    });
    edges.collect()
}

/// Returns the module that a path within a module refers to. Returns `None` for the crate root and for other crates.
fn target(
    path: &[String],
    module: &str,
    modules: &BTreeMap<String, (&str, &str)>,
) -> Option<String> {
    let own: Vec<&str> = module.split("::").collect();
    let mut segments = path.iter().map(String::as_str).peekable();
    let mut at: Vec<&str> = match segments.peek().copied()? {
        "crate" => {
            segments.next();
            Vec::new()
        }
        "self" => {
            segments.next();
            own
        }
        "super" => {
            let mut at = own;
            while segments.next_if_eq(&"super").is_some() {
                at.pop();
            }
            at
        }
        child if modules.contains_key(&format!("{module}::{child}")) => own,
        _ => return None,
    };
    for segment in segments {
        at.push(segment);
        if !modules.contains_key(&at.join("::")) {
            at.pop();
            break;
        }
    }
    Some(at.join("::")).filter(|name| modules.contains_key(name))
}

fn reachable<'e>(from: &str, edges: &'e BTreeMap<String, BTreeSet<String>>) -> BTreeSet<&'e str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = edges[from].iter().map(String::as_str).collect();
    while let Some(module) = open.pop() {
        if reached.insert(module) {
            open.extend(edges[module].iter().map(String::as_str));
        }
    }
    reached
}

/// Paths that a file contains outside its tests.
#[derive(Default)]
struct Paths {
    found: Vec<Vec<String>>,
}

impl Paths {
    fn tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |ident: &syn::Ident| [before, &[ident.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.tree(&path.tree, &with(&path.ident)),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(tree, before);
                }
            }
            syn::UseTree::Name(name) => self.found.push(with(&name.ident)),
            syn::UseTree::Rename(name) => self.found.push(with(&name.ident)),
            syn::UseTree::Glob(_) => self.found.push(before.to_vec()),
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_cfg_test(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree, &[]);
    }

    /// `pub(in super::super)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter();
        let segments: Vec<String> = segments.map(|segment| segment.ident.to_string()).collect();
        if segments.len() > 1 {
            self.found.push(segments);
        }
        visit::visit_path(self, path);
    }
}
