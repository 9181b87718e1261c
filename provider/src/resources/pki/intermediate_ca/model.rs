//! Schema of `skreg_pki_intermediate_ca`.
//!
//! No attribute contains the private key in any form. No attribute requires replacement. Instead, the plan hook rejects
//! changes to an authority's identity.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::validate::{each, one_of, range, text};
use tfplugin::{Schema, Timeouts};

use crate::pki::{
    AUTHORITY_KEY_ALGORITHM_NAMES, MAX_NOT_BEFORE_MARGIN_MINUTES, MAX_VALIDITY_DAYS,
    NotAfterBehavior,
};
use crate::resources::pki::authority_extensions::{
    ExtensionAttributes, OID_RULE, PURPOSE_RULE, URL_RULE, is_oid, is_purpose, is_url,
};
use crate::resources::pki::certificate_revision::{CertificateRevision, MAX_REVISION};
use crate::resources::pki::issuer::{Issuer, IssuerOutput, USAGE_NAMES, default_issuing_usage};
use crate::resources::pki::key_source::KeySourceAttributes;
use crate::resources::pki::name_constraints::NameConstraints;
use crate::resources::pki::path_length::NO_PATH_LENGTH;
use crate::resources::pki::stored_key::{Kms, SecretsManager, stored_key_state};
use crate::resources::pki::subject::Subject;
use crate::resources::pki::term::{NOT_BEFORE_MARGIN_MINUTES, TermAttributes};

/// An intermediate certificate authority, whose certificate is signed by a root or another intermediate authority.
/// The provider generates the private key and stores it in AWS Secrets Manager before the issuer signs the certificate. With
/// `csr_pem`, it certifies the key in a certificate signing request (CSR) instead. The provider never writes a private key to
/// plans, state, or logs.
///
/// The key is created once. Configuration changes never create another key. Changing the subject, key algorithm, secret
/// name, or KMS key fails during planning. Other attributes of the certificate can be changed together with
/// `certificate_revision`, which issues the next certificate for the same key. A plan checks the certificate against the
/// issuer and all authorities above it: path length, validity period, name constraints, and purposes. The provider reads
/// `deletion_protection` from the state, so removing the block does not bypass the protection. A replacement
/// (`-replace`, `taint`, `replace_triggered_by`, or a renamed block without `moved`) fails during planning. To use a
/// different key, add another resource for the next generation.
#[derive(Schema)]
#[resource(
    name = "skreg_pki_intermediate_ca",
    version = 0,
    timeouts(create = "10m", update = "5m", delete = "5m")
)]
pub struct IntermediateCa {
    /// Distinguished name of the subject. Cannot be changed after creation.
    #[attr(required)]
    pub subject: Subject,
    /// Certificate authority that signs the certificate: the `issuer` attribute of a `skreg_pki_root_ca` or
    /// `skreg_pki_intermediate_ca` resource. Its `usage` must contain `sign_ca`. If the authority has another certificate
    /// for the same key and the same subject, an update stores the new chain. An authority with another key requires the
    /// next `certificate_revision`.
    #[attr(required)]
    pub signed_by: Issuer,
    /// Certificate signing request (PKCS #10) in PEM format, for an authority whose key the provider never reads. Its
    /// signature is verified. The provider uses the key in the request, and ignores the names and extensions that it
    /// requests. The state is the only location of the certificate. Exactly one of `csr_pem` and `secrets_manager` must be
    /// set. The key cannot be changed after creation.
    #[attr(optional)]
    pub csr_pem: Option<String>,
    /// Key algorithm. Cannot be changed after creation. Must not be set with `csr_pem`, because the request determines the
    /// algorithm. Defaults to `RSA_4096`.
    #[attr(optional, computed, keep, validate = one_of(&AUTHORITY_KEY_ALGORITHM_NAMES))]
    pub key_algorithm: String,
    /// Algorithm with which this authority signs the certificates and revocation lists that it issues. It must fit the key
    /// algorithm: `SHA256WITHRSA` (default), `SHA384WITHRSA`, or `SHA512WITHRSA` for RSA, `SHA256WITHECDSA` for
    /// `ECDSA_P256`, `SHA384WITHECDSA` for `ECDSA_P384`, `SHA512WITHECDSA` for `ECDSA_P521`, and `ED25519` for `ED25519`.
    /// Can be changed only together with `certificate_revision`. Null with `csr_pem`.
    #[attr(optional, computed, keep)]
    pub signature_algorithm: Option<String>,
    /// Secrets Manager secret that stores the certificates and the private key. Exactly one of `secrets_manager` and `csr_pem` must be set.
    #[attr(optional)]
    pub secrets_manager: Option<SecretsManager>,
    /// AWS KMS key that contains the private key. If it is set, the secret stores the certificates and the ARN of the KMS
    /// key instead of the private key. Requires `secrets_manager`. Cannot be added, changed, or removed after creation.
    #[attr(optional)]
    pub kms: Option<Kms>,
    /// Validity period of the certificate in days, starting at issuance. Exactly one of `validity_days` and `not_after`
    /// must be set. A change applies to the next certificate that is issued: raise `certificate_revision`.
    #[attr(optional, validate = range(1..=MAX_VALIDITY_DAYS))]
    pub validity_days: Option<i64>,
    /// End of the validity period in RFC 3339 format with whole seconds, such as `2031-01-01T00:00:00Z`. Exactly one
    /// of `not_after` and `validity_days` must be set. A change applies to the next certificate that is issued.
    #[attr(optional)]
    pub not_after: Option<String>,
    /// Behavior if the certificate would expire after an authority above it. `error` reports an error, and `truncate` shortens
    /// the validity period so that the certificate expires with that authority. A change applies to the next certificate that
    /// is issued.
    #[attr(optional, default = "error", validate = one_of(&NotAfterBehavior::NAMES))]
    pub not_after_behavior: String,
    /// Minutes between the start of the validity period and the issuance. The margin allows systems with a slow
    /// clock to accept a new certificate. The validity period never begins before that of an authority above. A change
    /// applies to the next certificate that is issued.
    #[attr(optional, default = NOT_BEFORE_MARGIN_MINUTES, validate = range(0..=MAX_NOT_BEFORE_MARGIN_MINUTES))]
    pub not_before_margin_minutes: i64,
    /// Maximum number of intermediate certificates below this authority (`pathLenConstraint`, RFC 5280 section 4.2.1.9).
    /// If 0, the authority can issue only end-entity certificates. If -1, the certificate does not contain a
    /// `pathLenConstraint`. Can be changed only together with `certificate_revision`.
    #[attr(optional, default = 0, validate = range(NO_PATH_LENGTH..=255))]
    pub path_length: i64,
    /// Purposes for which the authority can issue certificates: `server_auth`, `client_auth`, `code_signing`,
    /// `email_protection`, `time_stamping`, `ocsp_signing`, or dotted object identifiers. If the set is empty, the purposes
    /// are not restricted. Can be changed only together with `certificate_revision`.
    #[attr(optional, default = BTreeSet::<String>::new(), validate = each(text(PURPOSE_RULE, is_purpose)))]
    pub extended_key_usage: BTreeSet<String>,
    /// Names that the authority and all authorities below it can certify (`nameConstraints`, RFC 5280 section 4.2.1.10,
    /// critical). Can be changed only together with `certificate_revision`.
    #[attr(optional)]
    pub name_constraints: Option<NameConstraints>,
    /// Object identifiers of the certificate policies (`certificatePolicies`, RFC 5280 section 4.2.1.4). Can be changed
    /// only together with `certificate_revision`.
    #[attr(optional, default = Vec::<String>::new(), validate = each(text(OID_RULE, is_oid)))]
    pub policy_oids: Vec<String>,
    /// `http` URLs of the DER-encoded revocation list of the issuer (`cRLDistributionPoints`, RFC 5280 section 4.2.1.13).
    /// Can be changed only together with `certificate_revision`.
    #[attr(optional, default = Vec::<String>::new(), validate = each(text(URL_RULE, is_url)))]
    pub crl_distribution_points: Vec<String>,
    /// `http` URLs of the DER-encoded certificate of the issuer (`authorityInfoAccess`, RFC 5280 section 4.2.2.1). Can be
    /// changed only together with `certificate_revision`.
    #[attr(optional, default = Vec::<String>::new(), validate = each(text(URL_RULE, is_url)))]
    pub ca_issuers_urls: Vec<String>,
    /// `http` URLs of OCSP responders (`authorityInfoAccess`, RFC 6960). Can be changed only together with
    /// `certificate_revision`.
    #[attr(optional, default = Vec::<String>::new(), validate = each(text(URL_RULE, is_url)))]
    pub ocsp_urls: Vec<String>,
    /// Revision of the certificate. Raising it by 1 issues the next certificate for the same key and the same subject, with
    /// a new serial number and the configured attributes. Earlier certificates remain valid. Any other change is an error.
    #[attr(optional, default = 1, validate = range(1..=MAX_REVISION))]
    pub certificate_revision: i64,
    /// Permitted uses of the key: `sign_ca` (certificates of certificate authorities), `sign_leaf` (end-entity
    /// certificates), and `sign_crl` (certificate revocation lists). Other resources of this provider check the value of
    /// their issuer. `sign_ca` requires a `path_length` other than 0. To retire an authority, reduce the set to `sign_crl`.
    /// Defaults to `sign_leaf` and `sign_crl`.
    #[attr(optional, default = default_issuing_usage(), validate = each(one_of(&USAGE_NAMES)))]
    pub usage: BTreeSet<String>,
    /// Whether to prevent deletion of the key. If `true`, a plan or apply that would delete the key fails. The provider
    /// reads the value from the state: set it to `false` and apply before you destroy the authority. While the value is
    /// `false`, the provider treats a secret that is scheduled for deletion as deleted.
    #[attr(optional, default = true)]
    pub deletion_protection: bool,
    /// Tags for the secret. They take precedence over the provider's `default_tags`. The key `spki_sha256` and keys
    /// with the prefix `aws:` or `skreg:` are reserved. Must be empty with `csr_pem`.
    #[attr(optional, default = BTreeMap::<String, String>::new())]
    pub tags: BTreeMap<String, String>,
    /// All tags of the secret except reserved tags, including tags from the provider's `default_tags`.
    #[attr(computed)]
    pub tags_all: BTreeMap<String, String>,
    /// Certificate in PEM format.
    #[attr(computed, keep)]
    pub certificate_pem: String,
    /// Certificates above the current certificate in PEM format, each before its issuer and the root last.
    #[attr(computed, keep)]
    pub chain_pem: String,
    /// Certificate chains in PEM format by the SHA-256 hash of the public key of their root. Each chain contains the newest
    /// certificate of this authority below the root, the certificates above it, and the root.
    #[attr(computed, keep)]
    pub chains_pem: BTreeMap<String, String>,
    /// Public key (SubjectPublicKeyInfo) in PEM format.
    #[attr(computed, keep)]
    pub public_key_pem: String,
    /// Serial number of the certificate in hexadecimal.
    #[attr(computed, keep)]
    pub serial_number: String,
    /// Subject key identifier in hexadecimal. Certificates and revocation lists that this authority issues use it as the
    /// authority key identifier.
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
    /// End of the validity period in RFC 3339 format.
    #[attr(computed, keep)]
    pub not_after_actual: String,
    /// Validity status at the last refresh: `valid`, `expiring` (in the last tenth of the validity period), or
    /// `expired`. A plan reports a warning for `expiring` and `expired`. You can use the attribute in `check` blocks. A
    /// status change never causes an update.
    #[attr(computed, keep)]
    pub validity_status: Option<String>,
    /// ARN of the secret. It is also the import ID. The secret value is a JSON object in the `skreg.pki.key` format. Null with `csr_pem`.
    #[attr(computed, keep)]
    pub secret_arn: Option<String>,
    /// Version ID of the secret that contains the key and the certificate. If a different version becomes current, a
    /// refresh fails. Null with `csr_pem`.
    #[attr(computed, keep)]
    pub secret_version_id: Option<String>,
    /// All certificates for the key in the order of their revisions.
    #[attr(computed, keep)]
    pub certificate_history: Vec<CertificateRevision>,
    /// This authority as the issuer of other resources. The object does not contain the private key. Null with `csr_pem`,
    /// because the provider cannot sign with the key.
    #[attr(computed, keep)]
    pub issuer: Option<IssuerOutput>,
    /// Operation timeouts.
    #[block]
    pub timeouts: Option<Timeouts>,
}

stored_key_state!(IntermediateCaPlan);

impl IntermediateCaPlan {
    /// Returns the attributes that determine the validity period.
    pub(super) fn term(&self) -> TermAttributes<'_> {
        TermAttributes {
            validity_days: &self.validity_days,
            not_after: &self.not_after,
            not_before_margin_minutes: &self.not_before_margin_minutes,
        }
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

    /// Returns whether the certificate is for the key in a request. An unknown request counts as one.
    pub(super) fn has_request(&self) -> bool {
        !self.csr_pem.is_null()
    }

    /// Returns the attributes that determine the extensions of the certificate.
    pub(super) fn extensions(&self) -> ExtensionAttributes<'_> {
        ExtensionAttributes {
            extended_key_usage: &self.extended_key_usage,
            name_constraints: &self.name_constraints,
            policy_oids: &self.policy_oids,
            crl_distribution_points: &self.crl_distribution_points,
            ca_issuers_urls: &self.ca_issuers_urls,
            ocsp_urls: &self.ocsp_urls,
        }
    }
}
