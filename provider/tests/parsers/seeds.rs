//! Valid inputs of every parser, from which the property tests and the fuzzer derive damaged inputs.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CidrSubnet,
    CrlDistributionPoint, CustomExtension, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, NameConstraints, RevocationReason,
    RevokedCertParams, SanType, date_time_ymd,
};
use skreg::pki::revocation::ledger::{IssuanceRecord, RevocationRecord};
use skreg::pki::revocation::{self, Crl, CrlNumber, Reason, Revocation, RevocationList, Scope};
use skreg::pki::{
    AlternativeName, Certificate, Description, DistinguishedName, Issuance, KeyAlgorithm,
    KeyPurpose, NameAttribute, PemLabel, Signer as _, SoftwareKey,
};

use super::properties::{authority, block};

/// Key documents of all versions.
const DOCUMENTS: [&str; 8] = [
    include_str!("../golden/key_document_v1_ecdsa_p256_issued.json"),
    include_str!("../golden/key_document_v1_ed25519_pending.json"),
    include_str!("../golden/key_document_v2_leaf_ecdsa_p256_issued.json"),
    include_str!("../golden/key_document_v2_leaf_ecdsa_p256_pending.json"),
    include_str!("../golden/key_document_v2_root_ed25519_issued.json"),
    include_str!("../golden/key_document_v2_root_ed25519_pending.json"),
    include_str!("../golden/key_document_v3_root_kms_ecdsa_p521_issued.json"),
    include_str!("../golden/key_document_v3_root_rsa_3072_reissuing.json"),
];

/// Role that requests the certificates.
const ROLE: &str = "arn:aws:iam::123456789012:role/ci";

fn names(parameters: &mut CertificateParams) {
    let name = &mut parameters.distinguished_name;
    name.push(DnType::CommonName, "Ünion");
    name.push(DnType::OrganizationName, "Example");
    let address = "2001:db8::1".parse().expect("it is an address");
    parameters
        .subject_alt_names
        .push(SanType::IpAddress(address));
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
}

fn parameters() -> CertificateParams {
    let mut parameters =
        CertificateParams::new(vec!["a.example".to_owned()]).expect("the name is valid");
    names(&mut parameters);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(3));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("example".to_owned()),
            GeneralSubtree::IpAddress(CidrSubnet::V4([10, 0, 0, 0], [255, 0, 0, 0])),
            GeneralSubtree::DirectoryName(parameters.distinguished_name.clone()),
        ],
        excluded_subtrees: vec![GeneralSubtree::Rfc822Name("bad.example".to_owned())],
    });
    parameters.crl_distribution_points = vec![CrlDistributionPoint {
        uris: vec!["http://crl.example/a.crl".to_owned()],
    }];
    // certificatePolicies with anyPolicy, and authorityInformationAccess with an OCSP responder.
    let policies = vec![0x30, 0x08, 0x30, 0x06, 0x06, 0x04, 0x55, 0x1d, 0x20, 0x00];
    let access = [
        &[0x30, 0x1e, 0x30, 0x1c, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05][..],
        &[0x05, 0x07, 0x30, 0x01, 0x86, 0x10],
        b"http://o.example",
    ];
    for (oid, value) in [
        (&[2, 5, 29, 32][..], policies),
        (&[1, 3, 6, 1, 5, 5, 7, 1, 1], access.concat()),
    ] {
        let extension = CustomExtension::from_oid_content(oid, value);
        parameters.custom_extensions.push(extension);
    }
    parameters
}

/// Returns DER certificates.
pub(crate) fn certificates() -> Vec<Vec<u8>> {
    let key = KeyPair::generate().expect("the key is generated");
    let other = parameters().self_signed(&key).expect("it is signed");
    let (intermediate, leaf) = issued();
    vec![
        authority().0.der().to_vec(),
        other.der().to_vec(),
        intermediate.der().to_vec(),
        leaf.der().to_vec(),
    ]
}

/// Returns an intermediate authority and an end entity below [`authority`].
fn issued() -> (Certificate, Certificate) {
    let (root, key) = authority();
    let issuance = |serial: &str| Issuance {
        issuer: root.description().subject.clone(),
        serial_number: serial.parse().expect("it is a serial number"),
        validity: root.description().validity,
        signature_algorithm: root.description().signature_algorithm,
    };
    let name = |name: &str| {
        let attributes = [(NameAttribute::CommonName, name.to_owned())];
        DistinguishedName::new(attributes).expect("it is a name")
    };
    let subject_key = SoftwareKey::generate(KeyAlgorithm::EcdsaP256).expect("it is generated");
    let issue = |description: &Description| {
        let issued = skreg::pki::issue(description, subject_key.public_key(), key);
        super::properties::ready(issued).expect("it is valid")
    };
    let intermediate = Description::intermediate(name("Issuing"), Some(0), issuance("0c"));
    let names = vec![AlternativeName::Dns("a.example".to_owned())];
    let purpose = KeyPurpose::named("server_auth").expect("it is a purpose");
    let leaf = Description::leaf(
        name("a.example"),
        names,
        vec![purpose],
        KeyAlgorithm::EcdsaP256,
        issuance("0d"),
    );
    (issue(&intermediate), issue(&leaf))
}

/// Returns DER certificate signing requests.
pub(crate) fn requests() -> Vec<Vec<u8>> {
    let key = KeyPair::generate().expect("the key is generated");
    let mut rich = CertificateParams::new(vec!["*.a.example".to_owned()]).expect("it is valid");
    names(&mut rich);
    rich.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    [rich, CertificateParams::default()]
        .iter()
        .map(|parameters| {
            let request = parameters.serialize_request(&key).expect("it is signed");
            request.der().to_vec()
        })
        .collect()
}

/// Returns DER revocation lists.
pub(crate) fn crls() -> Vec<Vec<u8>> {
    let (certificate, key) = authority();
    let seconds = |second: i64| {
        let start = certificate.description().validity.not_before().as_second();
        jiff::Timestamp::from_second(start + second).expect("it is in range")
    };
    let entry = |serial: &str, reason: Option<Reason>| Revocation {
        serial_number: serial.parse().expect("it is a serial number"),
        revoked_at: seconds(0),
        reason,
        invalidity_date: reason.map(|_| seconds(0)),
    };
    let empty = RevocationList {
        issuer: certificate.description().subject.clone(),
        signature_algorithm: certificate.description().signature_algorithm,
        number: CrlNumber::first(seconds(3600)),
        this_update: seconds(3600),
        next_update: seconds(7200),
        scope: Scope::All,
        distribution_points: Vec::new(),
        entries: Vec::new(),
    };
    let full = RevocationList {
        scope: Scope::UserOnly,
        distribution_points: vec!["http://crl.example/a.crl".to_owned()],
        entries: vec![
            entry("0a", None),
            entry("0b", Some(Reason::CertificateHold)),
        ],
        ..empty.clone()
    };
    let sign = |list: &RevocationList| {
        let issued = revocation::issue_list(list, certificate, key);
        let issued: Result<Crl, _> = super::properties::ready(issued);
        issued.expect("it is valid").der().to_vec()
    };
    vec![sign(&empty), sign(&full), other_crl()]
}

/// Returns a list of other software.
fn other_crl() -> Vec<u8> {
    let key = KeyPair::generate().expect("the key is generated");
    let issuer = Issuer::new(parameters(), key);
    let entry = RevokedCertParams {
        serial_number: vec![0x01, 0x02].into(),
        revocation_time: date_time_ymd(2026, 1, 1),
        reason_code: Some(RevocationReason::KeyCompromise),
        invalidity_date: Some(date_time_ymd(2025, 12, 1)),
    };
    let parameters = CertificateRevocationListParams {
        this_update: date_time_ymd(2026, 1, 1),
        next_update: date_time_ymd(2051, 1, 1),
        crl_number: vec![0x05].into(),
        issuing_distribution_point: None,
        revoked_certs: vec![entry],
        key_identifier_method: KeyIdMethod::Sha256,
    };
    let list = parameters.signed_by(&issuer).expect("it is signed");
    list.der().to_vec()
}

/// Returns key documents.
pub(crate) fn key_documents() -> Vec<Vec<u8>> {
    DOCUMENTS.map(|text| text.as_bytes().to_vec()).into()
}

/// Returns ledger records.
pub(crate) fn records() -> Vec<Vec<u8>> {
    let (certificate, _) = authority();
    let issued = IssuanceRecord::new(
        certificate,
        certificate,
        certificate.description().validity.not_before(),
        ROLE.to_owned(),
    );
    let not_before = certificate.description().validity.not_before();
    let revoked = |reason: Reason| {
        let revocation = Revocation {
            serial_number: certificate.description().serial_number.clone(),
            revoked_at: not_before,
            reason: Some(reason),
            invalidity_date: Some(not_before),
        };
        let issuer = certificate.public_key().sha256();
        RevocationRecord::new(issuer, revocation, not_before, not_before, ROLE.to_owned())
            .expect("it is valid")
    };
    let held = revoked(Reason::CertificateHold);
    let released = held.released(not_before, ROLE.to_owned());
    [
        issued.expect("it is valid").to_json(),
        revoked(Reason::KeyCompromise).to_json(),
        released.expect("it is held").to_json(),
        held.to_json(),
    ]
    .map(String::into_bytes)
    .into()
}

/// Returns PEM texts of all kinds of blocks.
pub(crate) fn texts() -> Vec<Vec<u8>> {
    let of = |label: PemLabel, ders: Vec<Vec<u8>>| {
        let blocks = ders.iter().map(|der| block(label, der));
        blocks.collect::<Vec<String>>().concat().into_bytes()
    };
    let root = block(PemLabel::Certificate, authority().0.der());
    vec![
        of(PemLabel::Certificate, certificates()),
        of(PemLabel::CertificateRequest, requests()),
        of(PemLabel::Crl, crls()),
        format!("subject=CN=Root\r\n{}", root.replace('\n', "\r\n")).into_bytes(),
        authority().0.public_key().to_pem().into_bytes(),
    ]
}
