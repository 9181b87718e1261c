//! Outputs of a published bundle.
//!
//! These functions are pure.

use tfplugin::Planned;

use super::model::TrustBundlePlan;
use super::settings::{Publication, file_name};
use crate::aws::objects::Written;
use crate::pki::trust::{self, BundleError};

impl TrustBundlePlan {
    /// Sets the outputs that are derived from a bundle.
    pub(super) fn set_bundle(&mut self, bundle: &trust::TrustBundle) {
        self.bundle_pem = bundle.to_pem().into();
        self.bundle_json = bundle.to_json().into();
        self.version = i64::try_from(bundle.version()).unwrap_or(i64::MAX).into();
    }

    /// Sets the outputs that are derived from the JSON document. `None` means that it does not exist.
    pub(super) fn set_json_object(&mut self, written: Option<Written>) {
        let (etag, version_id) = match written {
            Some(Written { etag, version_id }) => (Some(etag), version_id),
            None => (None, None),
        };
        self.etag = etag.into();
        self.version_id = version_id.into();
    }

    /// Sets all outputs to unknown, because a bundle is published.
    pub(super) fn set_outputs_unknown(&mut self) {
        self.bundle_pem = Planned::Unknown;
        self.bundle_json = Planned::Unknown;
        self.version = Planned::Unknown;
        self.fingerprints = Planned::Unknown;
        self.etag = Planned::Unknown;
        self.version_id = Planned::Unknown;
        self.pem_etag = Planned::Unknown;
        self.sha256sums_etag = Planned::Unknown;
    }

    /// Returns the last bundle in a state.
    pub(super) fn bundle(&self) -> Result<Option<trust::TrustBundle>, BundleError> {
        let json = self.bundle_json.known();
        json.map(|json| trust::TrustBundle::read(json)).transpose()
    }

    /// Returns the version in a state.
    pub(super) fn known_version(&self) -> u64 {
        let version = self.version.known().copied().unwrap_or_default();
        u64::try_from(version).unwrap_or_default()
    }
}

/// Contents of the objects that are derived from a bundle.
pub(super) struct Derived {
    pub(super) pem: String,
    pub(super) sha256sums: String,
}

impl Derived {
    pub(super) fn of(bundle: &trust::TrustBundle, publication: &Publication) -> Self {
        let (json, pem) = (bundle.to_json(), bundle.to_pem());
        let files = [
            (file_name(&publication.json.key), json.as_str()),
            (file_name(&publication.pem.key), pem.as_str()),
        ];
        Self {
            sha256sums: trust::sha256sums(files),
            pem,
        }
    }
}
