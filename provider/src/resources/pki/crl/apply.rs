//! Issues and publishes a list, and deletes the published objects.

use std::collections::BTreeMap;

use tfplugin::{Call, Diagnostic, Diagnostics, Planned};

use super::diagnostics::not_the_published_list;
use super::ledger::Recorded;
use super::model::{Crl, CrlPlan};
use super::read::{Published, published};
use super::settings::{Publication, Settings};
use super::successor::{Before, Successor, not_issuable};
use super::{CrlStores, RevocationLists, ledger};
use crate::aws::AwsError;
use crate::aws::objects::{Condition, NewObject, ObjectLocation, ObjectStore, Written};
use crate::pki::revocation::{self, IssueListError, check_succeeds, expiration, issue_list};
use crate::resources::pki::calls::bounded;
use crate::resources::pki::issuer::{IssuingAuthority, Usage};
use crate::resources::pki::publication::{
    Attempt, MAX_ATTEMPTS, call_failed, connected_objects, contended, derive, pause, write,
};
use crate::resources::settled::settled;

/// Media type of a DER list (RFC 5280 section 4.2.1.13).
pub(super) const DER_TYPE: &str = "application/pkix-crl";
/// Media type of a PEM list.
pub(super) const PEM_TYPE: &str = "application/x-pem-file";

impl<S: CrlStores> RevocationLists<S> {
    /// Issues the list that succeeds the published list, and publishes it.
    pub(super) async fn publish(
        &self,
        prior: Option<&CrlPlan>,
        mut plan: CrlPlan,
        call: &Call,
    ) -> Result<Crl, Diagnostics> {
        let (authority, settings) = known(&plan)?;
        authority.require(Usage::SignCrl)?;
        let before = match prior {
            Some(prior) => Before::of(prior, &authority)?,
            None => Before::default(),
        };
        if let Some(prior) = prior
            && expiration(&authority.certificate.description().validity, (self.now)()).is_some()
        {
            plan.keep_outputs(prior);
            return settled(plan);
        }
        let objects = connected_objects(&self.stores, call).await?;
        let publication = &settings.publication;
        let published = self.publish_der(&objects, call, (&settings, &authority, &before));
        let (crl, der) = published.await?;
        let pem = publish_pem(&objects, call, publication, &crl, &der).await?;
        plan.set_list(&crl, settings.schedule);
        plan.set_der_object(Some(der));
        plan.pem_etag = pem.map(|pem| pem.etag).into();
        settled(plan)
    }

    /// Issues the list and writes the DER object. If another writer is faster, issues the successor of its list.
    async fn publish_der(
        &self,
        objects: &S::Objects,
        call: &Call,
        (settings, authority, before): (&Settings, &IssuingAuthority, &Before),
    ) -> Result<(revocation::Crl, Written), Diagnostics> {
        let publication = &settings.publication;
        let location = &publication.der;
        let known = before.number;
        let key = authority.open(&self.stores, call).await?;
        for attempt in 0..MAX_ATTEMPTS {
            // The list of another writer can contain records that were added since the last attempt.
            let now = (self.now)();
            let recorded = recorded(objects, call, settings, authority).await?;
            let Published { der, pem } =
                published(objects, call, publication, &authority.certificate, known).await?;
            // The PEM object of a restored DER object can contain a later list.
            let successor = Successor {
                settings,
                authority,
                recorded: &recorded,
                number: known.max(pem.as_ref().map(|(pem, _)| pem.list().number)),
                before,
            };
            let current = der.as_ref().map(|(crl, _)| crl);
            if let (Some(current), Some(last)) = (current, &before.crl) {
                check_succeeds(current, last)
                    .map_err(|error| not_the_published_list(location, &error))?;
            }
            let list = successor.list(current, now)?;
            let crl = issue_list(&list, &authority.certificate, &key).await;
            let crl =
                crl.map_err(|error: IssueListError| not_issuable(&error, &list, authority))?;
            let condition = match &der {
                Some((_, written)) => Condition::Matches(&written.etag),
                None => Condition::Absent,
            };
            let object = NewObject {
                location,
                body: crl.der(),
                content_type: DER_TYPE,
                cache_control: Some(&publication.cache_control),
                tags: &BTreeMap::new(),
                condition,
            };
            let written = write(objects, call, object).await;
            match written.map_err(|error| not_published(&error, location))? {
                Attempt::Written(written) => return Ok((crl, written)),
                Attempt::Lost => {
                    let paused = pause(objects, call, attempt).await;
                    paused.map_err(|error| not_published(&error, location))?;
                }
            }
        }
        Err(contended(location).into())
    }

    /// Deletes the published objects if the state requests it.
    pub(super) async fn remove(&self, prior: &CrlPlan, call: &Call) -> Result<(), Diagnostics> {
        if prior.on_destroy != Planned::Known("delete".to_owned()) {
            return Ok(());
        }
        let validity = prior.validity_hours.known().copied().unwrap_or(1);
        let Some(publication) = Publication::of(&prior.publish, validity)? else {
            return Ok(());
        };
        let objects = connected_objects(&self.stores, call).await?;
        // A relying party that has the URL of one object does not use the other one.
        for location in [&publication.pem, &publication.der] {
            let deleted = bounded(call, "s3:DeleteObject", objects.delete(location)).await;
            deleted.map_err(|error| {
                let summary = "Revocation list could not be deleted";
                Diagnostics::from(call_failed(summary, &error, location))
            })?;
        }
        Ok(())
    }
}

/// Reads the revocations in the ledger, if there is one.
async fn recorded(
    objects: &impl ObjectStore,
    call: &Call,
    settings: &Settings,
    authority: &IssuingAuthority,
) -> Result<Recorded, Diagnostics> {
    match &settings.ledger {
        Some(location) => ledger::revocations(objects, call, location, authority, None).await,
        None => Ok(Recorded::default()),
    }
}

/// Writes the PEM object, unless another writer has published a later list since.
async fn publish_pem(
    objects: &impl ObjectStore,
    call: &Call,
    publication: &Publication,
    crl: &revocation::Crl,
    der: &Written,
) -> Result<Option<Written>, Diagnostics> {
    let text = crl.to_pem();
    let object = NewObject {
        location: &publication.pem,
        body: text.as_bytes(),
        content_type: PEM_TYPE,
        cache_control: Some(&publication.cache_control),
        tags: &BTreeMap::new(),
        condition: Condition::Absent,
    };
    let primary = (&publication.der, der.etag.as_str());
    let derived = derive(objects, call, object, primary).await;
    derived.map_err(|error| not_published(&error, &publication.pem).into())
}

/// Reads the issuer and the settings of a plan during apply, when all values are known.
fn known(plan: &CrlPlan) -> Result<(IssuingAuthority, Settings), Diagnostics> {
    let authority = IssuingAuthority::of(&plan.issuer)?;
    let settings = Settings::of(plan)?;
    authority.zip(settings).ok_or_else(|| {
        Diagnostic::bug("The plan is incomplete", "A configured value is unknown.").into()
    })
}

fn not_published(error: &AwsError, location: &ObjectLocation) -> Diagnostic {
    call_failed("Revocation list could not be published", error, location)
}
