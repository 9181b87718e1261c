//! Conventions for packages on Kubernetes: module requirements, the order of arguments, profiles, and labels.

use tfmodgen::ArgumentOrder;
use tfmodgen::prelude::*;

use crate::aws::conventions::HEADER;

/// Names of the profiles.
pub(crate) const PROFILES: [&str; 3] = [LOCAL, PREVIEW, PRODUCTION];
/// A local cluster with images that were built on the same machine.
pub(crate) const LOCAL: &str = "local";
/// Environments of pull requests.
pub(crate) const PREVIEW: &str = "preview";
/// The production environment.
pub(crate) const PRODUCTION: &str = "production";
/// Label of namespaces whose routes the gateway accepts, and whose pods can connect to the database in the cluster.
pub(crate) const ENVIRONMENT_LABEL: &str = "environment-of";

/// Arguments that are written at the beginning and at the end of a block.
const ORDER: ArgumentOrder = ArgumentOrder {
    first: &["name", "namespace"],
    long: &["values", "manifest"],
    last: &["labels", "annotations", "tags"],
};

/// Returns an empty module that requires the providers of Kubernetes and Helm.
pub(crate) fn module(name: &str, purpose: &str) -> Module {
    let mut m = Module::new(name, purpose);
    m.header(HEADER);
    m.argument_order(ORDER);
    m.requires("helm", "hashicorp/helm", ">= 3.1");
    m.requires("kubernetes", "hashicorp/kubernetes", ">= 3.2");
    m
}

/// Returns the labels of every object. A label has at most 63 characters, so the full digest of an image is an annotation.
/// Source: "Labels and Selectors", Kubernetes documentation.
pub(crate) fn labels(app: impl IntoExpr<Str>) -> Expr<Map<Str>> {
    [
        ("app.kubernetes.io/managed-by", "terraform".into_expr()),
        ("app.kubernetes.io/part-of", app.into_expr()),
    ]
    .into_expr()
}

/// Returns the name of the namespace that Kubernetes sets as a label of each namespace.
pub(crate) fn namespace_selector(namespace: impl IntoExpr<Str>) -> Expr<Map<Str>> {
    [("kubernetes.io/metadata.name", namespace.into_expr())].into_expr()
}
