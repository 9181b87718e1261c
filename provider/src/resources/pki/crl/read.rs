//! Reads the published objects, and refreshes the state from them.

use tfplugin::{Call, Diagnostic, Diagnostics, Planned};

use super::diagnostics;
use super::model::{Crl, CrlPlan};
use super::settings::{Publication, Settings};
use super::{CrlStores, RevocationLists};
use crate::aws::AwsError;
use crate::aws::objects::{Object, ObjectLocation, ObjectStore, Written};
use crate::pki::Certificate;
use crate::pki::revocation::{self, CrlNumber, check_succeeds, read_published};
use crate::resources::pki::issuer::IssuingAuthority;
use crate::resources::pki::publication::{call_failed, connected_objects, read};
use crate::resources::settled::settled;

/// The published objects.
pub(super) struct Published {
    /// List in the DER object, and the properties of the object.
    pub(super) der: Option<(revocation::Crl, Written)>,
    /// List in the PEM object, and the properties of the object.
    pub(super) pem: Option<(revocation::Crl, Written)>,
}

/// Reads and verifies the published objects. `known` is the largest number that was issued.
pub(super) async fn published(
    objects: &impl ObjectStore,
    call: &Call,
    publication: &Publication,
    issuer: &Certificate,
    known: Option<CrlNumber>,
) -> Result<Published, Diagnostics> {
    let der = read(objects, call, &publication.der).await;
    let der = der.map_err(|error| unreadable(&error, &publication.der))?;
    Published::with_der(der, objects, call, publication, issuer, known).await
}

impl Published {
    /// Verifies the DER object, and reads and verifies the PEM object.
    pub(super) async fn with_der(
        der: Option<Object>,
        objects: &impl ObjectStore,
        call: &Call,
        publication: &Publication,
        issuer: &Certificate,
        known: Option<CrlNumber>,
    ) -> Result<Self, Diagnostics> {
        let invalid = diagnostics::not_the_published_list;
        let der = der.map(|object| {
            let crl = read_published(&object.body, issuer, known);
            let crl = crl.map_err(|error| invalid(&publication.der, &error))?;
            Ok::<_, Diagnostics>((crl, object.properties.written()))
        });
        let pem = read(objects, call, &publication.pem).await;
        let pem = pem.map_err(|error| unreadable(&error, &publication.pem))?;
        let pem = pem.map(|object| {
            let text = String::from_utf8_lossy(&object.body);
            let crl = revocation::Crl::read_pem(&text, issuer);
            let crl = crl.map_err(|error| invalid(&publication.pem, &error.into()))?;
            Ok::<_, Diagnostics>((crl, object.properties.written()))
        });
        Ok(Self {
            der: der.transpose()?,
            pem: pem.transpose()?,
        })
    }
}

/// A published object could not be read.
pub(super) fn unreadable(error: &AwsError, location: &ObjectLocation) -> Diagnostic {
    call_failed(
        "Published revocation list could not be read",
        error,
        location,
    )
}

impl<S: CrlStores> RevocationLists<S> {
    /// Returns the state after a refresh. If the objects do not exist, the state remains, because it contains the number of the
    /// last list.
    pub(super) async fn refresh(
        &self,
        mut prior: CrlPlan,
        call: &Call,
    ) -> Result<Crl, Diagnostics> {
        let authority = IssuingAuthority::of(&prior.issuer)?;
        let (Some(authority), Some(settings)) = (authority, Settings::of(&prior)?) else {
            return Err(Diagnostic::bug("The state is incomplete", "A value is unknown.").into());
        };
        let objects = connected_objects(&self.stores, call).await?;
        let issuer = &authority.certificate;
        let known = prior.number()?;
        let Published { der, pem } =
            published(&objects, call, &settings.publication, issuer, known).await?;
        if let (Some((crl, _)), Some(text)) = (&der, prior.crl_pem.known())
            && let Ok(last) = revocation::Crl::read_pem(text, issuer)
        {
            let location = &settings.publication.der;
            check_succeeds(crl, &last)
                .map_err(|error| diagnostics::not_the_published_list(location, &error))?;
        }
        prior.pem_etag = Planned::Null;
        let Some((crl, written)) = der else {
            prior.set_der_object(None);
            return settled(prior);
        };
        let pem = pem.filter(|(pem, _)| *pem == crl);
        prior.pem_etag = pem.map(|(_, written)| written.etag).into();
        prior.set_list(&crl, settings.schedule);
        prior.set_der_object(Some(written));
        settled(prior)
    }
}
