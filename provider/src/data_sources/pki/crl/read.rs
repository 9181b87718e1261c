//! Decodes the list and, if the issuer is configured, verifies the signature.

use jiff::Timestamp;
use tfplugin::Diagnostics;
use tfplugin::schema::Number;

use super::model::{Crl, CrlPlan, RevokedObject};
use super::validate::{decoded, issued_by, issuer_certificate};
use crate::pki::decoded::{CrlScope, DecodedCrl, RevokedEntry, Time};
use crate::pki::to_hex;

pub(super) fn content(config: CrlPlan, now: Timestamp) -> Result<Crl, Diagnostics> {
    let crl_pem: String = config.crl_pem.settle(Crl::paths().crl_pem())?;
    let issuer_certificate_pem = config.issuer_certificate_pem.into_known();
    let list = decoded(&crl_pem)?;
    if let Some(text) = &issuer_certificate_pem {
        issued_by(&list, &issuer_certificate(text)?)?;
    }
    let number = |digits: &Option<String>| digits.as_ref()?.parse::<Number>().ok();
    Ok(Crl {
        crl_pem,
        issuer_certificate_pem,
        issuer: (&list.issuer).into(),
        crl_number: number(&list.number),
        this_update: list.this_update.to_string(),
        next_update: list.next_update.as_ref().map(Time::to_string),
        is_fresh: is_fresh(&list, now),
        scope: scope_name(list.scope).to_owned(),
        base_crl_number: number(&list.base_number),
        authority_key_id: list
            .extensions
            .authority_key_id
            .as_ref()
            .map(|id| to_hex(id)),
        signature_algorithm: list.signature.algorithm(),
        revoked: list.revoked.iter().map(RevokedObject::from).collect(),
        extensions: list.extensions.all.iter().map(Into::into).collect(),
    })
}

/// Returns whether a list is current. Without `nextUpdate`, which RFC 5280 section 5.1.2.5 requires, the answer is unknown.
fn is_fresh(list: &DecodedCrl, now: Timestamp) -> bool {
    let is_current = list.next_update.is_some_and(|end| !end.is_before(now));
    !list.this_update.is_after(now) && is_current
}

const fn scope_name(scope: CrlScope) -> &'static str {
    match scope {
        CrlScope::All => "all",
        CrlScope::CaOnly => "ca_only",
        CrlScope::UserOnly => "user_only",
        CrlScope::DistributionPoint => "distribution_point",
        CrlScope::Other => "other",
    }
}

/// Names of the reason codes (RFC 5280 section 5.3.1). Code 7 is unused.
const REASONS: [&str; 11] = [
    "unspecified",
    "key_compromise",
    "ca_compromise",
    "affiliation_changed",
    "superseded",
    "cessation_of_operation",
    "certificate_hold",
    "unused",
    "remove_from_crl",
    "privilege_withdrawn",
    "aa_compromise",
];

impl From<&RevokedEntry> for RevokedObject {
    fn from(entry: &RevokedEntry) -> Self {
        let reason = entry.reason.and_then(|code| REASONS.get(usize::from(code)));
        Self {
            serial_number: entry.serial_number.clone(),
            revoked_at: entry.revoked_at.to_string(),
            reason: reason.map(|reason| (*reason).to_owned()),
            invalidity_date: entry.invalidity_date.as_ref().map(Time::to_string),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// List of 2026-01-01 without `nextUpdate`.
    const UNLIMITED: &str = "-----BEGIN X509 CRL-----
MIGtMFUCAQEwCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEUm9vdBcNMjYwMTAxMDAw
MDAwWjAUMBICAQkXDTI2MDEwMTAwMDAwMFqgDjAMMAoGA1UdFAQDAgEFMAoGCCqG
SM49BAMCA0gAMEUCIHly9NUR0ianG9alZjZG0ExeVtHaScfrKcx7iKRfwy9UAiEA
6/dUKbAtkUZL0MltSMHL0pUW1Zpaw2NbMHLPSdqv3QE=
-----END X509 CRL-----
";
    /// List of 2026-01-01 whose next update is on 2030-01-01.
    const LIMITED: &str = "-----BEGIN X509 CRL-----
MIG9MGQCAQEwCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEUm9vdBcNMjYwMTAxMDAw
MDAwWhcNMzAwMTAxMDAwMDAwWjAUMBICAQkXDTI2MDEwMTAwMDAwMFqgDjAMMAoG
A1UdFAQDAgEFMAoGCCqGSM49BAMCA0kAMEYCIQDS+Sh8U/4nHT+usMy+WIteBazh
MeKr1tSwNh4LC3ysaAIhALytVq25v+j+WzbxB5tQeEVjuTqLL4jxOqdk2YeQIFY+
-----END X509 CRL-----
";

    #[test]
    fn list_is_fresh_until_its_next_update() {
        for (text, time, expected) in [
            (LIMITED, "2025-12-31T23:59:59Z", false),
            (LIMITED, "2026-01-01T00:00:00Z", true),
            (LIMITED, "2030-01-01T00:00:00Z", true),
            (LIMITED, "2030-01-01T00:00:01Z", false),
            (UNLIMITED, "2026-01-01T00:00:00Z", false),
        ] {
            let list = decoded(text).unwrap();
            assert_eq!(is_fresh(&list, time.parse().unwrap()), expected, "{time}");
        }
    }
}
