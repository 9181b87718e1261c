//! The schema of `skreg_pki_crl`.

use tfplugin::Schema;
use tfplugin::schema::Number;

use crate::x509_objects::{ExtensionObject, NameObject};

/// Decodes a certificate revocation list (CRL).
///
/// If you set `issuer_certificate_pem`, the data source verifies that the issuer signed the list. Otherwise, it does not verify
/// the signature. The data source makes no API calls. It rejects lists with critical extensions that it does not process, because
/// such an extension can change which certificates are revoked.
///
/// To read a published list, use the data source `http` and pass its response body. To convert a list from DER to PEM format,
/// put `response_body_base64` between the lines `-----BEGIN X509 CRL-----` and `-----END X509 CRL-----`.
#[derive(Schema)]
#[data_source(name = "skreg_pki_crl")]
pub struct Crl {
    /// Certificate revocation list in PEM format. Must contain exactly one `X509 CRL` block. Text outside the block is
    /// ignored.
    #[attr(required)]
    pub crl_pem: String,
    /// Certificate of the issuer in PEM format. The read fails if another authority issued the list, or if the public key of
    /// this certificate does not verify the signature of the list.
    #[attr(optional)]
    pub issuer_certificate_pem: Option<String>,
    /// Distinguished name of the issuer.
    #[attr(computed)]
    pub issuer: NameObject,
    /// CRL number of the list. Null if the list has no CRL number.
    #[attr(computed)]
    pub crl_number: Option<Number>,
    /// Time when the list was issued, in RFC 3339 format.
    #[attr(computed)]
    pub this_update: String,
    /// Time by which the next list will be issued, in RFC 3339 format. Null if the list does not specify this time.
    #[attr(computed)]
    pub next_update: Option<String>,
    /// Whether the time of the read is between `this_update` and `next_update`. False for a list without `next_update`. Use
    /// this attribute in `check` blocks.
    #[attr(computed)]
    pub is_fresh: bool,
    /// Certificates that the list covers: `all` (all certificates of the issuer), `ca_only`, `user_only`,
    /// `distribution_point` (only certificates whose `crl_distribution_points` contain the distribution point of the list), or
    /// `other` (only attribute certificates, only some revocation reasons, or also certificates of other issuers).
    #[attr(computed)]
    pub scope: String,
    /// CRL number of the complete list that this delta CRL updates. Null if this list is complete.
    #[attr(computed)]
    pub base_crl_number: Option<Number>,
    /// Authority key identifier in hexadecimal. Null if the list has no authority key identifier.
    #[attr(computed)]
    pub authority_key_id: Option<String>,
    /// Signature algorithm, such as `SHA256WITHRSA`, `SHA384WITHECDSA`, or `ED25519`. For other algorithms, the object
    /// identifier.
    #[attr(computed)]
    pub signature_algorithm: String,
    /// Revoked certificates, in the order of the list.
    #[attr(computed)]
    pub revoked: Vec<RevokedObject>,
    /// All extensions in encoded form.
    #[attr(computed)]
    pub extensions: Vec<ExtensionObject>,
}

/// Revoked certificate.
#[derive(Schema)]
pub struct RevokedObject {
    /// Serial number in lowercase hexadecimal, two digits per octet.
    #[attr(computed)]
    pub serial_number: String,
    /// Time of the revocation, in RFC 3339 format.
    #[attr(computed)]
    pub revoked_at: String,
    /// Reason for the revocation: `unspecified`, `key_compromise`, `ca_compromise`, `affiliation_changed`, `superseded`,
    /// `cessation_of_operation`, `certificate_hold`, `remove_from_crl`, `privilege_withdrawn`, or `aa_compromise`. Null if the
    /// entry has no reason.
    #[attr(computed)]
    pub reason: Option<String>,
    /// Time when the key is known or suspected to have been compromised, in RFC 3339 format. Null if the entry has no such time.
    #[attr(computed)]
    pub invalidity_date: Option<String>,
}
