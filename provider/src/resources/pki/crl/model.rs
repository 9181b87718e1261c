//! Schema of `skreg_pki_crl`.

use std::collections::BTreeMap;

use tfplugin::schema::Number;
use tfplugin::validate::{each, keys, one_of, range, text};
use tfplugin::{Schema, Timeouts};

use crate::pki::revocation::{MAX_VALIDITY_HOURS, REASON_NAMES, SCOPE_NAMES};
use crate::resources::pki::authority_extensions::{URL_RULE, is_url};
use crate::resources::pki::issuer::Issuer;
use crate::resources::pki::publication::{
    BUCKET_RULE, KEY_RULE, ON_DESTROY, is_account_id, is_bucket, is_key,
};

use super::serial_number::{SERIAL_NUMBER_RULE, is_serial_number};

/// Default key of the DER list.
pub const DEFAULT_KEY_DER: &str = ".well-known/crl.crl";
/// Default key of the PEM list.
pub const DEFAULT_KEY_PEM: &str = ".well-known/crl.pem";

/// A certificate revocation list (CRL) that a certificate authority signs. The provider publishes it as two objects in
/// Amazon S3: one in DER format, to which the `crl_distribution_points` of certificates refer, and one in PEM format.
///
/// Every change issues and publishes a new list with a higher number. If several configurations publish to the same objects,
/// they never use the same number twice, and never replace a list with an older one. A certificate remains revoked until it
/// expires, so removing it from `revoked` before that time fails during planning.
///
/// A list is valid until `next_update`. **The provider can issue the next list only during an apply. Run a scheduled apply at
/// least once between `refresh_at` and `next_update`.** If a plan finds that the refresh is due, it plans an update.
#[derive(Schema)]
#[resource(
    name = "skreg_pki_crl",
    version = 0,
    timeouts(create = "10m", update = "10m", delete = "5m")
)]
pub struct Crl {
    /// Certificate authority that signs the list: the `issuer` attribute of an authority whose `usage` contains `sign_crl`. The
    /// subject and the key of the authority cannot be changed after creation.
    #[attr(required)]
    pub issuer: Issuer,
    /// Revoked certificates by serial number, in the format of the `serial_number` attribute of a certificate. Defaults to no
    /// certificates.
    #[attr(optional, default = BTreeMap::<String, Revoked>::new(), validate = keys(text(SERIAL_NUMBER_RULE, is_serial_number)))]
    pub revoked: BTreeMap<String, Revoked>,
    /// Location of a ledger, such as `s3://example-ca/ledger`. The list also contains the certificates that the ledger records
    /// as revoked or suspended. Every plan and apply reads the ledger.
    #[attr(optional)]
    pub ledger_uri: Option<String>,
    /// Certificates that the list covers: `all`, `ca_only` (only certificates of authorities), or `user_only` (only end-entity
    /// certificates). With `ca_only` and `user_only`, relying parties must support the `issuingDistributionPoint` extension.
    #[attr(optional, default = "all", validate = one_of(&SCOPE_NAMES))]
    pub scope: String,
    /// `http` URLs in the `issuingDistributionPoint` extension (RFC 5280 section 5.2.5). If URLs are set, the list covers only
    /// certificates whose `crl_distribution_points` contain one of the URLs. Use it to divide the certificates of an authority
    /// among several lists. By default, the list covers certificates with any `crl_distribution_points`.
    #[attr(optional, validate = each(text(URL_RULE, is_url)))]
    pub issuing_distribution_points: Option<Vec<String>>,
    /// Validity period of each list in hours, such as 168 for an authority that issues end-entity certificates, or 4320 for a
    /// root.
    #[attr(required, validate = range(1..=MAX_VALIDITY_HOURS))]
    pub validity_hours: i64,
    /// Number of hours before `next_update` at which the next list is due. Must be less than `validity_hours`. Defaults to half
    /// of the validity period.
    #[attr(optional, validate = range(1..MAX_VALIDITY_HOURS))]
    pub refresh_before_hours: Option<i64>,
    /// Objects that the provider publishes.
    #[attr(required)]
    pub publish: Publish,
    /// Behavior when the resource is destroyed: `retain` keeps the published objects, and `delete` deletes them with all of their
    /// versions. Relying parties that require a list reject all certificates of the issuer if the list does not exist.
    #[attr(optional, default = "retain", validate = one_of(&ON_DESTROY))]
    pub on_destroy: String,
    /// Published list in PEM format.
    #[attr(computed)]
    pub crl_pem: String,
    /// CRL number of the published list.
    #[attr(computed)]
    pub crl_number: Number,
    /// Time when the list was issued, in RFC 3339 format.
    #[attr(computed)]
    pub this_update: String,
    /// Time by which the next list is issued, in RFC 3339 format. Relying parties reject the list after this time. It is never later
    /// than the end of the validity period of the issuer. Use it for an alarm.
    #[attr(computed)]
    pub next_update: String,
    /// Time from which a plan issues the next list, in RFC 3339 format.
    #[attr(computed)]
    pub refresh_at: String,
    /// Number of revoked certificates in the list.
    #[attr(computed)]
    pub entry_count: i64,
    /// `ETag` of the DER object. Null if the object does not exist.
    #[attr(computed)]
    pub etag: Option<String>,
    /// Version ID of the DER object. Null if the bucket has no versioning.
    #[attr(computed)]
    pub version_id: Option<String>,
    /// `ETag` of the PEM object. Null if the object does not exist, or if it does not contain the same list as the DER object.
    #[attr(computed)]
    pub pem_etag: Option<String>,
    /// Operation timeouts.
    #[block]
    pub timeouts: Option<Timeouts>,
}

/// Revocation of a certificate.
#[derive(Schema)]
pub struct Revoked {
    /// Time of the revocation in RFC 3339 format with whole seconds.
    #[attr(required)]
    pub revoked_at: String,
    /// Reason for the revocation. If it is `certificate_hold`, you can release the certificate by removing it. For any other
    /// reason, the revocation is permanent. If not set, the list does not specify a reason.
    #[attr(optional, validate = one_of(&REASON_NAMES))]
    pub reason: Option<String>,
    /// Time when the private key is known or suspected to have been compromised, in RFC 3339 format with whole seconds.
    #[attr(optional)]
    pub invalidity_date: Option<String>,
    /// End of the validity period of the certificate (`notAfter`) in RFC 3339 format with whole seconds. An expired
    /// certificate is included in one more list, and then omitted, so that you can remove it from `revoked`. If not set, the
    /// certificate remains in the list.
    #[attr(optional)]
    pub certificate_not_after: Option<String>,
}

/// Location and properties of published objects.
#[derive(Schema)]
pub struct Publish {
    /// Name of the bucket. If it is changed, the objects in the previous bucket are retained.
    #[attr(required, validate = text(BUCKET_RULE, is_bucket))]
    pub bucket: String,
    /// Key of the object in DER format (`application/pkix-crl`). Certificates refer to this object. If it is changed, the previous
    /// object is retained.
    #[attr(optional, default = DEFAULT_KEY_DER, validate = text(KEY_RULE, is_key))]
    pub key_der: String,
    /// Key of the object in PEM format (`application/x-pem-file`). If it is changed, the previous object is retained.
    #[attr(optional, default = DEFAULT_KEY_PEM, validate = text(KEY_RULE, is_key))]
    pub key_pem: String,
    /// `Cache-Control` header of the objects. Must contain `no-cache`, `no-store`, or `max-age`. Each `max-age` and `s-maxage`
    /// must be less than a quarter of the validity period. Defaults to a `max-age` of one eighth of the validity period, but at
    /// most one hour.
    #[attr(optional)]
    pub cache_control: Option<String>,
    /// ID of the AWS account that must own the bucket. If another account owns it, reads and writes fail.
    #[attr(optional, validate = text("be an AWS account ID with 12 digits", is_account_id))]
    pub expected_bucket_owner: Option<String>,
}
