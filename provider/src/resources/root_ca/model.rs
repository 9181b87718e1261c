//! The schema of `skreg_pki_root_ca`.
//!
//! There is no attribute for the private key, in any form. No attribute requires replacement: what makes up the
//! identity of an authority is locked by the plan hook instead.

use std::collections::BTreeMap;

use tfplugin::{Schema, Timeouts};

use crate::aws::secrets;
use crate::pki::{self, KEY_ALGORITHM_NAMES, MAX_VALIDITY_DAYS, SubjectAttribute};

/// A root certificate authority. Its private key is made in the provider, written to AWS Secrets Manager before
/// anything is signed, and never part of plan, state or log.
///
/// The key is made once. Nothing in the configuration makes another: a change of subject, key algorithm, path length,
/// secret or KMS key is refused at plan, a missing or changed key is an error, and `deletion_protection` is read from
/// the state, so that removing the block does not get around it. For another key, add a resource for the next
/// generation beside this one. `-replace` makes no other key either: it is refused while the key is protected, and
/// without protection the key is deleted with its recovery window, or kept where `create_before_destroy` has adopted it.
#[derive(Schema)]
#[resource(
    name = "skreg_pki_root_ca",
    version = 0,
    timeouts(create = "10m", update = "5m", delete = "5m")
)]
pub struct RootCa {
    /// The distinguished name, which is subject and issuer of the root certificate. It cannot be changed.
    #[attr(required)]
    pub subject: Subject,
    /// Algorithm of the key. RSA keys sign with SHA-256, ECDSA keys with the hash of their curve's size. It cannot be
    /// changed.
    #[attr(optional, default = "RSA_4096", validate = one_of(&KEY_ALGORITHM_NAMES))]
    pub key_algorithm: String,
    /// Where the private key is kept.
    #[attr(required)]
    pub secrets_manager: SecretsManager,
    /// For how many days the certificate is valid, counted from its creation. Either this or `not_after` must be set.
    /// A later change is noted and used when a certificate is next issued.
    #[attr(optional, validate = range(1..=MAX_VALIDITY_DAYS))]
    pub validity_days: Option<i64>,
    /// When the certificate ends, in RFC 3339 with whole seconds, such as `2036-01-01T00:00:00Z`. Either this or
    /// `validity_days` must be set. A later change is noted and used when a certificate is next issued.
    #[attr(optional)]
    pub not_after: Option<String>,
    /// How many intermediate authorities may follow below this root (RFC 5280 section 4.2.1.9). It cannot be changed.
    #[attr(optional, default = 1, validate = range(0..=255))]
    pub path_length: i64,
    /// Refuses every plan and every apply that would delete the key. What counts is the value in the state: set it to
    /// `false` and apply before you destroy.
    #[attr(optional, default = true)]
    pub deletion_protection: bool,
    /// Tags of the secret. The key `spki_sha256`, and keys that begin with `aws:` or `skreg:`, are reserved. They
    /// win over the provider's `default_tags`.
    #[attr(optional, default = BTreeMap::<String, String>::new())]
    pub tags: BTreeMap<String, String>,
    /// Tags of the secret, including those of the provider's `default_tags`, without reserved ones.
    #[attr(computed)]
    pub tags_all: BTreeMap<String, String>,
    /// The root certificate, PEM.
    #[attr(computed, keep)]
    pub certificate_pem: String,
    /// The public key, PEM (SubjectPublicKeyInfo).
    #[attr(computed, keep)]
    pub public_key_pem: String,
    /// Serial number of the certificate, hexadecimal.
    #[attr(computed, keep)]
    pub serial_number: String,
    /// Subject key identifier, hexadecimal. Certificates and revocation lists of this root name it as their authority.
    #[attr(computed, keep)]
    pub subject_key_id: String,
    /// SHA-256 of the public key (DER SubjectPublicKeyInfo), hexadecimal.
    #[attr(computed, keep)]
    pub spki_sha256: String,
    /// SHA-256 fingerprint of the certificate (DER), hexadecimal, for comparison over a second channel.
    #[attr(computed, keep)]
    pub certificate_sha256: String,
    /// Beginning of the certificate's validity, RFC 3339.
    #[attr(computed, keep)]
    pub not_before: String,
    /// End of the certificate's validity, RFC 3339.
    #[attr(computed, keep)]
    pub not_after_actual: String,
    /// ARN of the secret that holds the private key; also the import id.
    #[attr(computed, keep)]
    pub secret_arn: String,
    /// Version of the secret that holds key and certificate. If another version becomes current, reading is an error.
    #[attr(computed, keep)]
    pub secret_version_id: String,
    /// How long operations may take.
    #[block]
    pub timeouts: Option<Timeouts>,
}

/// A distinguished name. Limits are the upper bounds of RFC 5280 appendix A.1, in characters.
#[derive(Schema)]
pub struct Subject {
    /// Common name, at most 64 characters.
    #[attr(required)]
    pub common_name: String,
    /// Organization, at most 64 characters.
    #[attr(optional)]
    pub organization: Option<String>,
    /// Organizational unit, at most 64 characters.
    #[attr(optional)]
    pub organizational_unit: Option<String>,
    /// Country, two capital letters of ISO 3166-1.
    #[attr(optional)]
    pub country: Option<String>,
    /// Locality, at most 128 characters.
    #[attr(optional)]
    pub locality: Option<String>,
    /// State or province, at most 128 characters.
    #[attr(optional)]
    pub province: Option<String>,
}

/// A secret in AWS Secrets Manager.
#[derive(Schema)]
pub struct SecretsManager {
    /// Name of the secret. It cannot be changed.
    #[attr(required, validate = text(secrets::NAME_RULE, secrets::is_secret_name))]
    pub name: String,
    /// KMS key that encrypts the secret: key id, key ARN, alias name or alias ARN. Defaults to the account's
    /// `aws/secretsmanager` key. It cannot be changed.
    #[attr(optional, validate = length(1..=2048))]
    pub kms_key_id: Option<String>,
    /// Days in which a deleted key can still be restored.
    #[attr(optional, default = 30, validate = range(7..=30))]
    pub recovery_window_in_days: i64,
}

impl Subject {
    /// The checked form.
    ///
    /// # Errors
    /// When a rule is broken.
    pub fn checked(self) -> Result<pki::Subject, pki::SubjectError> {
        let values = [
            (SubjectAttribute::Country, self.country),
            (SubjectAttribute::Province, self.province),
            (SubjectAttribute::Locality, self.locality),
            (SubjectAttribute::Organization, self.organization),
            (
                SubjectAttribute::OrganizationalUnit,
                self.organizational_unit,
            ),
            (SubjectAttribute::CommonName, Some(self.common_name)),
        ];
        pki::Subject::new(
            values
                .into_iter()
                .filter_map(|(attribute, value)| Some((attribute, value?))),
        )
    }
}

impl From<&pki::Subject> for Subject {
    fn from(subject: &pki::Subject) -> Self {
        let value = |attribute| subject.get(attribute).map(str::to_owned);
        Self {
            common_name: value(SubjectAttribute::CommonName).unwrap_or_default(),
            organization: value(SubjectAttribute::Organization),
            organizational_unit: value(SubjectAttribute::OrganizationalUnit),
            country: value(SubjectAttribute::Country),
            locality: value(SubjectAttribute::Locality),
            province: value(SubjectAttribute::Province),
        }
    }
}
