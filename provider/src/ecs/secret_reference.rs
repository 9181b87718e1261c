//! Reference to the value of a container secret (`valueFrom`): a secret, a part of a secret, or a parameter. This
//! module must not query AWS.
//!
//! ECS accepts any string when a task definition is registered. An invalid reference fails only when a task starts.
//! Format: `arn:…:secret:<name>[:<json-key>:<version-stage>:<version-id>]`. The suffix has either all three colons or
//! none. It can contain a version stage or a version ID, but not both. Source: Amazon ECS Developer Guide, "Pass
//! Secrets Manager secrets through Amazon ECS environment variables".

use crate::aws::arn::Arn;

/// Reason why a task cannot resolve a reference to a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretReferenceError {
    /// The part after the ARN is not empty and does not have three colons.
    #[error(
        "ends in `{suffix}`, but must end after the ARN or continue with `:<json-key>:<version-stage>:<version-id>`"
    )]
    Suffix {
        /// Characters after the ARN, including the colon.
        suffix: String,
        /// Corrected reference.
        meant: String,
    },
    /// The reference contains both a version stage and a version ID.
    #[error(
        "specifies the version stage {stage:?} and the version ID {id:?}, but ECS accepts only one of them"
    )]
    TwoVersions {
        /// Version stage.
        stage: String,
        /// Version ID.
        id: String,
        /// Reference with only the version ID.
        meant: String,
    },
}

impl SecretReferenceError {
    /// Returns the remedy.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Suffix { meant, .. } => format!("Use {meant}."),
            Self::TwoVersions { meant, .. } => {
                format!("Omit the version stage, as in {meant}, or omit the version ID.")
            }
        }
    }
}

/// Checks the format of a reference to a secret. References to parameters are always accepted, because they have only
/// one format.
///
/// # Errors
/// Returns an error if the format is invalid. The error includes the corrected reference.
pub fn check(reference: &str) -> Result<(), SecretReferenceError> {
    let secret = Arn::parse(reference).filter(|arn| arn.is_of("secretsmanager", "secret:"));
    let Some(secret) = secret else {
        return Ok(());
    };
    // The parts are `secret`, the name, and the suffix.
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
    fn documented_formats_are_accepted() {
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
    fn errors_for_other_formats_include_the_corrected_reference() {
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
            assert_eq!(error.remedy(), format!("Use {ARN}{meant}."));
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
