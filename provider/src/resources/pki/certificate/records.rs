//! The ledger during create, update, and delete operations.
//!
//! A certificate without a record in the ledger is valid, so a failed write is a warning, and the state does not contain the
//! record. The next plan then writes it. In contrast, a certificate whose revocation cannot be recorded is not deleted.

use tfplugin::{Call, Diagnostic, Diagnostics, Planned};

use super::diagnostics;
use super::ledger::{Ledger, location};
use super::model::{LeafCertificate, LeafCertificatePlan};
use super::previous::{self, Revocable};
use super::resource_type::{LeafCertificates, LeafStores};
use crate::pki::{Certificate, CertificateKind, Sha256Fingerprint};
use crate::resources::pki::calls::{not_connected, within};
use crate::resources::pki::issuer::IssuingAuthority;

impl<S: LeafStores> LeafCertificates<S> {
    /// Records the certificate in the ledger if the state does not contain its record. A failure is a warning.
    pub(super) async fn record(
        &self,
        state: &mut LeafCertificate,
        issuer: &IssuingAuthority,
        call: &Call,
    ) {
        let Some(uri) = state.ledger_uri.clone() else {
            return;
        };
        if state.issuance_record_uri.is_some() {
            return;
        }
        match self.issuance(state, issuer, &uri, call).await {
            Ok(Ok(record)) => state.issuance_record_uri = Some(record),
            Ok(Err(detail)) => call.warnings.push(diagnostics::not_recorded(&detail)),
            Err(errors) => {
                let details: Vec<String> =
                    errors.iter().map(|error| error.detail.clone()).collect();
                call.warnings
                    .push(diagnostics::not_recorded(&details.join("\n\n")));
            }
        }
    }

    async fn issuance(
        &self,
        state: &LeafCertificate,
        issuer: &IssuingAuthority,
        uri: &str,
        call: &Call,
    ) -> Result<Result<String, String>, Diagnostics> {
        let authority = &issuer.certificate;
        let pem = &state.certificate_pem;
        let certificate =
            Certificate::issued_from_pem(pem, CertificateKind::Leaf, authority.public_key())
                .map_err(|error| Diagnostic::bug("The certificate is not readable", &error))?;
        let ledger = self
            .ledger(uri, authority.public_key().sha256(), call)
            .await?;
        let now = (self.now)();
        Ok(ledger.record_issuance(&certificate, authority, now).await)
    }

    /// Records the revocation of all certificates of a state that is deleted and that have not expired, if the state
    /// requires it. If an interrupted apply stored another certificate, also records the revocation of that certificate.
    pub(super) async fn revoke(
        &self,
        prior: &LeafCertificatePlan,
        call: &Call,
    ) -> Result<(), Diagnostics> {
        let Some(uri) = prior.ledger_uri.known() else {
            return Ok(());
        };
        if prior.revoke_on_destroy == Planned::Known(false) {
            return Ok(());
        }
        let now = (self.now)();
        let mut destroyed = previous::superseded_by(prior);
        destroyed.push(Revocable::current(prior)?);
        destroyed.extend(self.missing(prior, call).await?);
        for certificate in destroyed.iter().filter(|found| found.not_after >= now) {
            let ledger = self.ledger(uri, certificate.issuer, call).await?;
            let (serial_number, end) = (&certificate.serial_number, certificate.not_after);
            let recorded = ledger.record_revocation(serial_number, end, now).await;
            recorded.map_err(|detail| diagnostics::revocation_not_recorded(&detail))?;
        }
        Ok(())
    }

    /// Returns the certificate that an interrupted apply stored and that the state does not contain, if any.
    pub(super) async fn missing(
        &self,
        prior: &LeafCertificatePlan,
        call: &Call,
    ) -> Result<Option<Revocable>, Diagnostics> {
        if prior.has_request() {
            return Ok(None);
        }
        let missing = self.keys.missing_certificate(prior, call).await?;
        Ok(missing.as_ref().and_then(Revocable::issued))
    }

    pub(super) async fn ledger<'a>(
        &self,
        uri: &str,
        issuer: Sha256Fingerprint,
        call: &'a Call,
    ) -> Result<Ledger<'a, S::Objects>, Diagnostics> {
        let location = location(uri)?;
        let objects = within(call, self.stores.open_objects()).await;
        let objects = objects.map_err(|stopped| Diagnostics::from(not_connected(stopped)))??;
        Ok(Ledger::new(objects, call, location, issuer))
    }
}
