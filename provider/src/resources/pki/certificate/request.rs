//! Certificates for the key in a certificate signing request. No secret exists.
//!
//! # Call order and effects of interruptions
//!
//! With a ledger, each issuance has one object, which is written before anything refers to the certificate:
//!
//! | Call | Result of an interruption after the call | Next apply |
//! |---|---|---|
//! | `GetObject` (certificate of the issuance) | no change | starts over |
//! | signature with the key of the issuer | certificate in the memory of the provider only | signs another one |
//! | `PutObject` (certificate of the issuance, only if it does not exist) | certificate in the ledger | adopts it with a warning, or revokes it if the configuration was changed |
//! | `PutObject` (issuance record) | same | same |
//!
//! Without a ledger, the state is the only location. If a run ends before the state is written, the certificate existed only
//! in the memory of the provider. No verifier can receive it, so it does not have to be revoked.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tfplugin::{Call, Diagnostic, Diagnostics, Planned};

use super::diagnostics;
use super::intent::{LeafIntent, request_key};
use super::ledger::Ledger;
use super::model::{LeafCertificate, LeafCertificatePlan};
use super::outputs;
use super::resource_type::{LeafCertificates, LeafStores};
use super::term::renewal_time;
use crate::aws::secrets::WrittenVersion;
use crate::pki::{Certificate, PublicKey, SerialNumber, Sha256Fingerprint, Validity, issue};
use crate::resources::pki::calls::{not_connected, within};
use crate::resources::pki::stored_key::{CertificateIntent, KeyState};
use crate::resources::settled::settled;

impl<S: LeafStores> LeafCertificates<S> {
    /// Issues the certificate for the key in the request of a plan, or adopts the certificate of an interrupted run.
    pub(super) async fn issue_for_request(
        &self,
        prior: Option<&LeafCertificatePlan>,
        mut plan: LeafCertificatePlan,
        call: &Call,
    ) -> Result<LeafCertificate, Diagnostics> {
        let intent = LeafIntent::of(&plan)?;
        let key = request_key(&plan)?
            .ok_or_else(|| Diagnostic::bug("The request is missing", "csr_pem is null."))?;
        let certificate = match plan.ledger_uri.known() {
            Some(uri) => {
                let issuer = intent.issuer.certificate.public_key().sha256();
                let ledger = self.ledger(uri, issuer, call).await?;
                let issuance = Issuance {
                    id: issuance_id(prior, &key),
                    intent: &intent,
                    key: &key,
                    renew_before_hours: plan.renew_before_hours.known().copied(),
                };
                self.issue_once(&issuance, &ledger, call).await?
            }
            None => self.sign(&intent, &key, call).await?,
        };
        set_outputs(&mut plan, &certificate, (self.now)());
        outputs::set_issued(&mut plan, &certificate, &intent.issuer.certificates());
        settled(plan)
    }

    /// Signs a certificate, and stores it in the ledger before it is recorded or returned.
    async fn issue_once(
        &self,
        issuance: &Issuance<'_>,
        ledger: &Ledger<'_, S::Objects>,
        call: &Call,
    ) -> Result<Certificate, Diagnostics> {
        let issuer = issuance.intent.issuer.certificate.public_key();
        let replaced = match ledger.requested(issuance.id, issuer).await {
            Ok(None) => None,
            Ok(Some((stored, etag))) => {
                let revoked = ledger.is_revoked(&stored.description().serial_number).await;
                let revoked = revoked.map_err(|detail| diagnostics::ledger_not_read(&detail))?;
                if !revoked && issuance.is_satisfied_by(&stored, (self.now)()) {
                    call.warnings.push(diagnostics::adopted(&stored));
                    return Ok(stored);
                }
                if !revoked {
                    self.revoke_orphan(&stored, ledger, call).await?;
                }
                Some(etag)
            }
            Err(detail) => return Err(diagnostics::ledger_not_read(&detail).into()),
        };
        let certificate = self.sign(issuance.intent, issuance.key, call).await?;
        let own = certificate.clone();
        let stored = ledger.store_requested(issuance.id, own, issuer, replaced.as_deref());
        match stored.await {
            Ok(stored) => Ok(stored),
            Err(detail) => {
                call.warnings.push(diagnostics::not_stored(&detail));
                Ok(certificate)
            }
        }
    }

    async fn revoke_orphan(
        &self,
        orphan: &Certificate,
        ledger: &Ledger<'_, S::Objects>,
        call: &Call,
    ) -> Result<(), Diagnostics> {
        let (description, now) = (orphan.description(), (self.now)());
        let end = description.validity.not_after();
        if end < now {
            return Ok(());
        }
        let recorded = ledger.record_revocation(&description.serial_number, end, now);
        recorded
            .await
            .map_err(|detail| diagnostics::revocation_not_recorded(&detail))?;
        call.warnings.push(diagnostics::orphan_revoked(orphan));
        Ok(())
    }

    async fn sign(
        &self,
        intent: &LeafIntent,
        key: &PublicKey,
        call: &Call,
    ) -> Result<Certificate, Diagnostics> {
        let now = Some(self.now);
        let signer = intent.issuer.open_at(&self.stores, call, now).await?;
        let serial_number = SerialNumber::random(self.entropy.as_ref())
            .map_err(|error| Diagnostic::bug("Serial number could not be generated", &error))?;
        let description = intent.checked(serial_number, (self.now)(), Some(key))?;
        let issued = within(call, issue(&description, key, &signer)).await;
        let certificate = issued
            .map_err(not_connected)?
            .map_err(|error| diagnostics::not_issued(&error))?;
        Ok(certificate)
    }

    /// Returns the state after a refresh, which depends on the time only.
    pub(super) fn refreshed(
        &self,
        mut prior: LeafCertificatePlan,
    ) -> Result<LeafCertificate, Diagnostics> {
        let now = (self.now)();
        prior.validity_status = validity_of(&prior)
            .map(|validity| validity.status_at(now).name().to_owned())
            .into();
        prior.ready_for_renewal = outputs::is_ready(&prior, now).into();
        settled(prior)
    }
}

/// One issuance for a request: the first certificate, or the successor of a certificate in the state.
struct Issuance<'a> {
    id: Sha256Fingerprint,
    intent: &'a LeafIntent,
    key: &'a PublicKey,
    renew_before_hours: Option<i64>,
}

impl Issuance<'_> {
    /// Returns whether a stored certificate is the one that the configuration specifies, and is not due for renewal.
    fn is_satisfied_by(&self, stored: &Certificate, now: Timestamp) -> bool {
        let description = stored.description();
        let end = description.validity.not_after();
        let renewal = self
            .renew_before_hours
            .map_or(Some(end), |hours| renewal_time(end, hours));
        stored.public_key() == self.key
            && self.intent.differences(description).is_empty()
            && description.validity.not_before() <= now
            && renewal.is_some_and(|renewal| now < renewal)
    }
}

/// Returns the identifier of an issuance, which depends only on the key and the certificate that is superseded. So two runs
/// for the same state store at most one certificate.
fn issuance_id(prior: Option<&LeafCertificatePlan>, key: &PublicKey) -> Sha256Fingerprint {
    let superseded = prior.and_then(|prior| prior.certificate_sha256.known());
    let superseded = superseded.map_or("", String::as_str);
    Sha256Fingerprint::of(format!("{}\n{superseded}", key.sha256()).as_bytes())
}

/// Sets the attributes that are derived from a certificate for a request, which has no secret.
pub(super) fn set_outputs(
    plan: &mut LeafCertificatePlan,
    certificate: &Certificate,
    now: Timestamp,
) {
    let nowhere = WrittenVersion {
        arn: String::new(),
        version_id: String::new(),
    };
    KeyState::set_outputs(plan, certificate, &nowhere, now);
    plan.secret_arn = Planned::Null;
    plan.secret_version_id = Planned::Null;
    plan.tags_all = Planned::Known(BTreeMap::new());
}

fn validity_of(state: &LeafCertificatePlan) -> Option<Validity> {
    let instant = |value: &Planned<String>| value.known()?.parse::<Timestamp>().ok();
    Validity::new(
        instant(&state.not_before)?,
        instant(&state.not_after_actual)?,
    )
    .ok()
}
