//! Certificate authorities for tests of revocation lists and trust bundles.

use std::collections::BTreeSet;
use std::future::Future;

use jiff::Timestamp;
use skreg::pki::revocation::{
    Crl, CrlNumber, IssueListError, Revocation, RevocationList, Scope, issue_list,
};
use skreg::pki::{
    BasicConstraints, Certificate, Description, DistinguishedName, End, Extension, KeyAlgorithm,
    KeyPurpose, KeyUsage, NameAttribute, PublicKey, SerialNumber, Signer, SoftwareKey,
    SystemEntropy, Term, issue,
};

/// Certificate and its key.
pub(crate) struct Issued {
    pub(crate) certificate: Certificate,
    pub(crate) key: SoftwareKey,
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(future)
}

fn name(common_name: &str) -> DistinguishedName {
    let attributes = [
        (NameAttribute::CommonName, common_name.to_owned()),
        (NameAttribute::Organization, "Ünion".to_owned()),
        (NameAttribute::Country, "DE".to_owned()),
    ];
    DistinguishedName::new(attributes).unwrap()
}

fn description(common_name: &str, signer: &PublicKey) -> Description {
    let term = Term {
        end: End::Days(9125),
        not_before_margin_minutes: 60,
    };
    Description::root(
        name(common_name),
        SerialNumber::random(&SystemEntropy).unwrap(),
        term.from(at("2026-11-20T12:00:00Z")).unwrap(),
        Some(1),
        signer.algorithm().default_signature_algorithm(),
    )
}

impl Issued {
    /// Creates a root. The common name identifies it.
    pub(crate) fn root(common_name: &str, algorithm: KeyAlgorithm) -> Self {
        let key = SoftwareKey::generate(algorithm).unwrap();
        let description = description(common_name, key.public());
        let certificate = block_on(issue(&description, key.public(), &key)).unwrap();
        Self { certificate, key }
    }

    /// Creates an intermediate authority.
    pub(crate) fn intermediate(&self, algorithm: KeyAlgorithm) -> Self {
        let basic_constraints = BasicConstraints::Authority {
            path_length: Some(0),
        };
        self.below(algorithm, |description| Description {
            basic_constraints,
            ..description
        })
    }

    /// Creates a TLS server certificate. `extensions` are added to it.
    pub(crate) fn leaf(&self, extensions: &[Extension]) -> Self {
        self.below(KeyAlgorithm::EcdsaP256, |description| Description {
            basic_constraints: BasicConstraints::EndEntity,
            key_usage: BTreeSet::from([KeyUsage::DigitalSignature]),
            extended_key_usage: vec![KeyPurpose("1.3.6.1.5.5.7.3.1".parse().unwrap())],
            extensions: extensions.to_vec(),
            ..description
        })
    }

    fn below(
        &self,
        algorithm: KeyAlgorithm,
        change: impl FnOnce(Description) -> Description,
    ) -> Self {
        let key = SoftwareKey::generate(algorithm).unwrap();
        let serial = SerialNumber::random(&SystemEntropy).unwrap();
        let description = change(Description {
            issuer: self.certificate.description().subject.clone(),
            ..description(&format!("Below {serial}"), self.key.public())
        });
        let certificate = block_on(issue(&description, key.public(), &self.key)).unwrap();
        Self { certificate, key }
    }

    /// Returns the description of a list of all certificates that revokes these entries.
    pub(crate) fn list(&self, entries: Vec<Revocation>) -> RevocationList {
        RevocationList {
            issuer: self.certificate.description().subject.clone(),
            signature_algorithm: self.key.public().algorithm().default_signature_algorithm(),
            number: CrlNumber::first(at("2027-01-15T08:00:00Z")),
            this_update: at("2027-01-15T08:00:00Z"),
            next_update: at("2027-01-22T08:00:00Z"),
            scope: Scope::All,
            distribution_points: Vec::new(),
            entries,
        }
    }

    /// Issues a list.
    pub(crate) fn sign(&self, list: &RevocationList) -> Result<Crl, IssueListError> {
        self.sign_with(list, &self.key)
    }

    /// Issues a list with another signer.
    pub(crate) fn sign_with(
        &self,
        list: &RevocationList,
        signer: &impl Signer,
    ) -> Result<Crl, IssueListError> {
        block_on(issue_list(list, &self.certificate, signer))
    }

    /// Returns an entry that revokes the certificate without a reason.
    pub(crate) fn revocation(&self) -> Revocation {
        Revocation {
            serial_number: self.certificate.description().serial_number.clone(),
            revoked_at: at("2027-01-10T00:00:00Z"),
            reason: None,
            invalidity_date: None,
        }
    }
}
