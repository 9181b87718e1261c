//! Reads the published objects, and refreshes the state from them.

use tfplugin::{Call, Diagnostic, Diagnostics};

use super::TrustBundles;
use super::diagnostics;
use super::model::{TrustBundle, TrustBundlePlan};
use super::outputs::Derived;
use super::settings::Settings;
use crate::aws::objects::{Object, ObjectLocation, ObjectProperties, ObjectStore, ObjectStores};
use crate::pki::trust;
use crate::resources::pki::publication::{call_failed, connected_objects, read};
use crate::resources::settled::settled;

/// Reads the published bundle, and checks that it is not older than the version `known`.
pub(super) async fn published(
    objects: &impl ObjectStore,
    call: &Call,
    location: &ObjectLocation,
    known: u64,
) -> Result<Option<(trust::TrustBundle, ObjectProperties)>, Diagnostics> {
    let Some(object) = content(objects, call, location).await? else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&object.body);
    let bundle = trust::TrustBundle::read(&text);
    let bundle = bundle.map_err(|error| diagnostics::not_a_bundle(location, &error))?;
    let checked = bundle.check_version(known);
    checked.map_err(|error| diagnostics::older(location, &error))?;
    Ok(Some((bundle, object.properties)))
}

/// Reads an object.
pub(super) async fn content(
    objects: &impl ObjectStore,
    call: &Call,
    location: &ObjectLocation,
) -> Result<Option<Object>, Diagnostics> {
    let found = read(objects, call, location).await;
    found.map_err(|error| {
        let summary = "Published trust bundle could not be read";
        call_failed(summary, &error, location).into()
    })
}

impl<S: ObjectStores> TrustBundles<S> {
    /// Returns the state after a refresh. If the objects do not exist, the state remains, because it contains the version of the
    /// last bundle.
    pub(super) async fn refresh(
        &self,
        mut prior: TrustBundlePlan,
        call: &Call,
    ) -> Result<TrustBundle, Diagnostics> {
        let Some(settings) = Settings::of(&prior)? else {
            return Err(Diagnostic::bug("The state is incomplete", "A value is unknown.").into());
        };
        let publication = &settings.publication;
        let objects = connected_objects(&self.stores, call).await?;
        let known = prior.known_version();
        let json = published(&objects, call, &publication.json, known).await?;
        let (bundle, properties) = json.unzip();
        prior.set_json_object(properties.as_ref().map(ObjectProperties::written));
        if let Some(bundle) = &bundle {
            prior.set_bundle(bundle);
        }
        if prior.fingerprints.is_null() {
            prior.fingerprints = settings.fingerprints().into();
        }
        let expected = bundle
            .as_ref()
            .map(|bundle| Derived::of(bundle, publication));
        let etag = |found: Option<Object>, content: Option<&String>| {
            let same =
                found.filter(|found| Some(&found.body[..]) == content.map(|text| text.as_bytes()));
            same.map(|found| found.properties.etag)
        };
        let pem = content(&objects, call, &publication.pem).await?;
        prior.pem_etag = etag(pem, expected.as_ref().map(|derived| &derived.pem)).into();
        let sums = content(&objects, call, &publication.sha256sums).await?;
        let sha256sums = expected.as_ref().map(|derived| &derived.sha256sums);
        prior.sha256sums_etag = etag(sums, sha256sums).into();
        settled(prior)
    }
}
