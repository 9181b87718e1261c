//! What to do about values that cannot be used.

use crate::ecs::image::ImageError;
use crate::ecs::sdk::overrides::OverridesError;
use crate::ecs::service::PercentError;

/// What a user can do about an error.
pub trait Remedy {
    /// Returns the remedy as sentences.
    fn remedy(&self) -> String;
}

impl Remedy for ImageError {
    fn remedy(&self) -> String {
        let text = match self {
            Self::Unversioned => {
                "Set `tag`, or better `digest`, which always means the same image."
            }
            Self::VersionInRepository { .. } => {
                "Move it out of `repository_url` into `tag` or `digest`."
            }
            Self::Repository { .. } => {
                "Write it as the registry does, such as \
                 123456789012.dkr.ecr.eu-central-1.amazonaws.com/skreg-api, without https://."
            }
            Self::Tag { .. } => "A tag has up to 128 letters, digits, `_`, `.` and `-`.",
            Self::Digest { .. } => "A digest is sha256: and 64 hexadecimal digits.",
        };
        text.to_owned()
    }
}

impl Remedy for OverridesError {
    fn remedy(&self) -> String {
        match self {
            Self::Syntax { .. } | Self::NotAnObject => {
                "Write it with jsonencode({ … }), such as jsonencode({ readonlyRootFilesystem = true }).".to_owned()
            }
            Self::Modelled { field } => format!("Specify it with {} instead.", attribute_of(field)),
            Self::Log => {
                "Specify it with `log` instead: logConfiguration is for other log drivers, and for options that `log` does not support."
                    .to_owned()
            }
            Self::UnknownField { .. } => {
                "Write the fields as ContainerDefinition of the ECS API spells them, such as readonlyRootFilesystem."
                    .to_owned()
            }
            Self::Type { .. } => {
                "Compare the value with ContainerDefinition of the ECS API.".to_owned()
            }
        }
    }
}

/// Returns the attribute that a field of a container definition stands for.
fn attribute_of(field: &str) -> String {
    match field {
        "name" => "the key in `services` or `sidecars`".to_owned(),
        "entryPoint" => "`entry_point`".to_owned(),
        "portMappings" => "`port`".to_owned(),
        "healthCheck" => "`health_check`".to_owned(),
        "stopTimeout" => "`stop_timeout`".to_owned(),
        other => format!("`{other}`"),
    }
}

/// Returns what to do about percentages with which no task can be replaced, for this desired count, where that is known.
#[must_use]
pub fn percentages(error: PercentError, count: Option<u32>) -> String {
    match error.limits(count) {
        Some((most, least)) => format!(
            "Set minimum_healthy_percent to at most {most}, or maximum_percent to at least {least}."
        ),
        None => "Lower minimum_healthy_percent or raise maximum_percent.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecs::service::check_percentages;

    #[test]
    fn the_remedy_names_percentages_with_which_a_task_can_be_replaced() {
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
            assert!(percentages(error, count).starts_with("Lower minimum_healthy_percent"));
        }
    }
}
