//! Errors and warnings. Each message states the finding, its consequence, and the next step.

use std::error::Error;

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::model::{TrustBundle, TrustBundlePlan};
use crate::aws::objects::ObjectLocation;
use crate::pki::trust::{AnchorError, BundleError, TrustError};
use crate::resources::commands;
use crate::resources::pki::calls::sentence;
use crate::resources::pki::publication::{self, capitalized};

/// A certificate is not a root. The caller sets the path.
pub(super) fn not_a_root(error: &AnchorError) -> Diagnostic {
    let detail = format!(
        "{}. A trust bundle contains only root certificates. Specify the attribute certificate_pem of a \
         skreg_pki_root_ca resource, or add a cross-certificate to cross_certificates.",
        capitalized(&error.to_string())
    );
    Diagnostic::error("Certificate is not a root", detail)
}

/// A value is not a time. The caller sets the path.
pub(super) fn instant(text: &str) -> Diagnostic {
    let detail = format!(
        "{text:?} is not an RFC 3339 time with whole seconds, such as 2026-01-31T12:00:00Z."
    );
    Diagnostic::error("Invalid time", detail)
}

/// Two objects have the same key, or their files have the same name.
pub(super) fn same_key(keys: [&String; 3]) -> Diagnostic {
    let [json, pem, sha256sums] = keys;
    let detail = format!(
        "key_json is {json:?}, key_pem is {pem:?}, and key_sha256sums is {sha256sums:?}. The three keys must be different, and \
         the last segments of key_json and key_pem must be different, because the checksums contain them."
    );
    Diagnostic::error("Object keys are not unique", detail)
        .at(TrustBundle::paths().publish().key_pem())
}

/// `Cache-Control` contains a character that a header cannot contain.
pub(super) fn cache_control(text: &str) -> Diagnostic {
    let detail =
        format!("{text:?} must consist of printable ASCII characters, such as max-age=3600.");
    Diagnostic::error("Invalid Cache-Control", detail)
        .at(TrustBundle::paths().publish().cache_control())
}

/// The bundle or the change violates a rule. `path_of` returns the path of the root with a key.
pub(super) fn violation(error: &TrustError, path_of: impl Fn(&str) -> AttributePath) -> Diagnostic {
    let (summary, remedy) = summary_and_remedy(error);
    let path = match error {
        TrustError::DuplicateKey(root)
        | TrustError::Window { root, .. }
        | TrustError::NoTrustUntil { root, .. }
        | TrustError::ActiveOutsideWindow { root, .. }
        | TrustError::Distribution { root, .. }
        | TrustError::NotNext { root, .. }
        | TrustError::StartMoved { root, .. }
        | TrustError::RetiredEarly { root, .. }
        | TrustError::OtherSubject { root, .. }
        | TrustError::Transition { root, .. }
        | TrustError::EndsEarly { root, .. } => path_of(root),
        TrustError::CrossCertificate { .. } | TrustError::SameSubject { .. } => {
            TrustBundle::paths().cross_certificates().into()
        }
        TrustError::Calendar(_) => TrustBundle::paths().min_distribution_days(),
        _ => TrustBundle::paths().roots().into(),
    };
    let detail = format!("{}.\n\n{remedy}", capitalized(&error.to_string()));
    Diagnostic::error(summary, detail).at(path)
}

fn summary_and_remedy(error: &TrustError) -> (&'static str, &'static str) {
    match error {
        TrustError::NoActiveRoot => (
            "Trust bundle has no active root",
            "Set the status of the root that issues certificates to \"active\".",
        ),
        TrustError::DuplicateKey(_) => (
            "Trust bundle contains a root twice",
            "Remove one of the two roots. Use the newest certificate of the key.",
        ),
        TrustError::Window { .. } | TrustError::Fraction(_) => (
            "Window of a root is not valid",
            "Correct distribute_from or trust_until.",
        ),
        TrustError::NoTrustUntil { .. } => (
            "End of the window is missing",
            "Set trust_until to the time when the last signature below the root expires.",
        ),
        TrustError::SameSubject { .. } => (
            "Cross-certificate is missing",
            "Use roots with different subjects. If other software issued a cross-certificate between the two roots, add it to \
             cross_certificates.",
        ),
        TrustError::CrossCertificate { .. } => (
            "Cross-certificate is not valid",
            "Specify a certificate that one root in this bundle signed for the key of another root in this bundle.",
        ),
        TrustError::ActiveOutsideWindow { .. } => (
            "Root is not valid at this time",
            "Change the status of the root, or the ends of its window.",
        ),
        TrustError::Distribution { .. } => (
            "Root was not distributed for long enough",
            "Keep the status \"next\" until then. In an emergency, such as a compromised key, set min_distribution_days to 0.",
        ),
        TrustError::NotNext { .. } => (
            "Root is not announced",
            "Set the status of the new root to \"next\". In an emergency, such as a compromised key, set min_distribution_days to 0.",
        ),
        TrustError::StartMoved { .. } => (
            "Start of a window cannot move",
            "Restore distribute_from, because signatures outside of the window are rejected.",
        ),
        TrustError::RetiredEarly { .. } => (
            "Root is retired too early",
            "Keep the status \"retiring\" until then. In an emergency, such as a compromised key, set min_distribution_days to 0.",
        ),
        TrustError::OtherSubject { .. } => (
            "Subject of a root changed",
            "Specify a certificate with the published subject, or add another root with another key.",
        ),
        TrustError::Transition { .. } => (
            "Status change is not allowed",
            "The order of the statuses is next, active, retiring, retired. Restore the previous status, or add another root.",
        ),
        TrustError::Unannounced { .. } => (
            "Root must be retired before it is removed",
            "Restore the root with the status \"retired\" and trust_until, and remove it after that time.",
        ),
        TrustError::RemovedEarly { .. } => (
            "Root is removed before its window ends",
            "Restore the root until that time, because signatures in its window can still be verified.",
        ),
        TrustError::EndsEarly { .. } => (
            "Window of a root ends too early",
            "Use a later time. In an emergency, such as a compromised key, set min_distribution_days to 0.",
        ),
        TrustError::Older { .. } | TrustError::VersionExhausted | TrustError::Calendar(_) => (
            "Trust bundle cannot be published",
            "Correct the cause, and then plan again.",
        ),
    }
}

/// The object is not a trust bundle.
pub(super) fn not_a_bundle(location: &ObjectLocation, error: &BundleError) -> Diagnostics {
    let detail = format!(
        "{location} is unusable: {}. Another process wrote the object. The provider does not overwrite it.\n\nFind the other \
         writer, or specify another key. To publish the bundle at this location, restore the previous version of the object, or \
         delete the object, and then apply:\n\n{}",
        sentence(error as &(dyn Error + 'static)),
        publication::delete_object(location)
    );
    Diagnostic::error("Object is not a trust bundle", detail)
        .at(publication::path())
        .into()
}

/// The published bundle is older than the state.
pub(super) fn older(location: &ObjectLocation, error: &TrustError) -> Diagnostics {
    let detail = format!(
        "{location} is not the current bundle: {error}. Clients reject it, because its version is lower.\n\nRestore the previous \
         version of the object, or delete the object, and then apply:\n\n{}",
        publication::delete_object(location)
    );
    Diagnostic::error("Published trust bundle is older than the state", detail)
        .at(publication::path())
        .into()
}

/// An object exists at the location of a derived object of the first bundle.
pub(super) fn occupied(location: &ObjectLocation, json: &ObjectLocation) -> Diagnostic {
    let detail = format!(
        "{location} exists, but {json} does not, so the object does not belong to a trust bundle. The provider does not \
         overwrite it.\n\nSpecify a different key. If the object is no longer required, delete it, and then apply:\n\n{}",
        publication::delete_object(location)
    );
    Diagnostic::error("Object already exists", detail).at(publication::path())
}

/// The state contains no valid bundle.
pub(super) fn state(error: &BundleError) -> Diagnostics {
    let path = TrustBundle::paths().bundle_json();
    Diagnostic::bug("The state has no valid bundle", error)
        .at(path)
        .into()
}

/// A new resource continues an existing bundle.
pub(super) fn continued(version: u64, location: &ObjectLocation) -> Diagnostic {
    let detail = format!(
        "{location} contains version {version} of a trust bundle. The apply publishes its successor. If another configuration or \
         state manages the object, both must have the same roots."
    );
    Diagnostic::warning("Existing trust bundle is continued", detail).at(publication::path())
}

fn republish(summary: &str, cause: &str) -> Diagnostic {
    let detail = format!("{cause} The apply publishes the bundle again.");
    Diagnostic::warning(summary, detail).at(publication::path())
}

/// The JSON document does not exist.
pub(super) fn missing(location: &ObjectLocation) -> Diagnostic {
    let cause = format!("{location} does not exist, so relying parties cannot receive the bundle.");
    republish("Trust bundle is missing", &cause)
}

/// Another writer published other roots.
pub(super) fn different(location: &ObjectLocation) -> Diagnostic {
    let cause =
        format!("{location} does not contain the configured roots. Another process changed it.");
    republish("Published trust bundle has different roots", &cause)
}

/// A derived object does not exist or is outdated.
pub(super) fn outdated(location: &ObjectLocation) -> Diagnostic {
    let cause = format!(
        "{location} does not exist, or does not match the JSON document, for example because an apply was interrupted."
    );
    republish("Trust bundle is incomplete", &cause)
}

/// A destroy retains the objects.
pub(super) fn retained(prior: &TrustBundlePlan) -> Option<Diagnostic> {
    if prior.on_destroy == Planned::Known("delete".to_owned()) {
        return None;
    }
    let text = |value: &Planned<String>| value.known().cloned().unwrap_or_default();
    let publish = prior.publish.known()?;
    let detail = format!(
        "on_destroy is \"retain\", so the objects s3://{bucket}/{}, s3://{bucket}/{}, and s3://{bucket}/{} remain.\n\nTo delete \
         the objects as well, set on_destroy to \"delete\", apply, and then destroy:\n\n{}",
        text(&publish.key_json),
        text(&publish.key_pem),
        text(&publish.key_sha256sums),
        commands::listing(&[
            commands::apply(),
            commands::destroy("skreg_pki_trust_bundle.NAME")
        ]),
        bucket = text(&publish.bucket),
    );
    Some(Diagnostic::warning(
        "Published trust bundle is retained",
        detail,
    ))
}

/// The import ID is not valid.
pub(super) fn import_id(id: &str) -> Diagnostics {
    let command = commands::import("skreg_pki_trust_bundle.NAME", "s3://BUCKET/KEY");
    let detail = format!(
        "{id:?} is not the location of a JSON document. Use the following command:\n\n{}",
        commands::listing(&[command])
    );
    Diagnostic::error("Invalid import ID", detail).into()
}

/// The object to import does not exist.
pub(super) fn nothing_to_import(location: &ObjectLocation) -> Diagnostics {
    let detail = format!(
        "{location} does not exist. To publish the first bundle, add the resource to the configuration and apply, without an \
         import."
    );
    Diagnostic::error("Trust bundle does not exist", detail).into()
}
