//! Checks of a plan, and the reasons for issuing the next list.

use jiff::Timestamp;
use tfplugin::{Call, Diagnostic, Diagnostics, Plan};

use super::ledger::Recorded;
use super::model::{Crl, CrlPlan};
use super::read::{Published, unreadable};
use super::settings::Settings;
use super::successor::{Before, Successor, check_issuable, has_other_entries};
use super::{CrlStores, RevocationLists, diagnostics, ledger};
use crate::aws::AwsErrorKind;
use crate::pki::revocation::{self, Freshness, RevocationList, expiration, is_premature};
use crate::resources::pki::issuer::{IssuingAuthority, Usage};
use crate::resources::pki::publication::{connected_objects_if_known, read};

impl<S: CrlStores> RevocationLists<S> {
    /// Checks a plan, and plans an update if the published list must be replaced.
    pub(super) async fn review(&self, request: &mut Plan<Crl>) -> Result<(), Diagnostics> {
        let prior = request.prior.as_ref();
        let Some(plan) = &mut request.plan else {
            request
                .call
                .warnings
                .extend(prior.and_then(diagnostics::retained));
            return Ok(());
        };
        if let Some(prior) = prior {
            let warnings = &request.call.warnings;
            warnings.extend(diagnostics::moved(prior, plan));
            warnings.extend(diagnostics::limited(prior, plan));
        }
        let authority = IssuingAuthority::of(&plan.issuer)?;
        if let Some(authority) = &authority {
            authority.require(Usage::SignCrl)?;
        }
        // With an unknown value, the apply makes the checks.
        let (Some(authority), Some(settings)) = (authority, Settings::of(plan)?) else {
            return Ok(());
        };
        if let Some(not_after) =
            expiration(&authority.certificate.description().validity, (self.now)())
            && let Some(prior) = prior
        {
            request
                .call
                .warnings
                .push(diagnostics::last_list(not_after));
            plan.keep_outputs(prior);
            return Ok(());
        }
        let reason = self
            .examine(prior, plan, &authority, &settings, &request.call)
            .await?;
        if let Some(reason) = reason {
            request.call.warnings.push(reason);
            plan.set_outputs_unknown();
        }
        Ok(())
    }

    /// Checks that the next list can be issued. Returns the reason for an update of an unchanged configuration.
    async fn examine(
        &self,
        prior: Option<&CrlPlan>,
        plan: &CrlPlan,
        authority: &IssuingAuthority,
        settings: &Settings,
        call: &Call,
    ) -> Result<Option<Diagnostic>, Diagnostics> {
        let before = match prior {
            Some(prior) => Before::of(prior, authority)?,
            None => self.existing(authority, settings, call).await?,
        };
        let now = (self.now)();
        let recorded = match &settings.ledger {
            None => Recorded::default(),
            Some(location) => match connected_objects_if_known(&self.stores, call).await? {
                None => return Ok(None),
                Some(objects) => {
                    let published = before.crl.as_ref();
                    ledger::revocations(&objects, call, location, authority, published).await?
                }
            },
        };
        let successor = Successor {
            settings,
            authority,
            recorded: &recorded,
            number: before.number,
            before: &before,
        };
        let next = successor.list(None, now)?;
        check_issuable(&next, authority)?;
        let unchanged = prior.filter(|prior| *prior == plan);
        let Some((prior, crl)) = unchanged.zip(before.crl.as_ref()) else {
            return Ok(None);
        };
        let reason = reason(prior, crl, &next, settings, authority, now);
        if reason.is_none() {
            call.warnings.extend(aging(crl, settings, authority, now));
        }
        Ok(reason)
    }

    /// Reads the list that exists at the location of a new resource. Its number and its entries continue.
    async fn existing(
        &self,
        authority: &IssuingAuthority,
        settings: &Settings,
        call: &Call,
    ) -> Result<Before, Diagnostics> {
        let Some(objects) = connected_objects_if_known(&self.stores, call).await? else {
            return Ok(Before::default());
        };
        let publication = &settings.publication;
        let der = match read(&objects, call, &publication.der).await {
            // The apply also requires this permission and reports the error.
            Err(error) if error.kind == AwsErrorKind::AccessDenied => {
                return Ok(Before::default());
            }
            found => found.map_err(|error| unreadable(&error, &publication.der))?,
        };
        let issuer = &authority.certificate;
        let found = Published::with_der(der, &objects, call, publication, issuer, None).await?;
        let pem = found.pem.map(|(pem, _)| pem.list().number);
        let crl = found.der.map(|(crl, _)| crl);
        if let Some(crl) = &crl {
            let warning = diagnostics::continued(crl.list(), &publication.der);
            call.warnings.push(warning);
        }
        Ok(Before {
            number: pem,
            revoked: Vec::new(),
            crl,
        })
    }
}

/// Returns the reason for issuing the next list although the configuration is unchanged.
fn reason(
    prior: &CrlPlan,
    published: &revocation::Crl,
    next: &RevocationList,
    settings: &Settings,
    authority: &IssuingAuthority,
    now: Timestamp,
) -> Option<Diagnostic> {
    let publication = &settings.publication;
    let list = published.list();
    if prior.etag.is_null() {
        return Some(diagnostics::missing(&publication.der));
    }
    if prior.pem_etag.is_null() {
        return Some(diagnostics::incomplete(&publication.pem));
    }
    if (list.scope, &list.distribution_points) != (next.scope, &next.distribution_points) {
        return Some(diagnostics::other_scope());
    }
    if has_other_entries(&list.entries, &next.entries) {
        return Some(diagnostics::other_entries());
    }
    if is_premature(list, now) {
        return Some(diagnostics::premature(list.this_update, now));
    }
    match freshness(list, settings, authority, now) {
        Freshness::Expired => Some(diagnostics::expired(list.next_update)),
        Freshness::Due => {
            let due_since = settings.schedule.refresh_at(list);
            Some(diagnostics::due(due_since, list.next_update))
        }
        Freshness::Aging | Freshness::Fresh => None,
    }
}

fn freshness(
    list: &RevocationList,
    settings: &Settings,
    authority: &IssuingAuthority,
    now: Timestamp,
) -> Freshness {
    let issuer = &authority.certificate.description().validity;
    settings.schedule.freshness_within(list, issuer, now)
}

/// Warns if at least half of the validity period has passed.
fn aging(
    published: &revocation::Crl,
    settings: &Settings,
    authority: &IssuingAuthority,
    now: Timestamp,
) -> Option<Diagnostic> {
    let list = published.list();
    let is_aging = freshness(list, settings, authority, now) == Freshness::Aging;
    is_aging.then(|| diagnostics::aging(settings.schedule.refresh_at(list), list.next_update))
}
