//! Retry configuration. Order of precedence: the provider block, environment variables (`AWS_MAX_ATTEMPTS` and
//! `AWS_RETRY_MODE`), the profile (`max_attempts` and `retry_mode`), and the defaults.
//!
//! The defaults match `hashicorp/aws`: 25 attempts with exponential backoff. Three limits bound the total time:
//! [`OPERATION_TIME`] for one call with all its retries, the deadline of the operation that makes the call, and a token
//! bucket for each service ([`budget`]). The token bucket allows a burst of retries but not an endless stream.
//!
//! This module has no side effects. The caller passes all values.

use std::time::Duration;

use aws_config::retry::{RetryConfig, RetryMode};
use aws_config::timeout::TimeoutConfig;
use aws_sdk_ecs::config::retry::{RetryPartition, TokenBucket};

use super::config::AwsSettings;
use super::connect_error::ConnectError;

/// Default maximum number of attempts for a call, including the first attempt.
pub const DEFAULT_ATTEMPTS: u32 = 25;
/// Maximum number of attempts to fetch credentials. A source that does not respond must not delay the subsequent
/// sources.
const CREDENTIAL_ATTEMPTS: u32 = 3;

/// Time limit for one attempt of a call.
const ATTEMPT_TIME: Duration = Duration::from_secs(60);
/// Time limit for one call with all its retries.
const OPERATION_TIME: Duration = Duration::from_secs(300);

/// Capacity of the token bucket. A retry costs 5 tokens. A retry after a timeout costs 10 tokens.
const BUDGET: usize = 1000;
/// Tokens added every second, enough for two retries. Ten parallel operations with the longest pauses make one retry
/// per second.
const BUDGET_PER_SECOND: f32 = 10.0;

/// Looks up a setting by name in one source.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Returns the retry configuration for all calls: the number of attempts and the retry mode.
///
/// # Errors
/// Returns an error if a value is invalid. The error includes the source and the allowed values.
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
        allowed: "an integer greater than or equal to 1",
    })
}

/// Parses the retry mode. `legacy` was the default in older SDKs. Current SDKs treat `legacy` as `standard`.
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

/// Returns the retry configuration for credential requests.
pub(super) fn for_credentials(config: &RetryConfig) -> RetryConfig {
    RetryConfig::standard().with_max_attempts(config.max_attempts().min(CREDENTIAL_ATTEMPTS))
}

/// Returns the time limits for every call.
pub(super) fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(ATTEMPT_TIME)
        .operation_timeout(OPERATION_TIME)
        .build()
}

/// Returns the token bucket for one service.
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
    fn first_source_with_a_value_takes_precedence() {
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
    fn errors_for_invalid_values_name_their_source() {
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
