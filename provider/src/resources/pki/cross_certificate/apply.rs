//! Issuance of a cross-certificate.

use tfplugin::{Call, Diagnostic, Diagnostics};

use super::diagnostics;
use super::intent::Crossing;
use super::model::{CrossCertificate, CrossCertificatePlan};
use super::outputs;
use super::resource_type::CrossCertificates;
use crate::pki::{SerialNumber, issue};
use crate::resources::pki::calls::within;
use crate::resources::pki::stored_key::KeyStores;
use crate::resources::settled::settled;

impl<S: KeyStores> CrossCertificates<S> {
    /// Issues the certificate that a plan describes.
    ///
    /// # Errors
    /// Returns an error if the certificate would violate a rule, or if the key of the issuer cannot be used.
    pub async fn certify(
        &self,
        mut plan: CrossCertificatePlan,
        call: &Call,
    ) -> Result<CrossCertificate, Diagnostics> {
        let crossing = Crossing::of(&plan)?.ok_or_else(diagnostics::unknown)?;
        let signer = crossing
            .authority
            .open_at(&self.stores, call, Some(self.now));
        let signer = signer.await?;
        let serial_number = SerialNumber::random(self.entropy.as_ref());
        let serial_number = serial_number.map_err(|error| diagnostics::not_issued(&error))?;
        let description = crossing.describe(serial_number, (self.now)())?;
        crossing.invalid(&description).into_result()?;
        let key = crossing.subject.certificate.public_key();
        let issued = within(call, issue(&description, key, &signer)).await;
        let issued = issued.map_err(|stopped| {
            let detail = format!(
                "While the certificate was signed, {stopped}. Nothing was stored. Apply again."
            );
            Diagnostic::error("Cross-certificate could not be issued", detail)
        })?;
        let certificate = issued.map_err(|error| diagnostics::not_issued(&error))?;
        outputs::planned(&mut plan, false);
        outputs::set(&mut plan, &certificate, (self.now)());
        settled(plan)
    }
}
