//! Credentials for an assumed role, requested through the STS client of this crate. The SDK credential providers
//! support neither an inline web identity token nor an STS endpoint from the provider block.
//!
//! This module must not keep a token for longer than one call and must not write it anywhere.

use std::future::Future;
use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};
use zeroize::Zeroizing;

use super::config::{AssumeRole, AssumeRoleWithWebIdentity, WebIdentityToken};

/// Default session name for an assumed role.
const SESSION_NAME: &str = "terraform-provider-skreg";

/// Assumes a role with the base credentials (`sts:AssumeRole`).
#[derive(Clone)]
pub(super) struct RoleCredentials {
    sts: aws_sdk_sts::Client,
    role: AssumeRole,
}

impl RoleCredentials {
    pub(super) fn new(sts: aws_sdk_sts::Client, role: AssumeRole) -> Self {
        Self { sts, role }
    }

    async fn assume(&self) -> Result<Credentials, CredentialsError> {
        let role = &self.role;
        let tags = role
            .tags
            .iter()
            .map(|(key, value)| Tag::builder().key(key).value(value).build());
        let tags: Result<Vec<Tag>, _> = tags.collect();
        let answer = self
            .sts
            .assume_role()
            .role_arn(&role.role_arn)
            .role_session_name(role.session_name.as_deref().unwrap_or(SESSION_NAME))
            .set_external_id(role.external_id.clone())
            .set_duration_seconds(role.duration.map(whole_seconds))
            .set_policy(role.policy.clone())
            .set_policy_arns(policies(&role.policy_arns))
            .set_tags(
                Some(tags.map_err(CredentialsError::invalid_configuration)?)
                    .filter(|tags| !tags.is_empty()),
            )
            .send()
            .await
            .map_err(CredentialsError::provider_error)?;
        issued(answer.credentials, "AssumeRole")
    }
}

impl std::fmt::Debug for RoleCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RoleCredentials")
            .field("role_arn", &self.role.role_arn)
            .finish_non_exhaustive()
    }
}

impl ProvideCredentials for RoleCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(as_send(self.assume()))
    }
}

/// Assumes a role with a web identity token (`sts:AssumeRoleWithWebIdentity`, an unsigned call).
#[derive(Clone)]
pub(super) struct WebIdentityCredentials {
    sts: aws_sdk_sts::Client,
    role: AssumeRoleWithWebIdentity,
}

impl std::fmt::Debug for WebIdentityCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebIdentityCredentials")
            .field("role_arn", &self.role.role_arn)
            .finish_non_exhaustive()
    }
}

impl WebIdentityCredentials {
    pub(super) fn new(sts: aws_sdk_sts::Client, role: AssumeRoleWithWebIdentity) -> Self {
        Self { sts, role }
    }

    fn token(&self) -> Result<Zeroizing<String>, CredentialsError> {
        match &self.role.token {
            WebIdentityToken::Inline(token) => Ok(token.clone()),
            WebIdentityToken::File(path) => {
                let text = std::fs::read_to_string(path)
                    .map(Zeroizing::new)
                    .map_err(|error| {
                        CredentialsError::invalid_configuration(format!(
                            "the web identity token file {} cannot be read: {error}",
                            path.display()
                        ))
                    })?;
                Ok(Zeroizing::new(text.trim().to_owned()))
            }
        }
    }

    async fn assume(&self) -> Result<Credentials, CredentialsError> {
        let role = &self.role;
        let answer = self
            .sts
            .assume_role_with_web_identity()
            .role_arn(&role.role_arn)
            .role_session_name(role.session_name.as_deref().unwrap_or(SESSION_NAME))
            .set_duration_seconds(role.duration.map(whole_seconds))
            .set_policy(role.policy.clone())
            .set_policy_arns(policies(&role.policy_arns))
            .web_identity_token(self.token()?.as_str())
            .send()
            .await
            .map_err(CredentialsError::provider_error)?;
        issued(answer.credentials, "AssumeRoleWithWebIdentity")
    }
}

impl ProvideCredentials for WebIdentityCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(as_send(self.assume()))
    }
}

fn policies(arns: &[String]) -> Option<Vec<PolicyDescriptorType>> {
    let all = arns
        .iter()
        .map(|arn| PolicyDescriptorType::builder().arn(arn).build());
    (!arns.is_empty()).then(|| all.collect())
}

fn issued(
    credentials: Option<aws_sdk_sts::types::Credentials>,
    provider: &'static str,
) -> Result<Credentials, CredentialsError> {
    let issued = credentials
        .ok_or_else(|| CredentialsError::unhandled("the STS response contains no credentials"))?;
    let expires =
        u64::try_from(issued.expiration.secs()).map(|secs| UNIX_EPOCH + Duration::from_secs(secs));
    let (key, secret, token) = (
        issued.access_key_id,
        issued.secret_access_key,
        issued.session_token,
    );
    Ok(Credentials::new(
        key,
        secret,
        Some(token),
        expires.ok(),
        provider,
    ))
}

/// Declares the `Send` bound that the boxed future of the SDK requires. The compiler then reports a violation here.
fn as_send<T>(future: impl Future<Output = T> + Send) -> impl Future<Output = T> + Send {
    future
}

/// Converts a duration to `i32` seconds for the SDK. The configuration limits the duration to 12 hours, so the fallback
/// is never used.
fn whole_seconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_secs()).unwrap_or(i32::MAX)
}
