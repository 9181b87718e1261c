//! Schema of `skreg_pki_cross_certificate`.

use tfplugin::validate::{each, one_of, range, text};
use tfplugin::{Planned, Schema, Timeouts};

use crate::pki::{MAX_NOT_BEFORE_MARGIN_MINUTES, MAX_VALIDITY_DAYS, NotAfterBehavior};
use crate::resources::pki::authority_extensions::{ExtensionAttributes, URL_RULE, is_url};
use crate::resources::pki::certificate_revision::MAX_REVISION;
use crate::resources::pki::issuer::Issuer;
use crate::resources::pki::path_length::NO_PATH_LENGTH;
use crate::resources::pki::term::{NOT_BEFORE_MARGIN_MINUTES, TermAttributes};

/// A cross-certificate: another certificate for the key and the subject of an existing certificate authority, signed by
/// another authority (RFC 5280 section 3.2). Clients that trust only the other authority accept certificates of the
/// existing authority if they also receive the cross-certificate. A root rotation uses cross-certificates in both directions.
///
/// The resource has no key of its own, and reads the key of `signed_by` only to sign. The certificate is stored only in the
/// state, because it is public and can be issued again. It has a new serial number. The subject, the key, the subject key
/// identifier, the purposes, the name constraints, and the policies are those of the existing authority.
#[derive(Schema)]
#[resource(
    name = "skreg_pki_cross_certificate",
    version = 0,
    timeouts(create = "5m", update = "5m", delete = "1m")
)]
pub struct CrossCertificate {
    /// Certificate authority that is certified: the `issuer` attribute of a `skreg_pki_root_ca` or
    /// `skreg_pki_intermediate_ca` resource. Another key or another subject requires the next `certificate_revision`.
    #[attr(required)]
    pub subject_ca: Issuer,
    /// Certificate authority that signs: the `issuer` attribute of another authority. Its `usage` must contain `sign_ca`.
    /// Another key or another subject requires the next `certificate_revision`.
    #[attr(required)]
    pub signed_by: Issuer,
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
    /// Minutes between the start of the validity period and the issuance. The validity period never begins before that
    /// of an authority above. A change applies to the next certificate that is issued.
    #[attr(optional, default = NOT_BEFORE_MARGIN_MINUTES, validate = range(0..=MAX_NOT_BEFORE_MARGIN_MINUTES))]
    pub not_before_margin_minutes: i64,
    /// Maximum number of intermediate certificates below the certified authority (`pathLenConstraint`, RFC 5280 section
    /// 4.2.1.9), or -1 for a certificate without a `pathLenConstraint`. Can be changed only together with
    /// `certificate_revision`. Defaults to the path length of the certified authority.
    #[attr(optional, validate = range(NO_PATH_LENGTH..=255))]
    pub path_length: Option<i64>,
    /// `http` URLs of the DER-encoded revocation list of the authority that signs (`cRLDistributionPoints`, RFC 5280 section
    /// 4.2.1.13). Can be changed only together with `certificate_revision`.
    #[attr(optional, validate = each(text(URL_RULE, is_url)))]
    pub crl_distribution_points: Option<Vec<String>>,
    /// `http` URLs of the DER-encoded certificate of the authority that signs (`authorityInfoAccess`, RFC 5280 section
    /// 4.2.2.1). Can be changed only together with `certificate_revision`.
    #[attr(optional, validate = each(text(URL_RULE, is_url)))]
    pub ca_issuers_urls: Option<Vec<String>>,
    /// `http` URLs of OCSP responders (`authorityInfoAccess`, RFC 6960). Can be changed only together with
    /// `certificate_revision`.
    #[attr(optional, validate = each(text(URL_RULE, is_url)))]
    pub ocsp_urls: Option<Vec<String>>,
    /// Revision of the certificate. Raising it by 1 issues another certificate with a new serial number and the configured
    /// attributes. Earlier certificates remain valid. Any other change is an error.
    #[attr(optional, default = 1, validate = range(1..=MAX_REVISION))]
    pub certificate_revision: i64,
    /// Certificate in PEM format.
    #[attr(computed, keep)]
    pub certificate_pem: String,
    /// Certificates above the certificate in PEM format, each before its issuer and the root last.
    #[attr(computed, keep)]
    pub chain_pem: String,
    /// Direction of the certificate in a rotation: `forward` if the certified authority is newer than the authority that signs
    /// it, or `backward` if it is older. The newer authority is the one whose validity period starts later.
    #[attr(computed, keep)]
    pub direction: Option<String>,
    /// Serial number of the certificate in hexadecimal.
    #[attr(computed, keep)]
    pub serial_number: String,
    /// Subject key identifier in hexadecimal. It is the same as that of the certified authority.
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
    /// Validity status at the last refresh: `valid`, `expiring` (in the last tenth of the validity period), or `expired`. A
    /// status change never causes an update.
    #[attr(computed, keep)]
    pub validity_status: String,
    /// Operation timeouts.
    #[block]
    pub timeouts: Option<Timeouts>,
}

impl CrossCertificatePlan {
    /// Returns the attributes that determine the extensions with URLs. The certified authority determines the others.
    pub(super) fn urls(&self) -> ExtensionAttributes<'_> {
        ExtensionAttributes {
            extended_key_usage: &Planned::Null,
            name_constraints: &Planned::Null,
            policy_oids: &Planned::Null,
            crl_distribution_points: &self.crl_distribution_points,
            ca_issuers_urls: &self.ca_issuers_urls,
            ocsp_urls: &self.ocsp_urls,
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
