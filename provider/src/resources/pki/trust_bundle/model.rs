//! Schema of `skreg_pki_trust_bundle`.

use std::collections::BTreeMap;

use tfplugin::validate::{elements, one_of, range, text};
use tfplugin::{Schema, Timeouts};

use crate::pki::trust::ROOT_STATUS_NAMES;
use crate::resources::pki::publication::{
    BUCKET_RULE, KEY_RULE, ON_DESTROY, is_account_id, is_bucket, is_key,
};

/// Default key of the JSON document.
pub const DEFAULT_KEY_JSON: &str = ".well-known/trust-bundle.json";
/// Default key of the PEM bundle.
pub const DEFAULT_KEY_PEM: &str = ".well-known/trust-bundle.pem";
/// Default key of the checksums.
pub const DEFAULT_KEY_SHA256SUMS: &str = ".well-known/trust-bundle.sha256";
/// Default of `min_distribution_days`.
const MIN_DISTRIBUTION_DAYS: i64 = 30;
/// Maximum of `min_distribution_days`: ten years.
const MAX_DISTRIBUTION_DAYS: i64 = 3650;

/// A trust bundle: the root certificates that relying parties trust, with a status and a trust window (`distribute_from` to
/// `trust_until`) for each root. The provider publishes it as three objects in Amazon S3: a JSON document, a PEM bundle, and their
/// SHA-256 checksums.
///
/// A plan checks every change against the published bundle. A root can become active only after it has been distributed for
/// `min_distribution_days`, and can be removed only after it has been retired and its window has ended. A change that would break
/// relying parties that still have the previous bundle fails during planning.
#[derive(Schema)]
#[resource(
    name = "skreg_pki_trust_bundle",
    version = 0,
    timeouts(create = "10m", update = "10m", delete = "5m")
)]
pub struct TrustBundle {
    /// Roots by name. You can choose the names, such as `g1` for the first generation. They are not published. At least one root
    /// must have the status `active`.
    #[attr(required, validate = elements(1..))]
    pub roots: BTreeMap<String, Root>,
    /// Certificates in PEM format in which one root certifies the key of another root. Two roots with the same subject require
    /// such a certificate. Defaults to no certificates.
    #[attr(optional, default = Vec::<String>::new())]
    pub cross_certificates: Vec<String>,
    /// Minimum number of days for which a new root must be distributed before it becomes active, and by which the end of a window
    /// must be announced in advance. Set it to 0 only in an emergency, such as a compromised key.
    #[attr(optional, default = MIN_DISTRIBUTION_DAYS, validate = range(0..=MAX_DISTRIBUTION_DAYS))]
    pub min_distribution_days: i64,
    /// Objects that the provider publishes.
    #[attr(required)]
    pub publish: Publish,
    /// Behavior when the resource is destroyed: `retain` keeps the published objects, and `delete` deletes them with all of their
    /// versions.
    #[attr(optional, default = "retain", validate = one_of(&ON_DESTROY))]
    pub on_destroy: String,
    /// Certificates of all roots that are not retired, in PEM format.
    #[attr(computed)]
    pub bundle_pem: String,
    /// Published JSON document.
    #[attr(computed)]
    pub bundle_json: String,
    /// Version of the content. It starts at 1 and increases by 1 with every change. A client must reject a document whose
    /// version is lower than that of the document it has.
    #[attr(computed)]
    pub version: i64,
    /// SHA-256 fingerprints of the certificates (DER) in hexadecimal, by the names in `roots`. Distribute them over an independent
    /// channel.
    #[attr(computed)]
    pub fingerprints: BTreeMap<String, String>,
    /// `ETag` of the JSON document. Null if the object does not exist.
    #[attr(computed)]
    pub etag: Option<String>,
    /// Version ID of the JSON document. Null if the bucket has no versioning.
    #[attr(computed)]
    pub version_id: Option<String>,
    /// `ETag` of the PEM bundle. Null if the object does not exist, or if its content does not match the JSON document.
    #[attr(computed)]
    pub pem_etag: Option<String>,
    /// `ETag` of the checksums. Null if the object does not exist, or if its content does not match the JSON document.
    #[attr(computed)]
    pub sha256sums_etag: Option<String>,
    /// Operation timeouts.
    #[block]
    pub timeouts: Option<Timeouts>,
}

/// Root certificate.
#[derive(Schema)]
pub struct Root {
    /// Self-signed certificate of the root in PEM format.
    #[attr(required)]
    pub certificate_pem: String,
    /// Status: `next` (distributed in advance), `active` (issues certificates), `retiring` (issues revocation lists only), or
    /// `retired` (verifies signatures that were created in its window; not in the PEM bundle).
    #[attr(required, validate = one_of(&ROOT_STATUS_NAMES))]
    pub status: String,
    /// Start of the window in RFC 3339 format with whole seconds. Defaults to the time when the root was first published.
    #[attr(optional)]
    pub distribute_from: Option<String>,
    /// End of the window in RFC 3339 format with whole seconds. Required for the statuses `retiring` and `retired`.
    #[attr(optional)]
    pub trust_until: Option<String>,
}

/// Location and properties of published objects.
#[derive(Schema)]
pub struct Publish {
    /// Name of the bucket. If it is changed, the objects in the previous bucket are retained.
    #[attr(required, validate = text(BUCKET_RULE, is_bucket))]
    pub bucket: String,
    /// Key of the JSON document (`application/json`). If it is changed, the previous object is retained.
    #[attr(optional, default = DEFAULT_KEY_JSON, validate = text(KEY_RULE, is_key))]
    pub key_json: String,
    /// Key of the PEM bundle (`application/x-pem-file`). If it is changed, the previous object is retained.
    #[attr(optional, default = DEFAULT_KEY_PEM, validate = text(KEY_RULE, is_key))]
    pub key_pem: String,
    /// Key of the checksums (`text/plain`), in the format that `sha256sum --check` reads. If it is changed, the previous object
    /// is retained.
    #[attr(optional, default = DEFAULT_KEY_SHA256SUMS, validate = text(KEY_RULE, is_key))]
    pub key_sha256sums: String,
    /// `Cache-Control` of the objects.
    #[attr(optional, default = "max-age=3600")]
    pub cache_control: String,
    /// ID of the AWS account that must own the bucket. If another account owns it, reads and writes fail.
    #[attr(optional, validate = text("be an AWS account ID with 12 digits", is_account_id))]
    pub expected_bucket_owner: Option<String>,
}
