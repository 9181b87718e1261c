//! Certificates for the key in a certificate signing request. The state is their only location, and no secret exists.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tfplugin::{Call, Diagnostic, Diagnostics, Planned};

use super::diagnostics;
use super::intent::{LeafIntent, request_key};
use super::model::{LeafCertificate, LeafCertificatePlan};
use super::outputs;
use super::resource_type::{LeafCertificates, LeafStores};
use crate::aws::secrets::WrittenVersion;
use crate::pki::{Certificate, SerialNumber, Validity, issue};
use crate::resources::pki::calls::{not_connected, within};
use crate::resources::pki::stored_key::KeyState;
use crate::resources::settled::settled;

impl<S: LeafStores> LeafCertificates<S> {
    /// Issues the certificate for the key in the request of a plan.
    pub(super) async fn issue_for_request(
        &self,
        mut plan: LeafCertificatePlan,
        call: &Call,
    ) -> Result<LeafCertificate, Diagnostics> {
        let intent = LeafIntent::of(&plan)?;
        let key = request_key(&plan)?
            .ok_or_else(|| Diagnostic::bug("The request is missing", "csr_pem is null."))?;
        let signer = intent.issuer.open(&self.stores, call).await?;
        let now = (self.now)();
        let serial_number = SerialNumber::random(self.entropy.as_ref())
            .map_err(|error| Diagnostic::bug("Serial number could not be generated", &error))?;
        let description = intent.checked(serial_number, now, Some(&key))?;
        let issued = within(call, issue(&description, &key, &signer)).await;
        let certificate = issued
            .map_err(not_connected)?
            .map_err(|error| diagnostics::not_issued(&error))?;
        set_outputs(&mut plan, &certificate, now);
        outputs::set_issued(&mut plan, &certificate, &intent.issuer.certificates());
        settled(plan)
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

fn set_outputs(plan: &mut LeafCertificatePlan, certificate: &Certificate, now: Timestamp) {
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
