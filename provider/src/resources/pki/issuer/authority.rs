//! A certificate authority that signs, and the checks of an `issuer` argument.
//!
//! These functions are pure.

use std::collections::BTreeSet;

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::diagnostics;
use super::model::{Issuer, IssuerOutput, IssuerPlan};
use super::usage::Usage;
use crate::aws::arn::Arn;
use crate::aws::kms::RAW_LIMIT;
use crate::pki::{
    Certificate, Description, PemLabel, PublicKey, SignatureAlgorithm, Validity, message_size,
    pem_block, pem_blocks, read_authorities,
};

/// Name of the argument in most resource types.
const ISSUER: &str = "issuer";

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
    /// Name of the argument that contains the object, for messages.
    pub argument: &'static str,
}

impl IssuingAuthority {
    /// Reads the `issuer` argument of a plan. Returns `None` if a part of it is unknown.
    ///
    /// # Errors
    /// Returns an error if the object is inconsistent.
    pub fn of(plan: &Planned<IssuerPlan>) -> Result<Option<Self>, Diagnostics> {
        Self::of_argument(ISSUER, plan)
    }

    /// Reads an argument that has the type of `issuer`. Returns `None` if a part of it is unknown.
    ///
    /// # Errors
    /// Returns an error if the object is inconsistent.
    pub fn of_argument(
        argument: &'static str,
        plan: &Planned<IssuerPlan>,
    ) -> Result<Option<Self>, Diagnostics> {
        let settled: Result<Issuer, _> = plan.clone().settle(path(argument));
        match settled {
            Ok(issuer) => Self::read_argument(argument, issuer).map(Some),
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
        Self::read_argument(ISSUER, issuer)
    }

    fn read_argument(argument: &'static str, issuer: Issuer) -> Result<Self, Diagnostics> {
        let at = path(argument);
        let certificates = certificates(&issuer, &at)?;
        let (certificate, chain) = certificates
            .split_first()
            .ok_or_else(|| Diagnostic::bug("The issuer has no certificate", "certificate_pem"))?;
        let key = certificate.public_key();
        if key.sha256().to_string() != issuer.spki_sha256 {
            return Err(diagnostics::another_key(
                &key.sha256().to_string(),
                &issuer.spki_sha256,
                &at,
            )
            .into());
        }
        let algorithm = SignatureAlgorithm::named(&issuer.signature_algorithm)
            .filter(|algorithm| key.algorithm().signature_algorithms().contains(algorithm))
            .ok_or_else(|| {
                diagnostics::signature_algorithm(&issuer.signature_algorithm, key.algorithm(), &at)
            })?;
        if !Arn::parse(&issuer.secret_arn).is_some_and(|arn| arn.is_of("secretsmanager", "secret:"))
        {
            return Err(diagnostics::secret_arn(&issuer.secret_arn, &at).into());
        }
        let usage = issuer.usage.iter().map(|name| {
            Usage::named(name)
                .ok_or_else(|| Diagnostics::from(diagnostics::unknown_usage(name, &at)))
        });
        Ok(Self {
            usage: usage.collect::<Result<_, _>>()?,
            chain: chain.to_vec(),
            certificate: certificate.clone(),
            secret_arn: issuer.secret_arn,
            kms_key_arn: issuer.kms_key_arn,
            signature_algorithm: algorithm,
            argument,
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
                &self.path(),
            )),
        }
    }

    /// Checks that the key of the authority can sign a certificate of this size. The apply checks the size again.
    ///
    /// # Errors
    /// Returns an error if the key is an Ed25519 key in AWS KMS, which signs messages of limited size only, and the
    /// certificate is larger.
    pub fn check_size(
        &self,
        description: &Description,
        subject_key: &PublicKey,
    ) -> Result<(), Diagnostic> {
        if self.kms_key_arn.is_none() || self.signature_algorithm != SignatureAlgorithm::Ed25519 {
            return Ok(());
        }
        match message_size(description, subject_key, self.certificate.public_key()) {
            Ok(octets) if octets > RAW_LIMIT => {
                Err(diagnostics::too_large(octets, RAW_LIMIT, &self.path()))
            }
            // The checks of the certificate report an encoding error.
            _ => Ok(()),
        }
    }

    /// Returns the period in which the authority and all authorities above it are valid.
    #[must_use]
    pub fn validity(&self) -> Validity {
        let own = self.certificate.description().validity;
        let mut above = self.chain.iter();
        let intersection = above.try_fold(own, |limit, authority| {
            let other = authority.description().validity;
            let start = limit.not_before().max(other.not_before());
            Validity::new(start, limit.not_after().min(other.not_after()))
        });
        // Without an intersection, the checks of the certificate report the authority that is not valid.
        intersection.unwrap_or(own)
    }

    /// Returns the path of the argument that contains the object.
    #[must_use]
    pub fn path(&self) -> AttributePath {
        path(self.argument)
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
fn certificates(issuer: &Issuer, at: &AttributePath) -> Result<Vec<Certificate>, Diagnostics> {
    let label = PemLabel::Certificate;
    let own = pem_block(label, &issuer.certificate_pem);
    let own = own.map_err(|error| diagnostics::not_pem("certificate_pem", &error, at))?;
    let above = match issuer.chain_pem.trim().is_empty() {
        true => Vec::new(),
        false => pem_blocks(label, &issuer.chain_pem)
            .map_err(|error| diagnostics::not_pem("chain_pem", &error, at))?,
    };
    let all: Vec<Vec<u8>> = std::iter::once(own)
        .chain(above)
        .map(|block| block.der)
        .collect();
    read_authorities(&all).map_err(|error| diagnostics::invalid_chain(&error, at).into())
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

fn path(argument: &str) -> AttributePath {
    AttributePath::root().attribute(argument)
}
