//! Remedies for invalid values.

use super::attributes::attribute_of;
use crate::ecs::image::ImageError;
use crate::ecs::sdk::overrides::OverridesError;
use crate::ecs::service::PercentError;

/// Error with a remedy.
pub trait Remedy {
    /// Returns the remedy as complete sentences.
    fn remedy(&self) -> String;
}

impl Remedy for ImageError {
    fn remedy(&self) -> String {
        let text = match self {
            Self::Unversioned => {
                "Set `tag` or, preferably, `digest`, which always refers to the same image."
            }
            Self::VersionInRepository { .. } => {
                "Move it from `repository_url` to `tag` or `digest`."
            }
            Self::Repository { .. } => {
                "Specify the repository as the registry displays it, such as \
                 123456789012.dkr.ecr.eu-central-1.amazonaws.com/skreg-api, without https://."
            }
            Self::Tag { .. } => "A tag consists of at most 128 letters, digits, `_`, `.`, and `-`.",
            Self::Digest { .. } => {
                "A digest consists of `sha256:` followed by 64 hexadecimal digits."
            }
        };
        text.to_owned()
    }
}

impl Remedy for OverridesError {
    fn remedy(&self) -> String {
        match self {
            Self::Syntax { .. } | Self::NotAnObject => {
                "Use jsonencode, as in jsonencode({ readonlyRootFilesystem = true }).".to_owned()
            }
            Self::Modelled { field } => format!("Use {} instead.", setting_of(field)),
            Self::Log => {
                "Use `log` instead. Use logConfiguration only for other log drivers and for options that `log` does \
                 not support."
                    .to_owned()
            }
            Self::UnknownField { .. } => {
                "Use the field names of ContainerDefinition in the ECS API, such as readonlyRootFilesystem."
                    .to_owned()
            }
            Self::Type { .. } => {
                "See ContainerDefinition in the ECS API for the type of the field.".to_owned()
            }
        }
    }
}

/// Returns the attribute that sets a field of a container definition.
fn setting_of(field: &str) -> String {
    match field {
        "name" => "the key in `services` or `sidecars`".to_owned(),
        other => format!("`{}`", attribute_of(other)),
    }
}

/// Returns the remedy for percentages that do not allow ECS to replace a task. `count` is the desired count, if it is
/// known.
#[must_use]
pub fn percentages(error: PercentError, count: Option<u32>) -> String {
    match error.limits(count) {
        Some((most, least)) => format!(
            "Set minimum_healthy_percent to at most {most}, or maximum_percent to at least {least}."
        ),
        None => "Decrease minimum_healthy_percent or increase maximum_percent.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecs::service::check_percentages;

    #[test]
    fn remedy_contains_percentages_that_allow_replacement() {
        let error = check_percentages(50, 150, Some(1)).expect_err("stuck");
        assert_eq!(
            percentages(error, Some(1)),
            "Set minimum_healthy_percent to at most 0, or maximum_percent to at least 200."
        );
        assert_eq!(
            percentages(error, Some(3)),
            "Set minimum_healthy_percent to at most 66, or maximum_percent to at least 134."
        );
        for count in 1..=50 {
            let text = percentages(error, Some(count));
            let numbers: Vec<u32> = text
                .split(|c: char| !c.is_ascii_digit())
                .filter_map(|number| number.parse().ok())
                .collect();
            let [most, least] = numbers[..] else {
                panic!("{text}")
            };
            assert!(check_percentages(most, 100, Some(count)).is_ok(), "{text}");
            assert!(
                check_percentages(most + 1, 100, Some(count)).is_err(),
                "{text}"
            );
            assert!(check_percentages(100, least, Some(count)).is_ok(), "{text}");
            assert!(
                check_percentages(100, least - 1, Some(count)).is_err(),
                "{text}"
            );
        }
        for count in [None, Some(0)] {
            assert!(percentages(error, count).starts_with("Decrease minimum_healthy_percent"));
        }
    }
}
