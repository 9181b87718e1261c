//! Checks of a plan, and the reasons for publishing a bundle again.

use tfplugin::{Call, Diagnostic, Diagnostics, Plan};

use super::model::{TrustBundle, TrustBundlePlan};
use super::read::published;
use super::settings::Settings;
use super::{TrustBundles, diagnostics};
use crate::aws::AwsErrorKind;
use crate::aws::objects::ObjectStores;
use crate::pki::trust;
use crate::resources::pki::publication::{connected_objects_if_known, read};

impl<S: ObjectStores> TrustBundles<S> {
    /// Checks a plan, and plans an update if the published bundle must be replaced.
    pub(super) async fn review(&self, request: &mut Plan<TrustBundle>) -> Result<(), Diagnostics> {
        let prior = request.prior.as_ref();
        let Some(plan) = &mut request.plan else {
            let retained = prior.and_then(diagnostics::retained);
            request.call.warnings.extend(retained);
            return Ok(());
        };
        // With an unknown value, the apply makes the checks.
        let Some(settings) = Settings::of(plan)? else {
            return Ok(());
        };
        let before = match prior {
            Some(prior) => prior.bundle().map_err(|error| diagnostics::state(&error))?,
            None => self.existing(&settings, &request.call).await?,
        };
        let next = self.successor(before.as_ref(), &settings)?;
        let reason = prior
            .filter(|prior| *prior == plan)
            .and_then(|prior| reason(prior, before.as_ref(), &next, &settings));
        if let Some(reason) = reason {
            request.call.warnings.push(reason);
            plan.set_outputs_unknown();
        }
        Ok(())
    }

    /// Reads the bundle that exists at the location of a new resource. Its version continues.
    async fn existing(
        &self,
        settings: &Settings,
        call: &Call,
    ) -> Result<Option<trust::TrustBundle>, Diagnostics> {
        let Some(objects) = connected_objects_if_known(&self.stores, call).await? else {
            return Ok(None);
        };
        let location = &settings.publication.json;
        // The apply also requires this permission and reports the error.
        if let Err(error) = read(&objects, call, location).await
            && error.kind == AwsErrorKind::AccessDenied
        {
            return Ok(None);
        }
        let found = published(&objects, call, location, 0).await?;
        let bundle = found.map(|(bundle, _)| bundle);
        let continued = bundle
            .as_ref()
            .map(|bundle| diagnostics::continued(bundle.version(), location));
        call.warnings.extend(continued);
        Ok(bundle)
    }
}

/// Returns the reason for publishing a bundle although the configuration is unchanged.
fn reason(
    prior: &TrustBundlePlan,
    published: Option<&trust::TrustBundle>,
    next: &trust::TrustBundle,
    settings: &Settings,
) -> Option<Diagnostic> {
    let publication = &settings.publication;
    if prior.etag.is_null() {
        Some(diagnostics::missing(&publication.json))
    } else if published != Some(next) {
        Some(diagnostics::different(&publication.json))
    } else if prior.pem_etag.is_null() {
        Some(diagnostics::outdated(&publication.pem))
    } else if prior.sha256sums_etag.is_null() {
        Some(diagnostics::outdated(&publication.sha256sums))
    } else {
        None
    }
}
