//! Creation of a root: key generation, and issuance of a checked certificate.

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use skreg::pki::{
    Certificate, Description, DistinguishedName, End, KeyAlgorithm, NameAttribute, SerialNumber,
    Signer as _, SoftwareKey, SystemEntropy, Term, issue,
};

use crate::Samples;

/// Creates roots with a key algorithm such as `RSA_4096`.
pub(crate) async fn create(algorithm: &str, samples: usize) -> Result<Samples> {
    let algorithm = KeyAlgorithm::named(algorithm).context("ALGORITHM is not supported")?;
    let mut measured = Samples::default();
    for _ in 0..samples {
        measured.measure(root(algorithm)).await?;
    }
    Ok(measured)
}

/// Generates a key and issues its certificate.
pub(crate) async fn root(algorithm: KeyAlgorithm) -> Result<(SoftwareKey, Certificate)> {
    let key = SoftwareKey::generate(algorithm)?;
    let term = Term {
        end: End::Days(3650),
        not_before_margin_minutes: 60,
    };
    let name = [
        (NameAttribute::CommonName, "Benchmark Root".to_owned()),
        (NameAttribute::Organization, "Example".to_owned()),
    ];
    let description = Description::root(
        DistinguishedName::new(name)?,
        SerialNumber::random(&SystemEntropy)?,
        term.from(Timestamp::now())?,
        Some(1),
        algorithm.default_signature_algorithm(),
    );
    let certificate = issue(&description, key.public_key(), &key).await?;
    Ok((key, certificate))
}
