//! Container image reference: a repository with a tag, a digest, or both. If both are present, the digest takes
//! precedence. This module must not query a registry.

/// Reason why an image reference is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// Neither a tag nor a digest is specified, so ECS would silently run `latest`.
    #[error("the image has neither a tag nor a digest")]
    Unversioned,
    /// The repository contains a tag or a digest.
    #[error("the repository {repository:?} already contains {found:?}")]
    VersionInRepository {
        /// Configured value.
        repository: String,
        /// Tag or digest in the value, including its separator.
        found: String,
    },
    /// The repository is not valid.
    #[error("{repository:?} is not a valid repository")]
    Repository {
        /// Configured value.
        repository: String,
    },
    /// The tag is not valid.
    #[error("{tag:?} is not a valid tag")]
    Tag {
        /// Configured value.
        tag: String,
    },
    /// The digest is not valid.
    #[error("{digest:?} is not a valid digest")]
    Digest {
        /// Configured value.
        digest: String,
    },
}

/// Returns the reference that ECS pulls: `host/repository:tag`, `host/repository@sha256:…`, or
/// `host/repository:tag@sha256:…`.
///
/// # Errors
/// Returns an error if neither a tag nor a digest is specified, or if a part is malformed.
pub fn reference(
    repository: &str,
    tag: Option<&str>,
    digest: Option<&str>,
) -> Result<String, ImageError> {
    check_repository(repository)?;
    if let Some(tag) = tag.filter(|tag| !is_tag(tag)) {
        let tag = tag.to_owned();
        return Err(ImageError::Tag { tag });
    }
    if let Some(digest) = digest.filter(|digest| !is_digest(digest)) {
        let digest = digest.to_owned();
        return Err(ImageError::Digest { digest });
    }
    match (tag, digest) {
        (None, None) => Err(ImageError::Unversioned),
        (Some(tag), None) => Ok(format!("{repository}:{tag}")),
        (None, Some(digest)) => Ok(format!("{repository}@{digest}")),
        (Some(tag), Some(digest)) => Ok(format!("{repository}:{tag}@{digest}")),
    }
}

/// Splits a reference into repository, tag, and digest.
#[must_use]
pub fn parse(reference: &str) -> (String, Option<String>, Option<String>) {
    let (rest, digest) = match reference.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (reference, None),
    };
    let (repository, tag) = split_tag(rest);
    let owned = |text: Option<&str>| text.map(str::to_owned);
    (repository.to_owned(), owned(tag), owned(digest))
}

/// Returns whether two references identify the same image. They do if the repositories and the digests are equal,
/// regardless of the tags, or if the references are identical. A registry resolves a reference with a digest by the
/// digest alone. Source: OCI distribution specification, "Pulling manifests".
#[must_use]
pub fn are_the_same(one: &str, other: &str) -> bool {
    let pinned = |reference: &str| match parse(reference) {
        (repository, _, Some(digest)) => Some((repository, digest)),
        (_, _, None) => None,
    };
    one == other || pinned(one).is_some_and(|image| pinned(other) == Some(image))
}

/// Splits a tag from a reference. A colon before the last slash belongs to the registry port.
fn split_tag(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (text, None),
    }
}

fn check_repository(repository: &str) -> Result<(), ImageError> {
    let version_in = |found: &str| ImageError::VersionInRepository {
        repository: repository.to_owned(),
        found: found.to_owned(),
    };
    if let Some(at) = repository.find('@') {
        return Err(version_in(&repository[at..]));
    }
    if let (_, Some(tag)) = split_tag(repository)
        && !repository.contains("://")
    {
        return Err(version_in(&format!(":{tag}")));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-/:".contains(c);
    let parts = repository.split('/').all(|part| !part.is_empty());
    if parts && !repository.contains("://") && repository.chars().all(allowed) {
        Ok(())
    } else {
        Err(ImageError::Repository {
            repository: repository.to_owned(),
        })
    }
}

fn is_tag(tag: &str) -> bool {
    let first = tag
        .chars()
        .next()
        .is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    first
        && tag.len() <= 128
        && tag
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

fn is_digest(digest: &str) -> bool {
    digest.strip_prefix("sha256:").is_some_and(|hex| {
        hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::ecs::service_bundle::diagnostics::Remedy;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn reference_round_trips_through_its_parts() {
        let with_port = "registry.local:5000/team/api";
        let versions = [
            (Some("v1"), None),
            (None, Some(DIGEST)),
            (Some("v1"), Some(DIGEST)),
        ];
        for repository in ["a/b", with_port] {
            for (tag, digest) in versions {
                let built = reference(repository, tag, digest).expect("valid reference");
                let owned = |text: Option<&str>| text.map(str::to_owned);
                let parts = (repository.to_owned(), owned(tag), owned(digest));
                assert_eq!(parse(&built), parts, "{built}");
            }
        }
        assert_eq!(reference("a/b", Some("v1"), None).as_deref(), Ok("a/b:v1"));
        assert_eq!(
            reference("a/b", None, Some(DIGEST)),
            Ok(format!("a/b@{DIGEST}"))
        );
        assert_eq!(
            reference("a/b", Some("v1"), Some(DIGEST)),
            Ok(format!("a/b:v1@{DIGEST}"))
        );
        assert_eq!(reference("a/b", None, None), Err(ImageError::Unversioned));
        assert_eq!(parse(with_port), (with_port.into(), None, None));
    }

    #[test]
    fn digest_takes_precedence_over_the_tag() {
        let other = DIGEST.replace("e3b0", "0000");
        let same = |one: &str, other: &str| {
            assert_eq!(are_the_same(one, other), are_the_same(other, one));
            are_the_same(one, other)
        };
        let pinned = format!("a/b@{DIGEST}");
        assert!(same(&pinned, &format!("a/b:v1@{DIGEST}")));
        assert!(same(
            &format!("a/b:v2@{DIGEST}"),
            &format!("a/b:v1@{DIGEST}")
        ));
        assert!(same("a/b:v1", "a/b:v1"));
        assert!(!same("a/b:v1", "a/b:v2"));
        assert!(!same(&pinned, "a/b:v1"));
        assert!(!same(&pinned, &format!("a/c@{DIGEST}")));
        assert!(!same(&pinned, &format!("a/b@{other}")));
        assert!(!same("a/b:v1", "a/b"));
    }

    #[test]
    fn errors_for_malformed_parts_include_a_remedy() {
        for (repository, tag, digest, remedy) in [
            ("a/b:v1", Some("v1"), None, "Move it from"),
            ("a/b@sha256:00", Some("v1"), None, "Move it from"),
            ("https://a/b", Some("v1"), None, "without https"),
            ("", Some("v1"), None, "as the registry displays it"),
            ("a//b", Some("v1"), None, "as the registry displays it"),
            ("a/b", Some("-x"), None, "A tag consists"),
            ("a/b", Some(""), None, "A tag consists"),
            ("a/b", None, Some("sha256:abc"), "64 hexadecimal"),
            ("a/b", Some("v1"), Some("sha256:abc"), "64 hexadecimal"),
            ("a/b", Some("-x"), Some(DIGEST), "A tag consists"),
        ] {
            let error = reference(repository, tag, digest).expect_err(repository);
            assert!(
                error.remedy().contains(remedy),
                "{repository:?} {tag:?}: {error}"
            );
        }
    }
}
