//! A certificate authority that signs, and the checks of an `issuer` argument.
//!
//! These functions are pure.

use std::collections::BTreeSet;

use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::diagnostics::{self, path};
use super::model::{Issuer, IssuerOutput, IssuerPlan};
use super::usage::Usage;
use crate::aws::arn::Arn;
use crate::pki::{
    Certificate, PemLabel, SignatureAlgorithm, pem_block, pem_blocks, read_authorities,
};

/// A certificate authority that signs certificates or revocation lists.
#[derive(Debug, Clone, PartialEq)]
pub struct IssuingAuthority {
    /// Certificate of the authority.
    pub certificate: Certificate,
    /// Certificates above the authority, each before its issuer and the root last. Empty for a root.
    pub chain: Vec<Certificate>,
    /// ARN of the secret that contains the key document.
    pub secret_arn: String,
    /// ARN of the KMS key, or `None` if the secret contains the private key.
    pub kms_key_arn: Option<String>,
    /// Algorithm with which the authority signs.
    pub signature_algorithm: SignatureAlgorithm,
    /// Permitted uses.
    pub usage: BTreeSet<Usage>,
}

impl IssuingAuthority {
    /// Reads the `issuer` argument of a plan. Returns `None` if a part of it is unknown.
    ///
    /// # Errors
    /// Returns an error if the object is inconsistent.
    pub fn of(plan: &Planned<IssuerPlan>) -> Result<Option<Self>, Diagnostics> {
        let settled: Result<Issuer, _> = plan.clone().settle(path());
        match settled {
            Ok(issuer) => Self::read(issuer).map(Some),
            Err(error) if error.is_unknown() => Ok(None),
            Err(error) => Err(Diagnostic::from(error).into()),
        }
    }

    /// Reads an `issuer` object, and checks that its parts match.
    ///
    /// # Errors
    /// Returns an error if a certificate or an ARN is malformed, the chain is incomplete, the key hash differs from the
    /// certificate, or a name is not supported.
    pub fn read(issuer: Issuer) -> Result<Self, Diagnostics> {
        let certificates = certificates(&issuer)?;
        let (certificate, chain) = certificates
            .split_first()
            .ok_or_else(|| Diagnostic::bug("The issuer has no certificate", "certificate_pem"))?;
        let key = certificate.public_key();
        if key.sha256().to_string() != issuer.spki_sha256 {
            return Err(
                diagnostics::another_key(&key.sha256().to_string(), &issuer.spki_sha256).into(),
            );
        }
        let algorithm = SignatureAlgorithm::named(&issuer.signature_algorithm)
            .filter(|algorithm| key.algorithm().signature_algorithms().contains(algorithm))
            .ok_or_else(|| {
                diagnostics::signature_algorithm(&issuer.signature_algorithm, key.algorithm())
            })?;
        if !Arn::parse(&issuer.secret_arn).is_some_and(|arn| arn.is_of("secretsmanager", "secret:"))
        {
            return Err(diagnostics::secret_arn(&issuer.secret_arn).into());
        }
        let usage = issuer.usage.iter().map(|name| {
            Usage::named(name).ok_or_else(|| Diagnostics::from(diagnostics::unknown_usage(name)))
        });
        Ok(Self {
            usage: usage.collect::<Result<_, _>>()?,
            chain: chain.to_vec(),
            certificate: certificate.clone(),
            secret_arn: issuer.secret_arn,
            kms_key_arn: issuer.kms_key_arn,
            signature_algorithm: algorithm,
        })
    }

    /// Checks that the authority is allowed to sign.
    ///
    /// # Errors
    /// Returns an error if the `usage` of the authority does not contain the use.
    pub fn require(&self, usage: Usage) -> Result<(), Diagnostic> {
        match self.usage.contains(&usage) {
            true => Ok(()),
            false => Err(diagnostics::not_allowed(
                &self.certificate.description().subject,
                &self.usage,
                usage,
            )),
        }
    }

    /// Returns the certificate of the authority and the certificates above it, each before its issuer: the chain of a
    /// certificate that the authority issues.
    #[must_use]
    pub fn certificates(&self) -> Vec<Certificate> {
        let own = std::iter::once(&self.certificate);
        own.chain(&self.chain).cloned().collect()
    }
}

/// Reads the certificate and the chain above it.
fn certificates(issuer: &Issuer) -> Result<Vec<Certificate>, Diagnostics> {
    let label = PemLabel::Certificate;
    let own = pem_block(label, &issuer.certificate_pem);
    let own = own.map_err(|error| diagnostics::not_pem("certificate_pem", &error))?;
    let above = match issuer.chain_pem.trim().is_empty() {
        true => Vec::new(),
        false => pem_blocks(label, &issuer.chain_pem)
            .map_err(|error| diagnostics::not_pem("chain_pem", &error))?,
    };
    let all: Vec<Vec<u8>> = std::iter::once(own)
        .chain(above)
        .map(|block| block.der)
        .collect();
    read_authorities(&all).map_err(|error| diagnostics::invalid_chain(&error).into())
}

impl From<&IssuingAuthority> for IssuerOutput {
    fn from(authority: &IssuingAuthority) -> Self {
        Self {
            certificate_pem: authority.certificate.to_pem(),
            chain_pem: authority.chain.iter().map(Certificate::to_pem).collect(),
            secret_arn: authority.secret_arn.clone(),
            kms_key_arn: authority.kms_key_arn.clone(),
            signature_algorithm: authority.signature_algorithm.name().to_owned(),
            usage: authority
                .usage
                .iter()
                .copied()
                .map(Usage::name)
                .map(str::to_owned)
                .collect(),
            spki_sha256: authority.certificate.public_key().sha256().to_string(),
        }
    }
}
