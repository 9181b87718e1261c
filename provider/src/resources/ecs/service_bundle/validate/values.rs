//! Checks of single values that the bundle, its services and their containers share: images, environment, secrets.
//!
//! Pure. Everything may be unknown here, and unknown values pass.

use std::collections::BTreeMap;

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Planned};

use super::super::diagnostics::Remedy;
use super::super::model::{ImagePaths, ImagePlan, ServiceBundlePlan};
use crate::ecs::environment::secret_word;
use crate::ecs::image;
use crate::ecs::secret_reference;

pub(super) type PlannedTexts = Planned<BTreeMap<String, Planned<String>>>;

/// An error at a path. The path is said in words too: a command line shows only the argument that holds it.
pub(super) fn refuse(summary: &str, detail: &str, path: impl Into<AttributePath>) -> Diagnostic {
    let path = path.into();
    Diagnostic::error(summary, format!("`{path}`: {detail}")).at(path)
}

/// What an image must say.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Versions {
    /// A tag, a digest, or both.
    Required,
    /// None is needed: another process deploys the image.
    Optional,
}

pub(super) fn illegal_image(
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
    let detail = format!("It cannot be used: {error}. {}", error.remedy());
    Some(refuse("Illegal image", &detail, path))
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
    // What is not known yet may be the permission.
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
            "The name contains {word}, but every principal with ecs:DescribeTaskDefinition can read the values in \
             `environment`, including those of old revisions. Store the value in Secrets Manager and set its ARN in \
             `secrets`. If the value is not a secret, add {name:?} to allow_plaintext_environment."
        );
        Some(refuse("Secret in plain text", &detail, path(name)))
    });
    found.collect()
}

/// References to secrets that every task would fail to resolve.
pub(super) fn illegal_secrets<P>(
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
        Some(refuse("Secret reference is not valid", &detail, path(name)))
    });
    wrong.collect()
}
