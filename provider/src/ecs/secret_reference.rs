//! What a container's secret refers to (`valueFrom`): a secret or a part of it, or a parameter. Must not query AWS.
//!
//! ECS accepts any text when a task definition is registered, and only the start of a task fails. Source: Amazon ECS
//! Developer Guide, "Pass Secrets Manager secrets through Amazon ECS environment variables":
//! `arn:…:secret:<name>[:<json-key>:<version-stage>:<version-id>]`, with all three colons if there is one, and not a
//! stage and an id at once.

use crate::aws::arn::Arn;

/// Why a task could not resolve a reference to a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretReferenceError {
    /// The part after the ARN is neither empty nor has three colons.
    #[error(
        "ends in `{suffix}`, but after the ARN come either nothing or JSON key, version stage and version ID, each after a colon"
    )]
    Suffix {
        /// What follows the ARN, with its colon.
        suffix: String,
        /// The reference that is meant.
        meant: String,
    },
    /// A version stage and a version ID.
    #[error(
        "names the version stage {stage:?} and the version ID {id:?}, of which ECS accepts one"
    )]
    TwoVersions {
        /// The stage.
        stage: String,
        /// The ID.
        id: String,
        /// The reference with the ID alone.
        meant: String,
    },
}

impl SecretReferenceError {
    /// What the user can do about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Suffix { meant, .. } => format!("Write {meant}."),
            Self::TwoVersions { meant, .. } => {
                format!("Leave the stage out, which gives {meant}, or leave the ID out.")
            }
        }
    }
}

/// Checks the form of a reference to a secret. References to parameters have one form only and pass.
///
/// # Errors
/// [`SecretReferenceError`] with the form that is meant.
pub fn check(reference: &str) -> Result<(), SecretReferenceError> {
    let secret = Arn::parse(reference).filter(|arn| arn.is_of("secretsmanager", "secret:"));
    let Some(secret) = secret else {
        return Ok(());
    };
    // `secret`, the name, and what follows the ARN.
    let mut parts: Vec<&str> = secret.resource.split(':').collect();
    let suffix = parts.split_off(2);
    let resource = parts.join(":");
    let arn = Arn {
        resource,
        ..secret.clone()
    };
    match suffix[..] {
        [] | [_, "", _] | [_, _, ""] => Ok(()),
        [json_key, stage, id] => Err(SecretReferenceError::TwoVersions {
            stage: stage.to_owned(),
            id: id.to_owned(),
            meant: format!("{arn}:{json_key}::{id}"),
        }),
        [json_key, ..] => {
            let version = suffix.get(1).copied().unwrap_or_default();
            Err(SecretReferenceError::Suffix {
                suffix: format!(":{}", suffix.join(":")),
                meant: format!("{arn}:{json_key}:{version}:"),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/db-AbCdEf";

    #[test]
    fn every_documented_form_is_accepted() {
        let id = "9d4cb84b-ad69-40c0-a0ab-cead3EXAMPLE";
        for suffix in [
            "",
            ":password::",
            ":password:AWSPREVIOUS:",
            &format!(":password::{id}"),
            &format!(":::{id}"),
            "::AWSPREVIOUS:",
            ":::",
        ] {
            assert_eq!(check(&format!("{ARN}{suffix}")), Ok(()), "{suffix}");
        }
        for parameter in [
            "arn:aws:ssm:eu-central-1:123456789012:parameter/shop/db",
            "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/db:3",
            "arn:aws:ssm:eu-central-1:123456789012:secret:db:3",
            "arn:aws:secretsmanager:eu-central-1:123456789012:other:db:3",
            "/shop/db",
            "db",
        ] {
            assert_eq!(check(parameter), Ok(()), "{parameter}");
        }
    }

    #[test]
    fn another_form_is_refused_with_the_one_that_is_meant() {
        for (suffix, meant) in [
            (":password", ":password::"),
            (":password:", ":password::"),
            (":password:AWSPREVIOUS", ":password:AWSPREVIOUS:"),
            (":", ":::"),
            (":password:::", ":password::"),
            (":password::id:more", ":password::"),
        ] {
            let error = check(&format!("{ARN}{suffix}")).expect_err(suffix);
            let expected = SecretReferenceError::Suffix {
                suffix: suffix.to_owned(),
                meant: format!("{ARN}{meant}"),
            };
            assert_eq!(error, expected);
            assert_eq!(error.remedy(), format!("Write {ARN}{meant}."));
        }
        let error = check(&format!("{ARN}:key:AWSCURRENT:id")).expect_err("two versions");
        assert!(error.to_string().contains("\"AWSCURRENT\""), "{error}");
        assert!(
            error.remedy().contains(&format!("{ARN}:key::id,")),
            "{}",
            error.remedy()
        );
    }
}
