//! Checks individual Rust files: size, module documentation, and suppressed lints.

use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

use super::{Finding, Map, Tree, tree};

const FILE: usize = 600;
const FUNCTION: usize = 80;

/// Finds files and functions that are too long. Files that cannot be parsed are skipped because the compiler reports
/// them.
pub(super) fn sizes(tree: &Tree, _: &Map) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.rust().filter(|(path, _)| !tree::is_test(path)) {
        let Ok(file) = syn::parse_file(text) else {
            continue;
        };
        let tests: usize = file
            .items
            .iter()
            .filter(|item| is_cfg_test(item))
            .map(lines)
            .sum();
        let size = text.lines().count().saturating_sub(tests);
        if size > FILE {
            findings.push(Finding::new(
                path,
                1,
                format!("{size} lines; split the file by topic"),
            ));
        }
        let mut functions = Functions::default();
        functions.visit_file(&file);
        findings.extend(functions.long.into_iter().map(|(line, name, size)| {
            Finding::new(
                path,
                line,
                format!("fn {name} has {size} lines; extract functions for its steps"),
            )
        }));
    }
    findings
}

/// Finds files without `//!` at the top.
pub(super) fn module_comments(tree: &Tree, _: &Map) -> Vec<Finding> {
    tree.rust()
        .filter(|(_, text)| !text.trim_start().starts_with("//!"))
        .map(|(path, _)| {
            Finding::new(
                path,
                1,
                "start the file with a `//!` comment that states its purpose",
            )
        })
        .collect()
}

/// Finds attributes that suppress a lint or a test, and packages that do not inherit the workspace lints.
pub(super) fn escapes(tree: &Tree, _: &Map) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.rust() {
        let Ok(file) = syn::parse_file(text) else {
            continue;
        };
        let mut attributes = Attributes::default();
        attributes.visit_file(&file);
        findings.extend(
            attributes
                .found
                .into_iter()
                .map(|(line, what)| Finding::new(path, line, what)),
        );
    }
    let manifests = tree
        .packages
        .keys()
        .map(|folder| format!("{folder}/Cargo.toml"));
    findings.extend(manifests.filter_map(|path| {
        let text = tree.files.get(&path).filter(|text| !text.is_empty())?;
        let inherits = text.replace(' ', "").contains("[lints]\nworkspace=true");
        (!inherits).then(|| Finding::new(path, 1, "add `[lints] workspace = true`"))
    }));
    findings
}

/// Returns whether an item is compiled for tests only.
pub(super) fn is_cfg_test(item: &syn::Item) -> bool {
    let syn::Item::Mod(module) = item else {
        return false;
    };
    module.attrs.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Path>()
                .is_ok_and(|path| path.is_ident("test"))
    })
}

fn lines(item: &syn::Item) -> usize {
    let span = item.span();
    span.end().line - span.start().line + 1
}

#[derive(Default)]
struct Functions {
    long: Vec<(usize, String, usize)>,
}

impl Functions {
    fn measure(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let (start, end) = (signature.span().start().line, block.span().end().line);
        let size = end - start + 1;
        if size > FUNCTION {
            self.long.push((start, signature.ident.to_string(), size));
        }
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_cfg_test(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.measure(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.measure(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.measure(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

#[derive(Default)]
struct Attributes {
    found: Vec<(usize, String)>,
}

impl<'ast> Visit<'ast> for Attributes {
    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let line = attribute.span().start().line;
        if attribute.path().is_ident("allow") {
            self.found.push((
                line,
                "use `#[expect(lint, reason = \"…\")]` instead of `#[allow]`".into(),
            ));
        }
        if attribute.path().is_ident("ignore") && !starts_in_another_test(attribute) {
            self.found.push((
                line,
                "a test that cannot run must fail and specify the command that installs its prerequisite".into(),
            ));
        }
    }
}

/// Returns whether a test is ignored because another test runs it in a separate process.
fn starts_in_another_test(attribute: &syn::Attribute) -> bool {
    let syn::Meta::NameValue(pair) = &attribute.meta else {
        return false;
    };
    matches!(&pair.value, syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(reason), .. })
        if reason.value().starts_with("a part of other tests")
        || reason.value().starts_with("a part of another test"))
}
