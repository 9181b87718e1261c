//! The namespace, its quota, the service account of the pods, and the credentials for the registry.

use kubernetes_blocks as kubernetes;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Maybe};

use super::Inputs;
use super::names::Names;
use super::quota::Sizes;
use crate::preview::conventions::ENVIRONMENT_LABEL;

/// References to the namespace and the objects that all pods use.
pub(super) struct Namespace {
    /// Name of the namespace. An object that refers to it is deleted before the namespace.
    pub(super) name: Expr<Str>,
    pub(super) quota: Maybe<kubernetes::ResourceQuotaV1Reference>,
    pub(super) service_account: Expr<Str>,
    pub(super) pull_secret: Expr<Str>,
}

/// Name of the service account and of the secret with the credentials for the registry.
const ACCOUNT: &str = "app";
const REGISTRY: &str = "registry";

/// Declares the namespace.
pub(super) fn namespace(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    names: &Names,
    sizes: &Sizes,
) -> Namespace {
    m.file("namespace");
    let own: Expr<Map<Str>> = [
        (ENVIRONMENT_LABEL, inputs.app.forward::<Expr<Str>>()),
        (
            "pod-security.kubernetes.io/enforce",
            "restricted".into_expr(),
        ),
    ]
    .into_expr();
    let namespace = m.resource(
        kubernetes::NamespaceV1::new(
            "this",
            kubernetes::NamespaceV1Metadata::new()
                .name(&names.environment)
                .labels(merge([(*names.labels).clone(), own])),
        )
        .comment(
            "All objects of the environment refer to the namespace, so they are deleted first.",
        )
        .timeouts(kubernetes::NamespaceV1Timeouts::new().delete("5m")),
    );
    let name = first(&namespace.metadata());
    let quota = quota(m, &name, names, sizes);
    let account = m.resource(
        kubernetes::ServiceAccountV1::new(
            "app",
            kubernetes::ServiceAccountV1Metadata::new()
                .name(ACCOUNT)
                .namespace(&name)
                .labels(&names.labels),
        )
        .comment("Pods have no token, so they cannot use the API of Kubernetes.")
        .automount_service_account_token(false),
    );
    let credentials: Expr<Map<Str>> = [(
        ".dockerconfigjson",
        inputs.registry_credentials.forward::<Expr<Str>>(),
    )]
    .into_expr();
    let pull_secret = m.resource(
        kubernetes::SecretV1::new(
            "registry",
            kubernetes::SecretV1Metadata::new()
                .name(REGISTRY)
                .namespace(&name)
                .labels(&names.labels),
        )
        .comment("A pod can only use a secret in its own namespace.")
        .r#type("kubernetes.io/dockerconfigjson")
        .data_wo(credentials)
        .data_wo_revision(&inputs.secrets_version),
    );
    Namespace {
        service_account: first(&account.metadata()),
        pull_secret: first(&pull_secret.metadata()),
        name,
        quota,
    }
}

/// Returns the name in the metadata of an object.
pub(super) fn first(metadata: &Expr<Object>) -> Expr<Str> {
    metadata.attribute("name")
}

fn quota(
    m: &mut Module,
    name: &Expr<Str>,
    names: &Names,
    sizes: &Sizes,
) -> Maybe<kubernetes::ResourceQuotaV1Reference> {
    let quantity = |name: &str, unit: &str| {
        let allowed = sizes.allowed.get(name);
        (name.to_owned(), template([allowed.into(), unit.into()]))
    };
    let hard: Expr<Map<Str>> = vec![
        quantity("requests.cpu", "m"),
        quantity("requests.memory", "Mi"),
        quantity("limits.cpu", "m"),
        quantity("limits.memory", "Mi"),
        ("pods".to_owned(), tostring(sizes.allowed.get("pods").any())),
    ]
    .into_expr();
    let quota = kubernetes::ResourceQuotaV1::new(
        "this",
        kubernetes::ResourceQuotaV1Metadata::new()
            .name("environment")
            .namespace(name)
            .labels(&names.labels),
    )
    .spec(kubernetes::ResourceQuotaV1Spec::new().hard(hard));
    let quota = sizes
        .conditions()
        .into_iter()
        .fold(quota, |quota, (condition, message)| {
            quota.precondition(condition, message)
        });
    m.resource(quota.when(&sizes.quota_enabled))
}
