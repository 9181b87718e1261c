//! Import of a published bundle.

use std::collections::BTreeMap;

use tfplugin::{Call, Diagnostics, Imported, Planned};

use super::model::{
    DEFAULT_KEY_JSON, DEFAULT_KEY_PEM, DEFAULT_KEY_SHA256SUMS, PublishPlan, Root, TrustBundle,
    TrustBundlePlan,
};
use super::read::published;
use super::{TrustBundles, diagnostics};
use crate::aws::objects::{ObjectLocation, ObjectStores};
use crate::pki::trust::{self, TrustedRoot};
use crate::resources::pki::publication::connected_objects;

impl<S: ObjectStores> TrustBundles<S> {
    /// Returns the state of the bundle with an import ID, which is the location of the JSON document.
    pub(super) async fn find(
        &self,
        id: &str,
        call: &Call,
    ) -> Result<Imported<TrustBundle>, Diagnostics> {
        let location = ObjectLocation::parse(id).ok_or_else(|| diagnostics::import_id(id))?;
        let objects = connected_objects(&self.stores, call).await?;
        let found = published(&objects, call, &location, 0).await?;
        let (bundle, _) = found.ok_or_else(|| diagnostics::nothing_to_import(&location))?;
        let cross_certificates = bundle.cross_certificates().iter();
        let cross_certificates = cross_certificates.map(|certificate| certificate.to_pem().into());
        Ok(Imported::new(TrustBundlePlan {
            roots: Planned::Known(roots(&bundle)),
            cross_certificates: Planned::Known(cross_certificates.collect()),
            min_distribution_days: 30.into(),
            publish: Planned::Known(publish(location)),
            on_destroy: "retain".to_owned().into(),
            ..TrustBundlePlan::default()
        }))
    }
}

/// Returns the roots with the names `g1`, `g2`, and so on, in the order of the beginning of their validity periods.
fn roots(bundle: &trust::TrustBundle) -> BTreeMap<String, Planned<super::model::RootPlan>> {
    let mut roots: Vec<&TrustedRoot> = bundle.roots().iter().collect();
    roots.sort_by_key(|root| root.anchor.certificate().not_before.seconds());
    let named = (1..).zip(roots).map(|(generation, root)| {
        let root = Root {
            certificate_pem: root.anchor.certificate().to_pem(),
            status: root.status.name().to_owned(),
            // The published start of the window is the default.
            distribute_from: None,
            trust_until: root.trust_until.map(|end| end.to_string()),
        };
        (format!("g{generation}"), Planned::Known(root.into()))
    });
    named.collect()
}

/// Returns the location, with the keys of the derived objects beside the JSON document.
fn publish(location: ObjectLocation) -> PublishPlan {
    let stem = location.key.strip_suffix(".json").unwrap_or(&location.key);
    let (key_pem, key_sha256sums) = match location.key.as_str() {
        DEFAULT_KEY_JSON => (
            DEFAULT_KEY_PEM.to_owned(),
            DEFAULT_KEY_SHA256SUMS.to_owned(),
        ),
        _ => (format!("{stem}.pem"), format!("{stem}.sha256")),
    };
    PublishPlan {
        bucket: location.bucket.into(),
        key_json: location.key.into(),
        key_pem: key_pem.into(),
        key_sha256sums: key_sha256sums.into(),
        cache_control: "max-age=3600".to_owned().into(),
        ..PublishPlan::default()
    }
}
