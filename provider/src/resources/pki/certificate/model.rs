//! Schema of `skreg_pki_certificate`.
//!
//! No attribute contains a private key. No attribute requires replacement: a change issues the next certificate in place.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::validate::{each, elements, one_of, range, text};
use tfplugin::{Schema, Timeouts};

use super::location::{LEDGER_URI_RULE, is_ledger_uri};
use crate::pki::{
    KEY_ALGORITHM_NAMES, KeyPurpose, MAX_NOT_BEFORE_MARGIN_MINUTES, MAX_VALIDITY_DAYS,
    NotAfterBehavior, check_http_url,
};
pub use crate::resources::pki::issuer::{Issuer, IssuerPlan};
use crate::resources::pki::key_source::KeySourceAttributes;
use crate::resources::pki::stored_key::stored_key_state;
pub use crate::resources::pki::stored_key::{Kms, KmsPlan, SecretsManager, SecretsManagerPlan};
pub use crate::resources::pki::subject::{Subject, SubjectPlan};
use crate::resources::pki::term::NOT_BEFORE_MARGIN_MINUTES;

/// Key algorithm if none is configured.
pub(super) const DEFAULT_KEY_ALGORITHM: &str = "ECDSA_P256";

const MAX_VALIDITY_HOURS: i64 = 24 * MAX_VALIDITY_DAYS;
const PURPOSE_RULE: &str = "be server_auth, client_auth, code_signing, email_protection, time_stamping, ocsp_signing, or \
     a dotted object identifier";
const URL_RULE: &str = "be an http URL without a fragment, such as http://pki.example.com/ca.crl";

/// An end-entity certificate that a certificate authority of this provider issues. The certificate is for a key that the
/// provider generates and stores in AWS Secrets Manager, for a key in AWS KMS, or for the key in a certificate signing
/// request (CSR). The provider never writes a private key to plans, state, or logs.
///
/// The subject and the alternative names come only from the configuration. From a CSR, the provider uses the public key, and
/// ignores the requested names and extensions.
///
/// If an attribute that the certificate contains changes, or if a renewal is due (`renew_before_hours`), the resource is updated
/// in place. The update issues a new certificate, and stores it with its key as a new version of the same secret. The previous
/// version gets the staging label `AWSPREVIOUS`, and the previous certificate remains valid until it expires.
#[derive(Schema)]
#[resource(
    name = "skreg_pki_certificate",
    version = 0,
    timeouts(create = "10m", update = "10m", delete = "5m")
)]
pub struct LeafCertificate {
    /// Certificate authority that issues the certificate: the `issuer` attribute of an authority. Its `usage` must contain
    /// `sign_leaf`. If the certificate or the chain of the authority changes, the next certificate is issued.
    #[attr(required)]
    pub issuer: Issuer,
    /// Certificate signing request (PKCS #10) in PEM format. Its signature is verified. A request for a certificate authority
    /// is rejected. Exactly one of `csr_pem` and `secrets_manager` must be set.
    #[attr(optional)]
    pub csr_pem: Option<String>,
    /// Secrets Manager secret that stores the private key and the certificate. Exactly one of `secrets_manager` and `csr_pem`
    /// must be set.
    #[attr(optional)]
    pub secrets_manager: Option<SecretsManager>,
    /// AWS KMS key that contains the private key. If it is set, the secret stores the certificate and the ARN of the KMS key
    /// instead of the private key. Requires `secrets_manager`. Cannot be added, changed, or removed after creation.
    #[attr(optional)]
    pub kms: Option<Kms>,
    /// Key algorithm. Cannot be changed after creation. Must not be set with `csr_pem`, because the request determines the
    /// algorithm. Defaults to `ECDSA_P256`.
    #[attr(optional, computed, keep, validate = one_of(&KEY_ALGORITHM_NAMES))]
    pub key_algorithm: String,
    /// Distinguished name of the subject. At least one of `subject` and the lists of alternative names must be set.
    #[attr(optional)]
    pub subject: Option<Subject>,
    /// DNS names. An internationalized label must be in its A-label form (`xn--…`).
    #[attr(optional, default = BTreeSet::<String>::new())]
    pub dns_names: BTreeSet<String>,
    /// IPv4 and IPv6 addresses.
    #[attr(optional, default = BTreeSet::<String>::new())]
    pub ip_addresses: BTreeSet<String>,
    /// Absolute URIs, such as a SPIFFE ID.
    #[attr(optional, default = BTreeSet::<String>::new())]
    pub uris: BTreeSet<String>,
    /// Email addresses.
    #[attr(optional, default = BTreeSet::<String>::new())]
    pub email_addresses: BTreeSet<String>,
    /// Purposes of the key: `server_auth`, `client_auth`, `code_signing`, `email_protection`, `time_stamping`, `ocsp_signing`,
    /// or dotted object identifiers. `time_stamping` cannot be combined with other purposes.
    #[attr(required, validate = elements(1..), validate = each(text(PURPOSE_RULE, is_purpose)))]
    pub extended_key_usage: BTreeSet<String>,
    /// Validity period of the certificate in hours, starting at issuance. Exactly one of `validity_hours` and `not_after` must
    /// be set.
    #[attr(optional, validate = range(1..=MAX_VALIDITY_HOURS))]
    pub validity_hours: Option<i64>,
    /// End of the validity period in RFC 3339 format with whole seconds, such as `2027-01-01T00:00:00Z`. Exactly one of
    /// `not_after` and `validity_hours` must be set.
    #[attr(optional)]
    pub not_after: Option<String>,
    /// Minutes between the start of the validity period and the issuance. The margin allows systems with a slow clock to
    /// accept a new certificate. The validity period never begins before that of the issuer. A change applies to the next
    /// certificate that is issued.
    #[attr(optional, default = NOT_BEFORE_MARGIN_MINUTES, validate = range(0..=MAX_NOT_BEFORE_MARGIN_MINUTES))]
    pub not_before_margin_minutes: i64,
    /// Behavior if the certificate would expire after its issuer. `error` reports an error, and `truncate` shortens the validity
    /// period so that the certificate expires with its issuer.
    #[attr(optional, default = "error", validate = one_of(&NotAfterBehavior::NAMES))]
    pub not_after_behavior: String,
    /// Length of the renewal window in hours. A plan in the last `renew_before_hours` hours of the validity period renews the
    /// certificate. Requires `validity_hours`, and must be less than it. If not set, the certificate is not renewed. If the window begins between the plan
    /// and the apply of another change to the resource, the apply reports an inconsistent plan, and the next run renews the
    /// certificate.
    #[attr(optional, validate = range(1..=MAX_VALIDITY_HOURS))]
    pub renew_before_hours: Option<i64>,
    /// Whether to generate a new key for each certificate after the first one. If `false`, the key is kept, and `subject` cannot
    /// be changed. Has no effect with `csr_pem` or `kms`, because the provider does not generate the key.
    #[attr(optional, default = true)]
    pub rotate_key_on_renewal: bool,
    /// Whether a root can be the issuer. By default, end-entity certificates must be issued by an intermediate authority, so
    /// that the root key can be kept offline.
    #[attr(optional, default = false)]
    pub allow_root_issuance: bool,
    /// Whether DNS names can have a wildcard as the first label, such as `*.example.com`.
    #[attr(optional, default = false)]
    pub allow_wildcard: bool,
    /// `http` URLs of the DER-encoded revocation list (`cRLDistributionPoints`, RFC 5280 section 4.2.1.13).
    #[attr(optional, default = Vec::<String>::new(), validate = each(text(URL_RULE, is_url)))]
    pub crl_distribution_points: Vec<String>,
    /// `http` URLs of the DER-encoded certificate of the issuer (`authorityInfoAccess`, RFC 5280 section 4.2.2.1).
    #[attr(optional, default = Vec::<String>::new(), validate = each(text(URL_RULE, is_url)))]
    pub ca_issuers_urls: Vec<String>,
    /// `http` URLs of OCSP responders (`authorityInfoAccess`, RFC 6960).
    #[attr(optional, default = Vec::<String>::new(), validate = each(text(URL_RULE, is_url)))]
    pub ocsp_urls: Vec<String>,
    /// S3 location of the ledger, such as `s3://example-pki/ledger`. The provider writes one object for each certificate that
    /// it issues and one for each revocation, and never replaces an existing object. If not set, no records are written.
    #[attr(optional, validate = text(LEDGER_URI_RULE, is_ledger_uri))]
    pub ledger_uri: Option<String>,
    /// Whether destroying the resource records the revocation of the current certificate, and of all
    /// `previous_certificates` that have not expired, in the ledger, from which `skreg_pki_crl` reads it. Requires `ledger_uri`; without it, a plan that destroys the resource reports a warning. The
    /// provider reads the value from the state, so apply a change before you destroy the resource.
    #[attr(optional, default = true)]
    pub revoke_on_destroy: bool,
    /// Whether to prevent deletion. If `true`, a plan or apply that would delete the certificate fails. The provider reads the
    /// value from the state. While the value is `false`, the provider treats a secret that is scheduled for deletion as deleted.
    #[attr(optional, default = false)]
    pub deletion_protection: bool,
    /// Tags for the secret. They take precedence over the provider's `default_tags`. The key `spki_sha256` and keys with the
    /// prefix `aws:` or `skreg:` are reserved. Must be empty with `csr_pem`.
    #[attr(optional, default = BTreeMap::<String, String>::new())]
    pub tags: BTreeMap<String, String>,
    /// All tags of the secret except reserved tags, including tags from the provider's `default_tags`.
    #[attr(computed)]
    pub tags_all: BTreeMap<String, String>,
    /// Certificate in PEM format.
    #[attr(computed, keep)]
    pub certificate_pem: String,
    /// Intermediate certificates above the certificate in PEM format, each before its issuer, as a server sends them. Does not
    /// contain the root. Empty if a root is the issuer.
    #[attr(computed, keep)]
    pub chain_pem: String,
    /// Public key (SubjectPublicKeyInfo) in PEM format.
    #[attr(computed, keep)]
    pub public_key_pem: String,
    /// Serial number of the certificate in hexadecimal.
    #[attr(computed, keep)]
    pub serial_number: String,
    /// Subject key identifier in hexadecimal.
    #[attr(computed, keep)]
    pub subject_key_id: String,
    /// SHA-256 hash of the public key (DER SubjectPublicKeyInfo) in hexadecimal.
    #[attr(computed, keep)]
    pub spki_sha256: String,
    /// SHA-256 fingerprint of the certificate (DER) in hexadecimal.
    #[attr(computed, keep)]
    pub certificate_sha256: String,
    /// Start of the validity period in RFC 3339 format.
    #[attr(computed, keep)]
    pub not_before: String,
    /// End of the validity period as an RFC 3339 time.
    #[attr(computed, keep)]
    pub not_after_actual: String,
    /// Validity status at the last refresh: `valid`, `expiring` (in the last tenth of the validity period), or `expired`.
    #[attr(computed, keep)]
    pub validity_status: Option<String>,
    /// Start of the renewal window in RFC 3339 format. A plan at or after this time renews the certificate. Null if
    /// `renew_before_hours` is not set.
    #[attr(computed, keep)]
    pub renewal_time: Option<String>,
    /// Whether the renewal window had begun at the last refresh, or an interrupted apply stored a certificate that the state
    /// does not contain. The next apply issues or adopts a certificate.
    #[attr(computed, keep)]
    pub ready_for_renewal: bool,
    /// S3 URI of the issuance record of the certificate in the ledger. Null if `ledger_uri` is not set, or if the record could
    /// not be written. In the latter case, the next apply writes it.
    #[attr(computed, keep)]
    pub issuance_record_uri: Option<String>,
    /// Certificates that this resource issued before the current one and that had not expired at that time.
    #[attr(computed, keep)]
    pub previous_certificates: Option<Vec<PreviousCertificate>>,
    /// ARN of the secret that contains the private key and the certificate. It is also the import ID. Null with `csr_pem`.
    #[attr(computed, keep)]
    pub secret_arn: Option<String>,
    /// Version ID of the secret that contains the key and the certificate. If a different version becomes current, a refresh
    /// fails. Null with `csr_pem`.
    #[attr(computed, keep)]
    pub secret_version_id: Option<String>,
    /// Operation timeouts.
    #[block]
    pub timeouts: Option<Timeouts>,
}

/// A certificate that was issued before the current one.
#[derive(Schema)]
pub struct PreviousCertificate {
    /// Serial number in hexadecimal.
    #[attr(computed)]
    pub serial_number: String,
    /// End of the validity period as an RFC 3339 time.
    #[attr(computed)]
    pub not_after: String,
    /// SHA-256 hash of the public key of the issuer (DER SubjectPublicKeyInfo) in hexadecimal.
    #[attr(computed)]
    pub issuer_spki_sha256: String,
}

stored_key_state!(LeafCertificatePlan);

fn is_purpose(text: &str) -> bool {
    KeyPurpose::named(text).is_ok()
}

fn is_url(text: &str) -> bool {
    check_http_url(text).is_ok()
}

impl LeafCertificatePlan {
    /// Returns whether the certificate is for the key in a request. An unknown request counts as one.
    pub(super) fn has_request(&self) -> bool {
        !self.csr_pem.is_null()
    }

    /// Returns the attributes that determine the source of the key.
    pub(super) fn key_source(&self) -> KeySourceAttributes<'_> {
        KeySourceAttributes {
            csr_pem: &self.csr_pem,
            secrets_manager: &self.secrets_manager,
            kms: &self.kms,
            key_algorithm: &self.key_algorithm,
            tags: &self.tags,
        }
    }

    /// Returns whether the next certificate is for a new key.
    pub(super) fn rotates_key(&self) -> bool {
        self.rotate_key_on_renewal.known().copied().unwrap_or(true)
            && self.kms.is_null()
            && !self.has_request()
    }
}
