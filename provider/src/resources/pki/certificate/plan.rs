//! Decision during planning whether the next certificate is issued, and checks of the plan.
//!
//! These functions are pure.

use jiff::Timestamp;
use tfplugin::schema::{AttributePath, Value};
use tfplugin::{Codec as _, Diagnostic, Diagnostics, Planned};

use super::diagnostics;
use super::intent::{LeafIntent, request_key};
use super::model::{LeafCertificate, LeafCertificatePlan};
use super::outputs::renewal_begins;
use crate::pki::{Certificate, CertificateKind, SerialNumber};
use crate::resources::pki::stored_key::{CertificateIntent, Difference};

/// Result of the comparison of the certificate in the state with the configuration.
pub(super) enum Decision {
    /// The certificate is kept.
    Keep(Option<Diagnostic>),
    /// Another certificate is issued.
    Issue(Option<Diagnostic>),
}

/// Decides whether the next certificate is issued. If the configuration contains unknown values, it can differ from the
/// certificate.
pub(super) fn decide(
    prior: &LeafCertificatePlan,
    plan: &LeafCertificatePlan,
    now: Timestamp,
) -> Result<Decision, Diagnostics> {
    if has_unknown_content(plan) {
        return Ok(Decision::Issue(None));
    }
    let intent = LeafIntent::of(plan)?;
    let differences = differences(prior, plan, &intent)?;
    if !differences.is_empty() {
        check(plan, &intent, now)?;
        return Ok(Decision::Issue(Some(diagnostics::reissue(&differences))));
    }
    let due = renewal_begins(&LeafCertificatePlan {
        not_after_actual: prior.not_after_actual.clone(),
        ..plan.clone()
    });
    let Some(begin) = due.filter(|begin| *begin <= now) else {
        return Ok(Decision::Keep(None));
    };
    let end = prior.not_after_actual.known().map_or("", String::as_str);
    let next = intent.next_end(now).ok().map(|next| next.to_string());
    let later = |next: &Timestamp| end.parse().is_ok_and(|end: Timestamp| *next > end);
    let extends = next
        .as_deref()
        .and_then(|next| next.parse().ok())
        .is_some_and(|next| later(&next));
    if !extends {
        return Ok(Decision::Keep(Some(diagnostics::renewal_without_effect(
            end,
        ))));
    }
    check(plan, &intent, now)?;
    let renewal = diagnostics::renewal(begin, end, plan.rotates_key());
    Ok(Decision::Issue(Some(renewal)))
}

/// Returns the differences between the certificate in the state and the configuration.
fn differences(
    prior: &LeafCertificatePlan,
    plan: &LeafCertificatePlan,
    intent: &LeafIntent,
) -> Result<Vec<Difference>, Diagnostics> {
    let authority = &intent.issuer.certificate;
    let pem = prior.certificate_pem.known().map_or("", String::as_str);
    let read = Certificate::issued_from_pem(pem, CertificateKind::Leaf, authority.public_key());
    let issuer_path = AttributePath::root().attribute("issuer");
    let Ok(current) = read else {
        let key = |hash: &Planned<String>| hash.known().cloned().unwrap_or_default();
        let stored = prior.issuer.known().map(|issuer| key(&issuer.spki_sha256));
        return Ok(vec![Difference {
            path: issuer_path.attribute("spki_sha256"),
            configured: authority.public_key().sha256().to_string(),
            stored: stored.unwrap_or_default(),
        }]);
    };
    let mut found = intent.differences(current.description());
    let paths = LeafCertificate::paths();
    let unchanged = prior.validity_hours == plan.validity_hours
        && prior.not_after == plan.not_after
        && prior.not_after_behavior == plan.not_after_behavior;
    let term: [AttributePath; 2] = [paths.validity_hours().into(), paths.not_after().into()];
    found.retain(|difference| !unchanged || !term.contains(&difference.path));
    if let Some(key) = request_key(plan)?.filter(|key| key != current.public_key()) {
        found.push(Difference {
            path: paths.csr_pem().into(),
            configured: key.sha256().to_string(),
            stored: current.public_key().sha256().to_string(),
        });
    }
    if let (Some(before), Some(after)) = (prior.issuer.known(), plan.issuer.known()) {
        let chain = [
            (
                "certificate_pem",
                &before.certificate_pem,
                &after.certificate_pem,
            ),
            ("chain_pem", &before.chain_pem, &after.chain_pem),
        ];
        let changed = chain.into_iter().find(|(_, before, after)| before != after);
        found.extend(changed.map(|(name, _, _)| Difference {
            path: issuer_path.attribute(name),
            configured: "another certificate".to_owned(),
            stored: "the certificate of the issuer at issuance".to_owned(),
        }));
    }
    Ok(found)
}

/// Checks the certificate that would be issued at `now` against its issuer.
fn check(
    plan: &LeafCertificatePlan,
    intent: &LeafIntent,
    now: Timestamp,
) -> Result<(), Diagnostics> {
    let placeholder = SerialNumber::from_magnitude(&[1])
        .map_err(|error| Diagnostic::bug("The serial number is not valid", &error))?;
    let key = request_key(plan)?;
    intent.checked(placeholder, now, key.as_ref()).map(drop)
}

/// Returns the errors in the plan for a new certificate that is issued at `now`.
pub(super) fn invalid_creation(plan: &LeafCertificatePlan, now: Timestamp) -> Diagnostics {
    if has_unknown_content(plan) {
        return Diagnostics::new();
    }
    let checked = LeafIntent::of(plan).and_then(|intent| check(plan, &intent, now));
    checked.err().unwrap_or_default()
}

/// Returns the errors in a change of an existing certificate.
pub(super) fn invalid_change(
    prior: &LeafCertificatePlan,
    plan: &LeafCertificatePlan,
) -> Diagnostics {
    let kept = !plan.rotates_key() && !plan.has_request();
    match kept && !plan.subject.is_unknown() && prior.subject != plan.subject {
        true => diagnostics::subject_of_kept_key().into(),
        false => Diagnostics::new(),
    }
}

/// Warns that destroying the certificate does not revoke it.
pub(super) fn unrevoked(prior: &LeafCertificatePlan, now: Timestamp) -> Option<Diagnostic> {
    let revokes = prior.revoke_on_destroy != Planned::Known(false);
    let (serial_number, end) = (
        prior.serial_number.known()?,
        prior.not_after_actual.known()?,
    );
    let expired = end.parse().is_ok_and(|end: Timestamp| end < now);
    (revokes && prior.ledger_uri.is_null() && !expired)
        .then(|| diagnostics::not_revoked(serial_number, end))
}

/// Returns whether an attribute that the certificate depends on is unknown.
pub(super) fn has_unknown_content(plan: &LeafCertificatePlan) -> bool {
    let plan = plan.clone();
    let algorithm = match plan.has_request() {
        true => Planned::Null,
        false => plan.key_algorithm,
    };
    let content = [
        plan.issuer.encode(),
        plan.csr_pem.encode(),
        algorithm.encode(),
        plan.subject.encode(),
        plan.dns_names.encode(),
        plan.ip_addresses.encode(),
        plan.uris.encode(),
        plan.email_addresses.encode(),
        plan.extended_key_usage.encode(),
        plan.validity_hours.encode(),
        plan.not_after.encode(),
        plan.not_before_margin_minutes.encode(),
        plan.not_after_behavior.encode(),
        plan.allow_root_issuance.encode(),
        plan.allow_wildcard.encode(),
        plan.crl_distribution_points.encode(),
        plan.ca_issuers_urls.encode(),
        plan.ocsp_urls.encode(),
    ];
    !content.iter().all(Value::is_wholly_known)
}
