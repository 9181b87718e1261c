//! IAM applications, one for each service, with the least permissions, and the API key of the container. Source of the
//! permission sets: "Permission sets", IAM documentation.

use scaleway_blocks as scaleway;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Maybe};

use super::network::Network;
use super::{Common, Inputs};

/// Label of the check that reports an API key that expires soon.
const CHECK: &str = "api_key_is_valid_for_30_days";
/// Time before the expiration from which the check reports the key.
const NOTICE: &str = "720h";
/// Permission sets of the container. A bucket policy restricts the object permissions to one bucket.
const CONTAINER: [&str; 5] = [
    "ObjectStorageBucketsRead",
    "ObjectStorageObjectsDelete",
    "ObjectStorageObjectsRead",
    "ObjectStorageObjectsWrite",
    "SecretManagerSecretAccess",
];
/// Permission sets for alert rules and dashboards. Source: "Creating alerts programmatically", Cockpit documentation.
const MONITORING: [&str; 1] = ["ObservabilityFullAccess"];

/// References to the applications.
pub(super) struct Identity {
    pub(super) container_id: Expr<Str>,
    pub(super) key: scaleway::IamApiKeyReference,
    pub(super) policy: scaleway::IamPolicyReference,
    pub(super) monitoring_policy: Maybe<scaleway::IamPolicyReference>,
    /// ID of the application for monitoring, or null.
    pub(super) monitoring_id: Expr<Str>,
}

/// Declares the applications, their policies, and the key.
pub(super) fn identity(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    network: &Network,
    monitoring: &Expr<Bool>,
) -> Identity {
    m.file("identity");
    let application = |label: &str, purpose: &str| {
        scaleway::IamApplication::new(label)
            .name(template([
                (&common.prefix).into(),
                format!("-{label}").into(),
            ]))
            .description(purpose)
            .tags(&common.tags)
    };
    let policy = |label: &str, id: Expr<Str>, sets: &[&str]| {
        let rule =
            scaleway::IamPolicyRule::new(sets.to_vec()).project_ids([network.project_id.clone()]);
        scaleway::IamPolicy::new(label, rule)
            .name(template([
                (&common.prefix).into(),
                format!("-{label}").into(),
            ]))
            .application_id(id)
            .tags(&common.tags)
    };
    let container = m.resource(application(
        "container",
        "Reads secrets and objects of the application.",
    ));
    let container_policy = m.resource(policy("container", container.id(), &CONTAINER));
    let key = m.resource(
        scaleway::IamApiKey::new("container")
            .comment("The state contains the secret key, because the container receives it. Encrypt the state, and let the key expire.")
            .description(template([(&common.prefix).into(), " container".into()]))
            .application_id(container.id())
            .default_project_id(&network.project_id)
            .expires_at(&inputs.api_key_expires_at)
            .create_before_destroy(),
    );
    m.check(
        CHECK,
        [(
            timecmp(&inputs.api_key_expires_at, timeadd(plantimestamp(), NOTICE)).greater_than(0),
            "The API key of the container expires within 30 days. Set api_key_expires_at to a later time, and run apply.",
        )],
    );
    let observer = m
        .resource(application("monitoring", "Writes alert rules and dashboards.").when(monitoring));
    let monitoring_policy =
        m.resource(policy("monitoring", observer.assumed().id(), &MONITORING).when(monitoring));
    Identity {
        container_id: container.id(),
        key,
        policy: container_policy,
        monitoring_policy,
        monitoring_id: observer.one(|application| application.id()),
    }
}
