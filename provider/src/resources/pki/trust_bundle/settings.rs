//! Values of the configuration as domain types.
//!
//! These functions are pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::diagnostics;
use super::model::{PublishPlan, Root, TrustBundle, TrustBundlePlan};
use crate::aws::objects::ObjectLocation;
use crate::pki::trust::{RootPolicy, RootStatus, TrustAnchor};

/// Settings of a bundle whose values are all known.
pub(super) struct Settings {
    /// Names of the roots, in the order of `policies`.
    pub(super) names: Vec<String>,
    pub(super) policies: Vec<RootPolicy>,
    /// Cross-certificates in PEM format.
    pub(super) cross_certificates: Vec<String>,
    pub(super) min_distribution_days: u32,
    pub(super) publication: Publication,
}

/// Locations and properties of the published objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Publication {
    pub(super) json: ObjectLocation,
    pub(super) pem: ObjectLocation,
    pub(super) sha256sums: ObjectLocation,
    pub(super) cache_control: String,
}

impl Settings {
    /// Reads the settings of a plan or a state. Returns `None` if a value is unknown.
    pub(super) fn of(plan: &TrustBundlePlan) -> Result<Option<Self>, Diagnostics> {
        let roots = roots(plan)?;
        let cross_certificates = match plan.cross_certificates.clone() {
            Planned::Null => Some(Vec::new()),
            Planned::Unknown => None,
            Planned::Known(all) => all.into_iter().map(Planned::into_known).collect(),
        };
        let publication = Publication::of(&plan.publish)?;
        let days = match &plan.min_distribution_days {
            Planned::Unknown => None,
            days => Some(days.known().copied().unwrap_or_default()),
        };
        let (Some(roots), Some(cross_certificates), Some(publication), Some(days)) =
            (roots, cross_certificates, publication, days)
        else {
            return Ok(None);
        };
        let (names, policies) = roots.into_iter().unzip();
        Ok(Some(Self {
            names,
            policies,
            cross_certificates,
            min_distribution_days: u32::try_from(days).unwrap_or_default(),
            publication,
        }))
    }

    /// Returns the SHA-256 fingerprints of the certificates by the names of the roots.
    pub(super) fn fingerprints(&self) -> BTreeMap<String, Planned<String>> {
        let roots = self.names.iter().zip(&self.policies);
        let fingerprint = |root: &RootPolicy| root.anchor.certificate().sha256().to_string();
        roots
            .map(|(name, root)| (name.clone(), fingerprint(root).into()))
            .collect()
    }

    /// Returns the path of the root with a key that a message names.
    pub(super) fn path_of(&self, spki_sha256: &str) -> AttributePath {
        let mut roots = self.names.iter().zip(&self.policies);
        let found = roots.find(|(_, root)| root.anchor.spki_sha256().to_string() == spki_sha256);
        match found {
            Some((name, _)) => TrustBundle::paths().roots().key(name.clone()).into(),
            None => TrustBundle::paths().roots().into(),
        }
    }
}

impl Publication {
    /// Reads the locations of a plan or a state. Returns `None` if a value is unknown.
    pub(super) fn of(publish: &Planned<PublishPlan>) -> Result<Option<Self>, Diagnostics> {
        let Some(publish) = publish.known() else {
            return Ok(None);
        };
        let unknown =
            publish.cache_control.is_unknown() || publish.expected_bucket_owner.is_unknown();
        let (Some(bucket), Some(json), Some(pem), Some(sha256sums), false) = (
            publish.bucket.known(),
            publish.key_json.known(),
            publish.key_pem.known(),
            publish.key_sha256sums.known(),
            unknown,
        ) else {
            return Ok(None);
        };
        let keys = [json, pem, sha256sums];
        if file_name(json) == file_name(pem) || keys[..2].contains(&sha256sums) {
            return Err(diagnostics::same_key(keys).into());
        }
        let cache_control = publish.cache_control.known().cloned().unwrap_or_default();
        let is_printable = |text: &str| {
            text.bytes()
                .all(|octet| octet == b' ' || octet.is_ascii_graphic())
        };
        if !is_printable(&cache_control) {
            return Err(diagnostics::cache_control(&cache_control).into());
        }
        let location = |key: &String| ObjectLocation {
            bucket: bucket.clone(),
            key: key.clone(),
            expected_bucket_owner: publish.expected_bucket_owner.known().cloned(),
        };
        Ok(Some(Self {
            json: location(json),
            pem: location(pem),
            sha256sums: location(sha256sums),
            cache_control,
        }))
    }
}

/// Returns the name of the file to which a client downloads an object.
pub(super) fn file_name(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

/// Reads the configured roots. Returns `None` if a value is unknown.
fn roots(plan: &TrustBundlePlan) -> Result<Option<Vec<(String, RootPolicy)>>, Diagnostics> {
    let Some(roots) = plan.roots.known() else {
        return Ok(None);
    };
    let mut all = Vec::with_capacity(roots.len());
    let mut found = Diagnostics::new();
    let mut is_known = true;
    for (name, root) in roots {
        let path = TrustBundle::paths().roots().key(name.clone());
        let settled: Result<Root, _> = root.clone().settle(AttributePath::root());
        match settled {
            Ok(root) => match policy(&root, path.into()) {
                Ok(policy) => all.push((name.clone(), policy)),
                Err(error) => found.push(error),
            },
            Err(error) if error.is_unknown() => is_known = false,
            Err(error) => return Err(Diagnostic::from(error).into()),
        }
    }
    found.into_result()?;
    Ok(is_known.then_some(all))
}

fn policy(root: &Root, path: AttributePath) -> Result<RootPolicy, Diagnostic> {
    let anchor = TrustAnchor::from_pem(&root.certificate_pem);
    let anchor = anchor.map_err(|error| {
        diagnostics::not_a_root(&error).at(path.clone().attribute("certificate_pem"))
    })?;
    let optional = |member: &str, text: &Option<String>| {
        let text = text.as_ref();
        text.map(|text| instant(text).map_err(|error| error.at(path.clone().attribute(member))))
            .transpose()
    };
    Ok(RootPolicy {
        anchor,
        // The schema allows only the names of statuses.
        status: RootStatus::named(&root.status).unwrap_or(RootStatus::Next),
        distribute_from: optional("distribute_from", &root.distribute_from)?,
        trust_until: optional("trust_until", &root.trust_until)?,
    })
}

fn instant(text: &str) -> Result<Timestamp, Diagnostic> {
    let instant: Option<Timestamp> = text.parse().ok();
    let instant = instant.filter(|instant| instant.subsec_nanosecond() == 0);
    instant.ok_or_else(|| diagnostics::instant(text))
}
