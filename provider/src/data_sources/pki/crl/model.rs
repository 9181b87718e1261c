//! The schema of `skreg_pki_crl`.

use tfplugin::Schema;
use tfplugin::schema::Number;

use crate::x509_objects::{ExtensionObject, NameObject};

/// Content of a certificate revocation list (CRL).
///
/// With `issuer_certificate_pem`, the data source verifies that the issuer signed the list. Without it, the content is not
/// verified. The data source calls no API. To read a published list, pass the response body of the data source `http`. A list
/// in DER format becomes PEM text if you write `response_body_base64` between the lines `-----BEGIN X509 CRL-----` and
/// `-----END X509 CRL-----`.
#[derive(Schema)]
#[data_source(name = "skreg_pki_crl")]
pub struct Crl {
    /// Certificate revocation list in PEM format: exactly one `X509 CRL` block. Text around the block is ignored.
    #[attr(required)]
    pub crl_pem: String,
    /// Certificate of the issuer in PEM format. A list that another authority issued, or whose signature does not verify with
    /// this certificate, is an error.
    #[attr(optional)]
    pub issuer_certificate_pem: Option<String>,
    /// Distinguished name of the issuer.
    #[attr(computed)]
    pub issuer: NameObject,
    /// Number of the list. Null if the list has none.
    #[attr(computed)]
    pub crl_number: Option<Number>,
    /// Time of the issuance as an RFC 3339 time.
    #[attr(computed)]
    pub this_update: String,
    /// Time before which the next list is issued, as an RFC 3339 time. Null if the list has none.
    #[attr(computed)]
    pub next_update: Option<String>,
    /// Whether the time of the read is between `this_update` and `next_update`. Use the attribute in `check` blocks.
    #[attr(computed)]
    pub is_fresh: bool,
    /// Certificates that the list covers: `all` of the issuer, `ca_only`, `user_only`, or `other` for attribute certificates, a
    /// part of the reasons, or certificates of other issuers.
    #[attr(computed)]
    pub scope: String,
    /// Number of the complete list that a delta CRL changes. Null for a complete list.
    #[attr(computed)]
    pub base_crl_number: Option<Number>,
    /// Authority key identifier in hexadecimal. Null if the list has none.
    #[attr(computed)]
    pub authority_key_id: Option<String>,
    /// Signature algorithm, such as `SHA256WITHRSA`, `SHA384WITHECDSA` or `ED25519`, or the object identifier of another
    /// algorithm.
    #[attr(computed)]
    pub signature_algorithm: String,
    /// Revoked certificates, in the order of the list.
    #[attr(computed)]
    pub revoked: Vec<RevokedObject>,
    /// Every extension as it is encoded.
    #[attr(computed)]
    pub extensions: Vec<ExtensionObject>,
}

/// Revoked certificate.
#[derive(Schema)]
pub struct RevokedObject {
    /// Serial number in hexadecimal, lowercase, two digits per octet.
    #[attr(computed)]
    pub serial_number: String,
    /// Time of the revocation as an RFC 3339 time.
    #[attr(computed)]
    pub revoked_at: String,
    /// Reason of the revocation: `unspecified`, `key_compromise`, `ca_compromise`, `affiliation_changed`, `superseded`,
    /// `cessation_of_operation`, `certificate_hold`, `remove_from_crl`, `privilege_withdrawn` or `aa_compromise`. Null if the
    /// entry has none.
    #[attr(computed)]
    pub reason: Option<String>,
    /// Time since which the key may be compromised, as an RFC 3339 time. Null if the entry has none.
    #[attr(computed)]
    pub invalidity_date: Option<String>,
}
