//! Validates values that bundles, services, and containers have in common: images, environment variables, and secrets.
//!
//! These functions are pure. Any value can be unknown, and unknown values are accepted.

use std::collections::BTreeMap;

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Planned};

use super::super::diagnostics::Remedy;
use super::super::model::{ImagePaths, ImagePlan, ServiceBundlePlan};
use crate::ecs::environment::secret_word;
use crate::ecs::image;
use crate::ecs::secret_reference;

pub(super) type PlannedTexts = Planned<BTreeMap<String, Planned<String>>>;

/// Returns an error at an attribute path. The detail repeats the path, because OpenTofu and Terraform show only the
/// enclosing argument.
pub(super) fn refuse(summary: &str, detail: &str, path: impl Into<AttributePath>) -> Diagnostic {
    let path = path.into();
    Diagnostic::error(summary, format!("`{path}`: {detail}")).at(path)
}

/// Whether an image requires a version.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Versions {
    /// A tag, a digest, or both are required.
    Required,
    /// No version is required, because another process deploys the image.
    Optional,
}

pub(super) fn invalid_image(
    image: &Planned<ImagePlan>,
    versions: Versions,
    paths: &ImagePaths,
) -> Option<Diagnostic> {
    let image = image.known()?;
    let repository = image.repository_url.known()?;
    if versions == Versions::Optional && image.tag.is_null() && image.digest.is_null() {
        return None;
    }
    if image.tag.is_unknown() || image.digest.is_unknown() {
        return None;
    }
    let (tag, digest) = (image.tag.known(), image.digest.known());
    let error = image::reference(
        repository,
        tag.map(String::as_str),
        digest.map(String::as_str),
    )
    .err()?;
    let path = match &error {
        image::ImageError::Digest { .. } => paths.digest(),
        image::ImageError::Unversioned | image::ImageError::Tag { .. } => paths.tag(),
        image::ImageError::VersionInRepository { .. } | image::ImageError::Repository { .. } => {
            paths.repository_url()
        }
    };
    let detail = format!("The value is not valid: {error}. {}", error.remedy());
    Some(refuse("Invalid image", &detail, path))
}

pub(super) fn plain_secrets<P>(
    config: &ServiceBundlePlan,
    environment: &PlannedTexts,
    path: impl Fn(&str) -> P,
) -> Vec<Diagnostic>
where
    P: Into<AttributePath>,
{
    let allowed = &config.allow_plaintext_environment;
    // An unknown value can allow the name.
    let is_allowed = |name: &String| {
        allowed.is_unknown()
            || allowed
                .known()
                .into_iter()
                .flatten()
                .any(|allowed| allowed.is_unknown() || allowed.known() == Some(name))
    };
    let names = environment.known().into_iter().flat_map(BTreeMap::keys);
    let names = names.filter(|name| !is_allowed(name));
    let found = names.filter_map(|name| {
        let word = secret_word(name)?;
        let detail = format!(
            "The name contains {word}, but every principal with the ecs:DescribeTaskDefinition permission can read the \
             values in `environment`, including the values in old revisions. Store the value in Secrets Manager, and \
             set the ARN of the secret in `secrets`. If the value is not a secret, add {name:?} to \
             allow_plaintext_environment."
        );
        Some(refuse("Secret in plain text", &detail, path(name)))
    });
    found.collect()
}

/// Rejects secret references that no task can resolve.
pub(super) fn invalid_secrets<P>(
    secrets: &PlannedTexts,
    path: impl Fn(&str) -> P,
) -> Vec<Diagnostic>
where
    P: Into<AttributePath>,
{
    let known = secrets.known().into_iter().flatten();
    let known = known.filter_map(|(name, reference)| Some((name, reference.known()?)));
    let wrong = known.filter_map(|(name, reference)| {
        let error = secret_reference::check(reference).err()?;
        let detail = format!("The reference to the secret {error}. {}", error.remedy());
        Some(refuse("Invalid secret reference", &detail, path(name)))
    });
    wrong.collect()
}
