//! Schema of `skreg_pki_root_ca`.
//!
//! No attribute contains the private key in any form. No attribute requires replacement. Instead, the plan hook rejects
//! changes to an authority's identity.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::validate::{each, one_of, range, text};
use tfplugin::{Planned, Schema, Secret, Timeouts, WriteOnly};

use crate::pki::{AUTHORITY_KEY_ALGORITHM_NAMES, MAX_NOT_BEFORE_MARGIN_MINUTES, MAX_VALIDITY_DAYS};
use crate::resources::pki::authority_extensions::{ExtensionAttributes, OID_RULE, is_oid};
pub use crate::resources::pki::certificate_revision::CertificateRevision;
use crate::resources::pki::certificate_revision::MAX_REVISION;
use crate::resources::pki::issuer::{IssuerOutput, default_usage};
pub use crate::resources::pki::name_constraints::NameConstraints;
use crate::resources::pki::path_length::NO_PATH_LENGTH;
use crate::resources::pki::stored_key::stored_key_state;
pub use crate::resources::pki::stored_key::{Kms, KmsPlan, SecretsManager, SecretsManagerPlan};
pub use crate::resources::pki::subject::{Subject, SubjectPlan};
use crate::resources::pki::term::{NOT_BEFORE_MARGIN_MINUTES, TermAttributes};

/// A root certificate authority. By default, the provider generates the private key, and stores it in AWS Secrets Manager
/// before it signs the certificate. With `kms`, the private key is in AWS KMS. The provider never writes the private key to
/// plans, state, or logs.
///
/// The key is created once. Configuration changes never create another key. Changing the subject, key algorithm, path
/// length, secret name, or KMS key fails during planning. A missing or changed key causes an error. The provider reads
/// `deletion_protection` from the state, so removing the block does not bypass the protection. A replacement
/// (`-replace`, `taint`, `replace_triggered_by`, or a renamed block without `moved`) fails during planning. To use a
/// different key, add another resource for the next generation.
#[derive(Schema)]
#[resource(
    name = "skreg_pki_root_ca",
    version = 0,
    timeouts(create = "10m", update = "5m", delete = "5m")
)]
pub struct RootCa {
    /// Distinguished name of the subject and the issuer. Cannot be changed after creation.
    #[attr(required)]
    pub subject: Subject,
    /// Key algorithm. Cannot be changed after creation.
    #[attr(optional, default = "RSA_4096", validate = one_of(&AUTHORITY_KEY_ALGORITHM_NAMES))]
    pub key_algorithm: String,
    /// Algorithm with which the root signs its certificate, and the certificates and revocation lists that it issues. It
    /// must fit the key algorithm: `SHA256WITHRSA` (default), `SHA384WITHRSA`, or `SHA512WITHRSA` for RSA,
    /// `SHA256WITHECDSA` for `ECDSA_P256`, `SHA384WITHECDSA` for `ECDSA_P384`, `SHA512WITHECDSA` for `ECDSA_P521`, and
    /// `ED25519` for `ED25519`. Can be changed only together with `certificate_revision`.
    #[attr(optional, computed, keep)]
    pub signature_algorithm: Option<String>,
    /// Secrets Manager secret that stores the certificates and the private key. With `kms`, the secret contains the ARN of the KMS key
    /// instead of the private key.
    #[attr(required)]
    pub secrets_manager: SecretsManager,
    /// AWS KMS key that contains the private key. If it is set, the secret stores the certificates and the ARN of the KMS
    /// key instead of the private key. Cannot be added, changed, or removed after creation.
    #[attr(optional)]
    pub kms: Option<Kms>,
    /// Existing private key for a new root, such as a key from a key ceremony: one unencrypted PKCS #8 block in PEM format
    /// whose algorithm is `key_algorithm`. Requires `private_key_pem_wo_version` and conflicts with `kms`. If not set, the
    /// provider generates the key. Ignored after creation, so you can then remove the argument.
    #[attr(optional, sensitive, write_only)]
    pub private_key_pem_wo: WriteOnly<Secret>,
    /// Version of `private_key_pem_wo`. Cannot be changed after creation, but can be removed together with
    /// `private_key_pem_wo`.
    #[attr(optional, validate = range(1..))]
    pub private_key_pem_wo_version: Option<i64>,
    /// Validity period of the certificate in days, starting at issuance. Exactly one of `validity_days` and `not_after`
    /// must be set. A change applies to the next certificate that is issued: raise `certificate_revision`.
    #[attr(optional, validate = range(1..=MAX_VALIDITY_DAYS))]
    pub validity_days: Option<i64>,
    /// End of the validity period in RFC 3339 format with whole seconds, such as `2036-01-01T00:00:00Z`. Exactly one
    /// of `not_after` and `validity_days` must be set. A change applies to the next certificate that is issued.
    #[attr(optional)]
    pub not_after: Option<String>,
    /// Minutes between the start of the validity period and the issuance. The margin allows systems with a slow
    /// clock to accept a new certificate. It does not affect the end of the validity period. A change applies to the
    /// next certificate that is issued.
    #[attr(optional, default = NOT_BEFORE_MARGIN_MINUTES, validate = range(0..=MAX_NOT_BEFORE_MARGIN_MINUTES))]
    pub not_before_margin_minutes: i64,
    /// Maximum number of intermediate certificates below this root (`pathLenConstraint`, RFC 5280 section 4.2.1.9). If
    /// 0, the root can issue only end-entity certificates. If -1, the certificate does not contain a
    /// `pathLenConstraint`. Cannot be changed after creation.
    #[attr(optional, default = 1, validate = range(NO_PATH_LENGTH..=255))]
    pub path_length: i64,
    /// Names that the authorities below this root can certify (`nameConstraints`, RFC 5280 section 4.2.1.10, critical). Some
    /// clients ignore the constraints of a root, so also set them on intermediate authorities. Can be changed only together
    /// with `certificate_revision`.
    #[attr(optional)]
    pub name_constraints: Option<NameConstraints>,
    /// Object identifiers of the certificate policies (`certificatePolicies`, RFC 5280 section 4.2.1.4). Can be changed
    /// only together with `certificate_revision`.
    #[attr(optional, default = Vec::<String>::new(), validate = each(text(OID_RULE, is_oid)))]
    pub policy_oids: Vec<String>,
    /// Revision of the certificate. Raising it by 1 issues the next certificate for the same key and the same subject, with
    /// a new serial number and the configured attributes. Earlier certificates remain valid. Any other change is an error.
    #[attr(optional, default = 1, validate = range(1..=MAX_REVISION))]
    pub certificate_revision: i64,
    /// Permitted uses of the key: `sign_ca` (certificates of certificate authorities), `sign_leaf` (end-entity
    /// certificates), and `sign_crl` (certificate revocation lists). Other resources of this provider check the value of
    /// their `issuer`. To retire a root, reduce the set to `sign_crl`. Defaults to `sign_ca` and `sign_crl`.
    #[attr(optional, default = default_usage())]
    pub usage: BTreeSet<String>,
    /// Whether to prevent deletion of the key. If `true`, a plan or apply that would delete the key fails. The provider
    /// reads the value from the state: set it to `false` and apply before you destroy the root. While the value is
    /// `false`, the provider treats a secret that is scheduled for deletion as deleted.
    #[attr(optional, default = true)]
    pub deletion_protection: bool,
    /// Tags for the secret. They take precedence over the provider's `default_tags`. The key `spki_sha256` and keys
    /// with the prefix `aws:` or `skreg:` are reserved.
    #[attr(optional, default = BTreeMap::<String, String>::new())]
    pub tags: BTreeMap<String, String>,
    /// All tags of the secret except reserved tags, including tags from the provider's `default_tags`.
    #[attr(computed)]
    pub tags_all: BTreeMap<String, String>,
    /// Root certificate in PEM format.
    #[attr(computed, keep)]
    pub certificate_pem: String,
    /// Public key (SubjectPublicKeyInfo) in PEM format.
    #[attr(computed, keep)]
    pub public_key_pem: String,
    /// Serial number of the certificate in hexadecimal.
    #[attr(computed, keep)]
    pub serial_number: String,
    /// Subject key identifier in hexadecimal. Certificates and revocation lists that this root issues use it as the
    /// authority key identifier.
    #[attr(computed, keep)]
    pub subject_key_id: String,
    /// SHA-256 hash of the public key (DER SubjectPublicKeyInfo) in hexadecimal.
    #[attr(computed, keep)]
    pub spki_sha256: String,
    /// SHA-256 fingerprint of the certificate (DER) in hexadecimal. Verify it over an independent channel.
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
    /// ARN of the secret. It is also the import ID. The secret value is a JSON object in the `skreg.pki.key` format.
    #[attr(computed, keep)]
    pub secret_arn: String,
    /// Version ID of the secret that contains the key and the certificate. If a different version becomes current, a
    /// refresh fails.
    #[attr(computed, keep)]
    pub secret_version_id: String,
    /// All certificates for the key in the order of their revisions.
    #[attr(computed, keep)]
    pub certificate_history: Option<Vec<CertificateRevision>>,
    /// This authority as the `issuer` argument of other resources. The object does not contain the private key.
    #[attr(computed, keep)]
    pub issuer: Option<IssuerOutput>,
    /// Operation timeouts.
    #[block]
    pub timeouts: Option<Timeouts>,
}

stored_key_state!(RootCaPlan);

impl RootCaPlan {
    /// Returns the attributes for the extensions of the certificate. A root has no purposes and no URLs, because clients
    /// trust it without a revocation check.
    pub(super) fn extensions(&self) -> ExtensionAttributes<'_> {
        ExtensionAttributes {
            extended_key_usage: &Planned::Null,
            name_constraints: &self.name_constraints,
            policy_oids: &self.policy_oids,
            crl_distribution_points: &Planned::Null,
            ca_issuers_urls: &Planned::Null,
            ocsp_urls: &Planned::Null,
        }
    }

    /// Returns the attributes that determine the validity period.
    pub(super) fn term(&self) -> TermAttributes<'_> {
        TermAttributes {
            validity_days: &self.validity_days,
            not_after: &self.not_after,
            not_before_margin_minutes: &self.not_before_margin_minutes,
        }
    }
}
