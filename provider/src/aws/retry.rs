//! How often failed calls are repeated: the provider block, then `AWS_MAX_ATTEMPTS` and `AWS_RETRY_MODE`, then
//! `max_attempts` and `retry_mode` of the profile, then the defaults.
//!
//! Defaults are those of `hashicorp/aws`: 25 attempts with exponential back-off. Three limits keep that from lasting
//! forever: [`OPERATION_TIME`] for one call with all its repetitions, the deadline of the operation that makes the call,
//! and a token bucket for each service ([`budget`]), which lets a burst of calls be repeated but not an endless stream.
//!
//! Pure: values are given from outside.

use std::time::Duration;

use aws_config::retry::{RetryConfig, RetryMode};
use aws_config::timeout::TimeoutConfig;
use aws_sdk_ecs::config::retry::{RetryPartition, TokenBucket};

use super::config::AwsSettings;
use super::connect_error::ConnectError;

/// How often a call is made at most, the first attempt included, where nothing else is configured.
pub const DEFAULT_ATTEMPTS: u32 = 25;
/// How often credentials are requested at most: sources that do not answer must not hold up the ones behind them.
const CREDENTIAL_ATTEMPTS: u32 = 3;

/// How long one attempt of one call may take before it is given up and tried again.
const ATTEMPT_TIME: Duration = Duration::from_secs(60);
/// How long one call may take with all its repetitions.
const OPERATION_TIME: Duration = Duration::from_secs(300);

/// Tokens of a full bucket. A repetition costs 5, after a time-out 10.
const BUDGET: usize = 1000;
/// Tokens that come back every second, enough for two repetitions: ten operations in parallel with the longest pauses
/// make one.
const BUDGET_PER_SECOND: f32 = 10.0;

/// A value of a setting, by the name it has in one source.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Attempts and mode of all calls.
///
/// # Errors
/// [`ConnectError::BadSetting`] names the source and the allowed values.
pub(super) fn retry_config(
    settings: &AwsSettings,
    environment: Lookup<'_>,
    profile: Lookup<'_>,
) -> Result<RetryConfig, ConnectError> {
    let found = |variable: &'static str, key: &'static str| {
        let filled = |text: &String| !text.trim().is_empty();
        let from_environment = environment(variable).filter(filled);
        let from_environment = from_environment.map(|text| (variable.to_owned(), text));
        from_environment.or_else(|| {
            let text = profile(key).filter(filled)?;
            Some((format!("{key} in the profile"), text))
        })
    };
    let attempts = match settings.max_retries {
        Some(retries) => retries.saturating_add(1),
        None => found("AWS_MAX_ATTEMPTS", "max_attempts")
            .map(attempts)
            .transpose()?
            .unwrap_or(DEFAULT_ATTEMPTS),
    };
    let mode = match &settings.retry_mode {
        Some(mode) => Some(("retry_mode".to_owned(), mode.clone())),
        None => found("AWS_RETRY_MODE", "retry_mode"),
    };
    let mode = mode
        .map(mode_of)
        .transpose()?
        .unwrap_or(RetryMode::Standard);
    Ok(RetryConfig::standard()
        .with_max_attempts(attempts)
        .with_retry_mode(mode))
}

fn attempts((source, text): (String, String)) -> Result<u32, ConnectError> {
    let number = text.trim().parse().ok().filter(|attempts| *attempts > 0);
    number.ok_or(ConnectError::BadSetting {
        source_name: source,
        value: text,
        allowed: "a whole number from 1 on",
    })
}

/// `legacy` is the name of the default of older SDKs, which current SDKs without that mode read as `standard`.
fn mode_of((source, text): (String, String)) -> Result<RetryMode, ConnectError> {
    match text.trim().to_ascii_lowercase().as_str() {
        "standard" | "legacy" => Ok(RetryMode::Standard),
        "adaptive" => Ok(RetryMode::Adaptive),
        _ => Err(ConnectError::BadSetting {
            source_name: source,
            value: text,
            allowed: "standard or adaptive",
        }),
    }
}

/// The same for requests for credentials.
pub(super) fn for_credentials(config: &RetryConfig) -> RetryConfig {
    RetryConfig::standard().with_max_attempts(config.max_attempts().min(CREDENTIAL_ATTEMPTS))
}

/// Time limits of every call.
pub(super) fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(ATTEMPT_TIME)
        .operation_timeout(OPERATION_TIME)
        .build()
}

/// The token bucket of one service.
pub(super) fn budget(service: &'static str) -> RetryPartition {
    let bucket = TokenBucket::builder()
        .capacity(BUDGET)
        .refill_rate(BUDGET_PER_SECOND);
    RetryPartition::custom(service)
        .token_bucket(bucket.build())
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(max_retries: Option<u32>, retry_mode: Option<&str>) -> AwsSettings {
        AwsSettings {
            max_retries,
            retry_mode: retry_mode.map(str::to_owned),
            ..AwsSettings::default()
        }
    }

    fn resolved(
        settings: &AwsSettings,
        environment: &[(&str, &str)],
        profile: &[(&str, &str)],
    ) -> Result<(u32, RetryMode), String> {
        fn within(pairs: &[(&str, &str)], key: &str) -> Option<String> {
            let found = pairs.iter().find(|(name, _)| *name == key);
            found.map(|(_, value)| (*value).to_owned())
        }
        retry_config(settings, &|key| within(environment, key), &|key| {
            within(profile, key)
        })
        .map(|config| (config.max_attempts(), config.mode()))
        .map_err(|error| format!("{error}. {}", error.remedy()))
    }

    #[test]
    fn the_first_source_that_names_a_value_decides() {
        use RetryMode::{Adaptive, Standard};
        type Pairs = &'static [(&'static str, &'static str)];
        let environment: Pairs = &[("AWS_MAX_ATTEMPTS", "7"), ("AWS_RETRY_MODE", "adaptive")];
        let profile: Pairs = &[("max_attempts", "9"), ("retry_mode", "standard")];
        let block = settings(Some(3), Some("standard"));
        let none = settings(None, None);
        let cases: [(&AwsSettings, Pairs, Pairs, (u32, RetryMode)); 6] = [
            (&none, &[], &[], (25, Standard)),
            (&none, &[], profile, (9, Standard)),
            (&none, environment, profile, (7, Adaptive)),
            (&block, environment, profile, (4, Standard)),
            (
                &none,
                &[("AWS_RETRY_MODE", "legacy"), ("AWS_MAX_ATTEMPTS", "")],
                &[],
                (25, Standard),
            ),
            (&settings(Some(0), None), environment, &[], (1, Adaptive)),
        ];
        for (settings, environment, profile, expected) in cases {
            let found = resolved(settings, environment, profile);
            assert_eq!(found, Ok(expected), "{environment:?} {profile:?}");
        }
    }

    #[test]
    fn values_that_cannot_be_are_refused_by_the_name_of_their_source() {
        let none = settings(None, None);
        for (name, value) in [
            ("AWS_MAX_ATTEMPTS", "0"),
            ("AWS_MAX_ATTEMPTS", "many"),
            ("AWS_RETRY_MODE", "wild"),
        ] {
            let refused = resolved(&none, &[(name, value)], &[]).unwrap_err();
            assert!(
                refused.contains(name) && refused.contains(value),
                "{refused}"
            );
        }
        let refused = resolved(&none, &[], &[("max_attempts", "-1")]).unwrap_err();
        assert!(refused.contains("max_attempts in the profile"), "{refused}");
    }
}
