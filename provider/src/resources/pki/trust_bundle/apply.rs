//! Publishes a bundle, and deletes the published objects.

use std::collections::BTreeMap;

use tfplugin::{Call, Diagnostic, Diagnostics, Planned};

use super::model::{TrustBundle, TrustBundlePlan};
use super::outputs::Derived;
use super::read::{content, published};
use super::settings::{Publication, Settings};
use super::{TrustBundles, diagnostics};
use crate::aws::AwsError;
use crate::aws::objects::{
    Condition, NewObject, ObjectLocation, ObjectProperties, ObjectStore, ObjectStores, Written,
};
use crate::pki::trust;
use crate::resources::pki::calls::bounded;
use crate::resources::pki::publication::{
    Attempt, MAX_ATTEMPTS, call_failed, connected_objects, contended, derive, pause, write,
};
use crate::resources::settled::settled;

/// Media type of the JSON document.
const JSON_TYPE: &str = "application/json";

impl<S: ObjectStores> TrustBundles<S> {
    /// Publishes the bundle that succeeds the published bundle.
    pub(super) async fn publish(
        &self,
        prior: Option<&TrustBundlePlan>,
        mut plan: TrustBundlePlan,
        call: &Call,
    ) -> Result<TrustBundle, Diagnostics> {
        let settings = Settings::of(&plan)?.ok_or_else(|| {
            Diagnostic::bug("The plan is incomplete", "A configured value is unknown.")
        })?;
        let objects = connected_objects(&self.stores, call).await?;
        let (bundle, json) = self.publish_json(&objects, call, prior, &settings).await?;
        let publication = &settings.publication;
        let Derived { pem, sha256sums } = Derived::of(&bundle, publication);
        let derived = [
            (&publication.pem, pem, "application/x-pem-file"),
            (&publication.sha256sums, sha256sums, "text/plain"),
        ];
        let mut etags = Vec::new();
        for (location, content, content_type) in derived {
            let object = NewObject {
                location,
                body: content.as_bytes(),
                content_type,
                cache_control: Some(&publication.cache_control),
                tags: &BTreeMap::new(),
                condition: Condition::Absent,
            };
            let primary = (&publication.json, json.etag.as_str());
            let written = derive(&objects, call, object, primary).await;
            let written = written.map_err(|error| not_published(&error, location))?;
            etags.push(written.map(|written| written.etag));
        }
        plan.sha256sums_etag = etags.pop().flatten().into();
        plan.pem_etag = etags.pop().flatten().into();
        plan.set_bundle(&bundle);
        plan.set_json_object(Some(json));
        plan.fingerprints = settings.fingerprints().into();
        settled(plan)
    }

    /// Writes the JSON document. If another writer is faster, publishes the successor of its bundle.
    async fn publish_json(
        &self,
        objects: &S::Objects,
        call: &Call,
        prior: Option<&TrustBundlePlan>,
        settings: &Settings,
    ) -> Result<(trust::TrustBundle, Written), Diagnostics> {
        let publication = &settings.publication;
        let location = &publication.json;
        let known = prior.map_or(0, TrustBundlePlan::known_version);
        let before = match prior {
            Some(prior) => prior.bundle().map_err(|error| diagnostics::state(&error))?,
            None => None,
        };
        for attempt in 0..MAX_ATTEMPTS {
            let found = published(objects, call, location, known).await?;
            let current = found.as_ref().map(|(bundle, _)| bundle);
            let next = self.successor(current.or(before.as_ref()), settings)?;
            if prior.is_none() && found.is_none() {
                check_free(objects, call, publication).await?;
            }
            let condition = match &found {
                Some((bundle, properties))
                    if *bundle == next && has_headers(properties, publication) =>
                {
                    return Ok((next, properties.written()));
                }
                Some((_, properties)) => Condition::Matches(&properties.etag),
                None => Condition::Absent,
            };
            let json = next.to_json();
            let object = NewObject {
                location,
                body: json.as_bytes(),
                content_type: JSON_TYPE,
                cache_control: Some(&publication.cache_control),
                tags: &BTreeMap::new(),
                condition,
            };
            let written = write(objects, call, object).await;
            match written.map_err(|error| not_published(&error, location))? {
                Attempt::Written(written) => return Ok((next, written)),
                Attempt::Lost => {
                    let paused = pause(objects, call, attempt).await;
                    paused.map_err(|error| not_published(&error, location))?;
                }
            }
        }
        Err(contended(location).into())
    }

    /// Returns the bundle that succeeds `published` according to the settings.
    pub(super) fn successor(
        &self,
        published: Option<&trust::TrustBundle>,
        settings: &Settings,
    ) -> Result<trust::TrustBundle, Diagnostics> {
        let next = trust::TrustBundle::successor(
            published,
            &settings.policies,
            &settings.cross_certificates,
            settings.min_distribution_days,
            (self.now)(),
        );
        next.map_err(|error| diagnostics::violation(&error, |key| settings.path_of(key)).into())
    }

    /// Deletes the published objects if the state requests it.
    pub(super) async fn remove(
        &self,
        prior: &TrustBundlePlan,
        call: &Call,
    ) -> Result<(), Diagnostics> {
        if prior.on_destroy != Planned::Known("delete".to_owned()) {
            return Ok(());
        }
        let Some(publication) = Publication::of(&prior.publish)? else {
            return Ok(());
        };
        let objects = connected_objects(&self.stores, call).await?;
        for location in [&publication.sha256sums, &publication.pem, &publication.json] {
            let deleted = bounded(call, "s3:DeleteObject", objects.delete(location)).await;
            deleted.map_err(|error| {
                let summary = "Trust bundle could not be deleted";
                Diagnostics::from(call_failed(summary, &error, location))
            })?;
        }
        Ok(())
    }
}

/// Checks that no objects exist with the keys of the derived objects of the first bundle. The JSON document is always written
/// first and deleted last, so existing objects do not belong to a bundle.
async fn check_free(
    objects: &impl ObjectStore,
    call: &Call,
    publication: &Publication,
) -> Result<(), Diagnostics> {
    for location in [&publication.pem, &publication.sha256sums] {
        if content(objects, call, location).await?.is_some() {
            return Err(diagnostics::occupied(location, &publication.json).into());
        }
    }
    Ok(())
}

fn has_headers(properties: &ObjectProperties, publication: &Publication) -> bool {
    properties.content_type.as_deref() == Some(JSON_TYPE)
        && properties.cache_control.as_deref() == Some(&publication.cache_control)
}

fn not_published(error: &AwsError, location: &ObjectLocation) -> Diagnostic {
    call_failed("Trust bundle could not be published", error, location)
}
