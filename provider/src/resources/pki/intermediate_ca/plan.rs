//! Changes to an intermediate authority during planning.

use jiff::Timestamp;
use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::diagnostics;
use super::intent::{IntermediateCertificate, SIGNED_BY, chain_of, configured_signature_algorithm};
use super::model::{IntermediateCa, IntermediateCaPlan};
use crate::pki::{Certificate, CertificateKind, PemLabel, pem_blocks, read_authorities};
use crate::resources::pki::issuer::IssuingAuthority;
use crate::resources::pki::key_source::request_key;
use crate::resources::pki::stored_key::LockedAttribute;
use crate::resources::pki::{certificate_revision, certificate_room, signature_algorithm, subject};

/// Returns the attributes of a certificate that cannot be changed.
pub(super) fn locked_attributes(
    prior: &IntermediateCaPlan,
    plan: &IntermediateCaPlan,
) -> Vec<LockedAttribute> {
    subject::locked_attributes(&prior.subject, &plan.subject)
}

/// Returns whether a change issues the next certificate.
pub(super) fn is_reissue(prior: &IntermediateCaPlan, plan: &IntermediateCaPlan) -> bool {
    certificate_revision::is_next(&prior.certificate_revision, &plan.certificate_revision)
}

/// Returns whether a change during apply stores another chain for the current certificate.
pub(super) fn replaces_chain(prior: &IntermediateCaPlan, plan: &IntermediateCaPlan) -> bool {
    !is_reissue(prior, plan)
        && chain_of(plan).is_some_and(|chain| prior.chain_pem.known() != Some(&chain))
}

/// Returns the errors in the certificate of a plan that is issued at `now`. Unknown values are accepted.
pub(super) fn invalid_issuance(plan: &IntermediateCaPlan, now: Timestamp) -> Diagnostics {
    let mut found = plan.term().errors(now);
    if !plan.key_algorithm.is_unknown() {
        found.extend(
            configured_signature_algorithm(plan)
                .err()
                .into_iter()
                .flatten(),
        );
    }
    found.extend(
        IssuingAuthority::of_argument(SIGNED_BY, &plan.signed_by)
            .err()
            .into_iter()
            .flatten(),
    );
    if found.has_errors() {
        return found;
    }
    found.extend(key_of_issuer(plan));
    match IntermediateCertificate::of_known(plan) {
        Ok(certificate) => {
            found.extend(
                certificate
                    .map(|known| known.invalid_issuance(now))
                    .into_iter()
                    .flatten(),
            );
        }
        Err(errors) => found.extend(errors),
    }
    found
}

/// Returns the error if the KMS key is the key of the issuer. The apply compares the public keys.
fn key_of_issuer(plan: &IntermediateCaPlan) -> Option<Diagnostic> {
    let (own, issuer) = (plan.kms.known()?, plan.signed_by.known()?);
    let (own, issuers) = (own.key_arn.known()?, issuer.kms_key_arn.known()?);
    (own == issuers).then(|| diagnostics::key_of_issuer(own))
}

/// Returns the errors in a change without the next certificate: changes of the revision, of the issuer's key, and of
/// attributes that the current certificate contains.
pub(super) fn invalid_change(prior: &IntermediateCaPlan, plan: &IntermediateCaPlan) -> Diagnostics {
    let mut found = Diagnostics::new();
    found.extend(other_request_key(prior, plan));
    if is_reissue(prior, plan) {
        if !plan.has_request() {
            let chain = chain_of(plan).unwrap_or_default();
            found.extend(certificate_room::no_room(
                &prior.certificate_history,
                &chain,
            ));
        }
        return found;
    }
    found.extend(certificate_revision::invalid_change(
        &prior.certificate_revision,
        &plan.certificate_revision,
    ));
    found.extend(signature_algorithm::invalid_change(
        &prior.signature_algorithm,
        &plan.signature_algorithm,
    ));
    match IssuingAuthority::of_argument(SIGNED_BY, &plan.signed_by) {
        Ok(authority) => found.extend(authority.and_then(|new| other_issuer(prior, &new))),
        Err(errors) => found.extend(errors),
    }
    let mut changed = plan.extensions().changed_since(prior.extensions());
    if plan.path_length.known().is_some() && plan.path_length != prior.path_length {
        changed.push(IntermediateCa::paths().path_length());
    }
    found.extend(changed.into_iter().map(certificate_revision::required_for));
    found
}

/// Returns the error if the request contains another key.
fn other_request_key(prior: &IntermediateCaPlan, plan: &IntermediateCaPlan) -> Option<Diagnostic> {
    let request = plan.csr_pem.known().map(|_| &plan.csr_pem)?;
    let key = request_key(request, CertificateKind::Intermediate).ok()??;
    let (found, stored) = (key.sha256().to_string(), prior.spki_sha256.known()?);
    (found != *stored).then(|| diagnostics::other_request_key(&found, stored))
}

/// Returns the error if an authority is not the issuer of the current certificate.
fn other_issuer(prior: &IntermediateCaPlan, new: &IssuingAuthority) -> Option<Diagnostic> {
    let current = stored_issuer(prior)?;
    let same_key = current.public_key() == new.certificate.public_key();
    let (before, after) = (
        &current.description().subject,
        &new.certificate.description().subject,
    );
    (!same_key || before != after)
        .then(|| diagnostics::issuer_changed(&after.to_string(), &before.to_string()))
}

/// Returns the certificate of the issuer in the state, which `chain_pem` starts with.
fn stored_issuer(prior: &IntermediateCaPlan) -> Option<Certificate> {
    let blocks = pem_blocks(PemLabel::Certificate, prior.chain_pem.known()?).ok()?;
    let blocks: Vec<Vec<u8>> = blocks.into_iter().map(|block| block.der).collect();
    read_authorities(&blocks).ok()?.into_iter().next()
}

/// Warns that a change to the validity period does not affect the existing certificate.
pub(super) fn postponed_validity(
    prior: &IntermediateCaPlan,
    plan: &IntermediateCaPlan,
) -> Option<Diagnostic> {
    if is_reissue(prior, plan) {
        return None;
    }
    let behavior = IntermediateCa::paths().not_after_behavior();
    let path: AttributePath = plan.term().changed_since(prior.term()).or_else(|| {
        let (before, after) = (&prior.not_after_behavior, &plan.not_after_behavior);
        (before != after).then_some(behavior)
    })?;
    let instant =
        |value: &Planned<String>| value.known().map_or("unknown", String::as_str).to_owned();
    let detail = format!(
        "The existing certificate remains valid from {} to {}. The new value applies to the next certificate that is \
         issued for this key. To issue it, raise certificate_revision by 1.",
        instant(&prior.not_before),
        instant(&prior.not_after_actual),
    );
    Some(Diagnostic::warning("Change does not affect the existing certificate", detail).at(path))
}
