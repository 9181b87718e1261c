//! The list that succeeds a published list.
//!
//! These functions are pure.

use jiff::Timestamp;
use tfplugin::{Diagnostic, Diagnostics};

use super::diagnostics;
use super::ledger::Recorded;
use super::model::{Crl, CrlPlan};
use super::settings::{Settings, revoked_certificates};
use crate::aws::kms::SigningAlgorithm;
use crate::pki::revocation::{
    self, CrlNumber, IssueListError, Reason, Revocation, RevocationList, RevokedCertificate,
    check_message_limit, entries, is_premature, merge, next_number,
};
use crate::resources::pki::issuer::IssuingAuthority;

/// Input for the next list.
pub(super) struct Successor<'a> {
    pub(super) settings: &'a Settings,
    pub(super) authority: &'a IssuingAuthority,
    /// Revocations that the ledger records.
    pub(super) recorded: &'a Recorded,
    /// The last list in the state.
    pub(super) before: &'a Before,
    /// Largest number that is known from the state and from the PEM object.
    pub(super) number: Option<CrlNumber>,
}

/// The last list in a state.
#[derive(Default)]
pub(super) struct Before {
    /// Number of the list.
    pub(super) number: Option<CrlNumber>,
    /// Revocations in the configuration that the list was issued from.
    pub(super) revoked: Vec<RevokedCertificate>,
    /// The list. Its successor keeps its entries even if the object does not exist.
    pub(super) crl: Option<revocation::Crl>,
}

impl Before {
    /// Reads a state, and checks that the authority issued its list.
    pub(super) fn of(prior: &CrlPlan, authority: &IssuingAuthority) -> Result<Self, Diagnostics> {
        refuse_another_issuer(prior, authority)?;
        let crl = prior.crl_pem.known();
        let crl = crl.map(|text| revocation::Crl::read_pem(text, &authority.certificate));
        let crl = crl.transpose().map_err(|error| {
            let path = Crl::paths().crl_pem();
            Diagnostic::bug("The state has no valid list", error).at(path)
        })?;
        Ok(Self {
            number: prior.number()?,
            revoked: revoked_certificates(&prior.revoked)?.unwrap_or_default(),
            crl,
        })
    }
}

/// Rejects another authority. Its list would have another name and another key, and the numbers of two authorities are
/// independent.
fn refuse_another_issuer(prior: &CrlPlan, authority: &IssuingAuthority) -> Result<(), Diagnostics> {
    let Some(before) = IssuingAuthority::of(&prior.issuer)? else {
        return Ok(());
    };
    let identity = |authority: &IssuingAuthority| {
        let certificate = &authority.certificate;
        (
            certificate.public_key().sha256(),
            certificate.description().subject.clone(),
        )
    };
    match identity(&before) == identity(authority) {
        true => Ok(()),
        false => Err(diagnostics::another_issuer(&before, authority).into()),
    }
}

impl Successor<'_> {
    fn entries(
        &self,
        published: Option<&revocation::Crl>,
        this_update: Timestamp,
    ) -> Result<Vec<Revocation>, Diagnostics> {
        let merged = |configured: &[RevokedCertificate], recorded: Vec<RevokedCertificate>| {
            let merged = merge(configured.iter().chain(&recorded));
            merged.map_err(|conflict| diagnostics::conflict(&conflict))
        };
        let published = published.map(revocation::Crl::list);
        let next = merged(&self.settings.revoked, self.recorded.revoked().collect())?;
        let earlier = published.map(|list| self.recorded.revoked_before(list).collect());
        let known = merged(&self.before.revoked, earlier.unwrap_or_default())?;
        entries(&next, published, &known, this_update)
            .map_err(|error| diagnostics::succession(&error).into())
    }

    /// Returns the list that succeeds `published`. If no list is published, the list succeeds the list in the state. `now` is
    /// the time before the ledger was read, so that the list does not claim to include later records.
    pub(super) fn list(
        &self,
        published: Option<&revocation::Crl>,
        now: Timestamp,
    ) -> Result<RevocationList, Diagnostics> {
        let published = published.or(self.before.crl.as_ref());
        let number = published.map(|published| published.list().number);
        let number = next_number(self.number, number, now);
        let now = match published.map(revocation::Crl::list) {
            Some(list) if !is_premature(list, now) => now.max(list.this_update),
            _ => now,
        };
        let issuer = &self.authority.certificate.description().validity;
        let updates = self.settings.schedule.updates_within(now, issuer);
        let (this_update, next_update) = updates.map_err(|error| diagnostics::schedule(&error))?;
        Ok(RevocationList {
            issuer: self.authority.certificate.description().subject.clone(),
            signature_algorithm: self.authority.signature_algorithm,
            number: number.map_err(|error| diagnostics::number(&error))?,
            this_update,
            next_update,
            scope: self.settings.scope,
            distribution_points: self.settings.distribution_points.clone(),
            entries: self.entries(published, this_update)?,
        })
    }
}

/// Checks that the issuer can issue a list, including the limit of a key in KMS.
pub(super) fn check_issuable(
    list: &RevocationList,
    authority: &IssuingAuthority,
) -> Result<(), Diagnostics> {
    let algorithm = SigningAlgorithm::of_signature_algorithm(list.signature_algorithm.name());
    let in_kms = authority.kms_key_arn.is_some();
    let limit = algorithm
        .filter(|_| in_kms)
        .and_then(SigningAlgorithm::message_limit);
    let checked = check_message_limit(list, &authority.certificate, limit);
    checked.map_err(|error| not_issuable(&error, list, authority))
}

/// Explains why a list could not be issued. For a list that is too large, determines how many entries fit.
pub(super) fn not_issuable(
    error: &IssueListError,
    list: &RevocationList,
    authority: &IssuingAuthority,
) -> Diagnostics {
    let IssueListError::TooLarge {
        octets,
        limit,
        entries,
    } = *error
    else {
        return diagnostics::not_issued(error, list.entries.len()).into();
    };
    let empty = RevocationList {
        entries: Vec::new(),
        ..list.clone()
    };
    let without_entries = match check_message_limit(&empty, &authority.certificate, Some(0)) {
        Err(IssueListError::TooLarge { octets, .. }) => octets,
        _ => 0,
    };
    diagnostics::too_large(octets, limit, entries, without_entries).into()
}

/// Returns whether the published list must be replaced because of its entries: an entry is new or different, or a suspended
/// certificate is released. An entry of an expired certificate is omitted from the next list, but does not require it.
pub(super) fn has_other_entries(published: &[Revocation], next: &[Revocation]) -> bool {
    let is_in = |list: &[Revocation], entry: &Revocation| {
        let found = list.binary_search_by(|other| other.serial_number.cmp(&entry.serial_number));
        found.ok().map(|position| list[position].clone())
    };
    let is_added = next
        .iter()
        .any(|entry| is_in(published, entry).as_ref() != Some(entry));
    let is_released = published
        .iter()
        .any(|entry| entry.reason == Some(Reason::CertificateHold) && is_in(next, entry).is_none());
    is_added || is_released
}
