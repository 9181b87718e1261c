//! The image a container runs: a repository and either a tag or a digest. No registry is asked anything.

/// Why there is no image to run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// Neither a tag nor a digest is given, so ECS would silently run `latest`.
    #[error("the image has neither a tag nor a digest")]
    Unversioned,
    /// Both are given.
    #[error("the image has both a tag and a digest")]
    Ambiguous,
    /// The repository already carries a tag or a digest.
    #[error("the repository {repository:?} carries {found:?} itself")]
    VersionInRepository {
        /// What was given.
        repository: String,
        /// The tag or digest in it, with its separator.
        found: String,
    },
    /// The repository is not one.
    #[error("{repository:?} is not a repository")]
    Repository {
        /// What was given.
        repository: String,
    },
    /// The tag is not one.
    #[error("{tag:?} is not a tag")]
    Tag {
        /// What was given.
        tag: String,
    },
    /// The digest is not one.
    #[error("{digest:?} is not a digest")]
    Digest {
        /// What was given.
        digest: String,
    },
}

impl ImageError {
    /// What the user can do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Unversioned => {
                "Set `tag`, or better `digest`, which always means the same image."
            }
            Self::Ambiguous => "Keep `digest`, which decides alone, or keep `tag`; not both.",
            Self::VersionInRepository { .. } => {
                "Move it out of `repository_url` into `tag` or `digest`."
            }
            Self::Repository { .. } => {
                "Write it as the registry does, such as \
                 123456789012.dkr.ecr.eu-central-1.amazonaws.com/skreg-api, without https://."
            }
            Self::Tag { .. } => "A tag has up to 128 letters, digits, `_`, `.` and `-`.",
            Self::Digest { .. } => "A digest is sha256: and 64 hexadecimal digits.",
        }
    }
}

/// The reference ECS pulls, such as `host/repository:tag` or `host/repository@sha256:…`.
///
/// # Errors
/// [`ImageError`] unless exactly one of tag and digest is given and all parts are well formed.
pub fn reference(
    repository: &str,
    tag: Option<&str>,
    digest: Option<&str>,
) -> Result<String, ImageError> {
    check_repository(repository)?;
    match (tag, digest) {
        (None, None) => Err(ImageError::Unversioned),
        (Some(_), Some(_)) => Err(ImageError::Ambiguous),
        (Some(tag), None) if is_tag(tag) => Ok(format!("{repository}:{tag}")),
        (Some(tag), None) => Err(ImageError::Tag {
            tag: tag.to_owned(),
        }),
        (None, Some(digest)) if is_digest(digest) => Ok(format!("{repository}@{digest}")),
        (None, Some(digest)) => Err(ImageError::Digest {
            digest: digest.to_owned(),
        }),
    }
}

/// Takes a reference apart again: repository, tag, digest. A reference with both keeps the digest only.
#[must_use]
pub fn parse(reference: &str) -> (String, Option<String>, Option<String>) {
    if let Some((repository, digest)) = reference.split_once('@') {
        let (repository, _) = split_tag(repository);
        return (repository.to_owned(), None, Some(digest.to_owned()));
    }
    let (repository, tag) = split_tag(reference);
    (repository.to_owned(), tag.map(str::to_owned), None)
}

/// A colon before the last slash belongs to the port of the registry.
fn split_tag(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (text, None),
    }
}

fn check_repository(repository: &str) -> Result<(), ImageError> {
    let carries = |found: &str| ImageError::VersionInRepository {
        repository: repository.to_owned(),
        found: found.to_owned(),
    };
    if let Some(at) = repository.find('@') {
        return Err(carries(&repository[at..]));
    }
    if let (_, Some(tag)) = split_tag(repository)
        && !repository.contains("://")
    {
        return Err(carries(&format!(":{tag}")));
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

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn a_reference_has_exactly_one_version_and_comes_apart_again() {
        let with_port = "registry.local:5000/team/api";
        assert_eq!(reference("a/b", Some("v1"), None).as_deref(), Ok("a/b:v1"));
        assert_eq!(
            reference(with_port, None, Some(DIGEST)),
            Ok(format!("{with_port}@{DIGEST}"))
        );
        assert_eq!(reference("a/b", None, None), Err(ImageError::Unversioned));
        assert_eq!(
            reference("a/b", Some("v1"), Some(DIGEST)),
            Err(ImageError::Ambiguous)
        );
        assert_eq!(
            parse(&format!("{with_port}:v1")),
            (with_port.into(), Some("v1".into()), None)
        );
        assert_eq!(
            parse(&format!("a/b:v1@{DIGEST}")),
            ("a/b".into(), None, Some(DIGEST.into()))
        );
        assert_eq!(parse(with_port), (with_port.into(), None, None));
    }

    #[test]
    fn malformed_parts_are_refused_with_a_remedy() {
        for (repository, tag, digest, remedy) in [
            ("a/b:v1", Some("v1"), None, "Move it out"),
            ("a/b@sha256:00", Some("v1"), None, "Move it out"),
            ("https://a/b", Some("v1"), None, "without https"),
            ("", Some("v1"), None, "as the registry does"),
            ("a//b", Some("v1"), None, "as the registry does"),
            ("a/b", Some("-x"), None, "A tag has"),
            ("a/b", Some(""), None, "A tag has"),
            ("a/b", None, Some("sha256:abc"), "64 hexadecimal"),
        ] {
            let error = reference(repository, tag, digest).expect_err(repository);
            assert!(
                error.remedy().contains(remedy),
                "{repository:?} {tag:?}: {error}"
            );
        }
    }
}
