//! Changes to a cross-certificate during planning.

use jiff::Timestamp;
use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostics, Planned};

use super::diagnostics;
use super::intent::{Crossing, authority_of, subject_of};
use super::model::{CrossCertificate, CrossCertificatePlan};
use crate::pki::{Certificate, PemLabel, pem_blocks, read_authorities};
use crate::resources::pki::issuer::IssuingAuthority;
use crate::resources::pki::{certificate_revision, path_length};

/// Returns whether a change issues the next certificate.
pub(super) fn is_reissue(prior: &CrossCertificatePlan, plan: &CrossCertificatePlan) -> bool {
    certificate_revision::is_next(&prior.certificate_revision, &plan.certificate_revision)
}

/// Returns the errors in the certificate of a plan that is issued at `now`. Unknown values are accepted.
pub(super) fn invalid_issuance(plan: &CrossCertificatePlan, now: Timestamp) -> Diagnostics {
    let mut found = plan.term().errors(now);
    for authority in [subject_of(plan), authority_of(plan)] {
        found.extend(authority.err().into_iter().flatten());
    }
    if found.has_errors() {
        return found;
    }
    match Crossing::of(plan) {
        Ok(crossing) => crossing
            .map(|known| known.invalid_issuance(now))
            .unwrap_or_default(),
        Err(errors) => errors,
    }
}

/// Returns the errors in a change without the next certificate.
pub(super) fn invalid_change(
    prior: &CrossCertificatePlan,
    plan: &CrossCertificatePlan,
) -> Diagnostics {
    let mut found = Diagnostics::new();
    found.extend(certificate_revision::invalid_change(
        &prior.certificate_revision,
        &plan.certificate_revision,
    ));
    let (subject, authority) = match (subject_of(plan), authority_of(plan)) {
        (Ok(subject), Ok(authority)) => (subject, authority),
        (subject, authority) => {
            let errors = [subject.err(), authority.err()].into_iter().flatten();
            found.extend(errors.flatten());
            return found;
        }
    };
    let stored = stored(prior);
    let [certificate, issuer] = [0, 1].map(|position| stored.get(position));
    let paths = CrossCertificate::paths();
    let compared = [
        (
            AttributePath::from(paths.subject_ca()),
            certificate,
            subject,
        ),
        (paths.signed_by().into(), issuer, authority),
    ];
    let changed = compared.into_iter().filter(|(_, stored, planned)| {
        matches!((stored, planned), (Some(stored), Some(planned)) if !is_same(stored, planned))
    });
    found.extend(changed.map(|(path, ..)| certificate_revision::required_for(path)));
    let configured = plan.path_length.known();
    let configured = configured.map(|length| path_length::of_attribute(Planned::Known(*length)));
    if let (Some(Ok(configured)), Some(certificate)) = (configured, certificate)
        && configured != certificate.description().path_length()
    {
        found.push(certificate_revision::required_for(paths.path_length()));
    }
    // Unknown values are compared during apply.
    if let (Ok(urls), Some(certificate)) = (plan.urls().extensions(), certificate) {
        let changed = urls.other_urls(certificate.description());
        found.extend(changed.into_iter().map(certificate_revision::required_for));
    }
    found
}

/// Returns the warnings about a change without the next certificate.
pub(super) fn postponed_validity(
    prior: &CrossCertificatePlan,
    plan: &CrossCertificatePlan,
) -> Option<tfplugin::Diagnostic> {
    let path = plan.term().changed_since(prior.term())?;
    Some(diagnostics::postponed(prior, path))
}

/// Returns the certificate in the state and the certificates above it.
fn stored(prior: &CrossCertificatePlan) -> Vec<Certificate> {
    let texts = [&prior.certificate_pem, &prior.chain_pem];
    let text: String = texts
        .into_iter()
        .filter_map(|text| text.known().map(String::as_str))
        .collect();
    let blocks = pem_blocks(PemLabel::Certificate, &text).unwrap_or_default();
    let blocks: Vec<Vec<u8>> = blocks.into_iter().map(|block| block.der).collect();
    read_authorities(&blocks).unwrap_or_default()
}

fn is_same(stored: &Certificate, authority: &IssuingAuthority) -> bool {
    let found = &authority.certificate;
    stored.public_key() == found.public_key()
        && stored.description().subject == found.description().subject
}
