//! Classification of AWS errors. This module reads error codes and messages from the SDK error types.
//!
//! The SDK error is not kept as a source, because its `Debug` output contains raw responses, which can include secrets.

use std::any::Any;
use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};

use super::endpoint::PlaintextEndpoint;

/// A failed AWS call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{action}: {}{message}", code.as_ref().map(|code| format!("{code}: ")).unwrap_or_default())]
pub struct AwsError {
    /// IAM action of the call, such as `ecs:CreateService`.
    pub action: &'static str,
    /// Kind of failure.
    pub kind: AwsErrorKind,
    /// Error code from the service, such as `ClusterNotFoundException`.
    pub code: Option<String>,
    /// Error message from the service or the network.
    pub message: String,
}

/// Kinds of failures, which are independent of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AwsErrorKind {
    /// The SDK found no credentials.
    NoCredentials,
    /// Credentials were found but are unusable, such as a malformed profile or an unreadable token file.
    BadCredentials,
    /// STS rejected the request to assume the configured role.
    RoleRefused,
    /// The temporary credentials have expired.
    ExpiredToken,
    /// The access key does not exist, or the secret key does not match it.
    UnknownKey,
    /// The request was signed for a region that does not match the endpoint.
    WrongRegion,
    /// The clock of this machine differs too much from the AWS clock.
    ClockSkew,
    /// An IAM policy does not allow the call.
    AccessDenied,
    /// The endpoint could not be reached.
    Unreachable,
    /// No response arrived in time. The call may have taken effect.
    TimedOut,
    /// AWS throttled the call, including all retries.
    Throttled,
    /// The server returned an error (HTTP status 5xx), or the response is incomplete. The call may have taken effect.
    Unavailable,
    /// The body of a response does not have the checksum that the service stored.
    Corrupt,
    /// The request was not sent because it would send unencrypted key material to another machine.
    Plaintext,
    /// The response does not conform to the service protocol.
    NotAws,
    /// The endpoint does not support the action. Emulators and old endpoints return this error.
    UnknownAction,
    /// A service-specific error, identified by its code.
    Service,
}

impl AwsError {
    /// Converts the SDK error from one call.
    pub fn new<E, R>(action: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
        R: std::fmt::Debug + 'static,
    {
        if let Some(refused) = role_refusal(error) {
            return refused.about(action);
        }
        if let Some(refused) = plaintext(error) {
            return Self::local(action, AwsErrorKind::Plaintext, refused);
        }
        match error {
            SdkError::ServiceError(context) => {
                let own = Self::of_service(action, context.err().meta());
                match own.kind {
                    AwsErrorKind::Service if is_server_fault(context.raw()) => Self {
                        kind: AwsErrorKind::Unavailable,
                        ..own
                    },
                    _ => own,
                }
            }
            SdkError::TimeoutError(_) => {
                Self::local(action, AwsErrorKind::TimedOut, root_cause(error))
            }
            SdkError::ResponseError(context)
                if is_server_fault(context.raw()) || broke_off(error) =>
            {
                Self::local(action, AwsErrorKind::Unavailable, root_cause(error))
            }
            SdkError::ResponseError(_) => {
                Self::local(action, AwsErrorKind::NotAws, root_cause(error))
            }
            _ => Self::local(action, dispatch_kind(error), root_cause(error)),
        }
    }

    /// Creates a service error from its code and message.
    #[must_use]
    pub fn service(action: &'static str, code: &str, message: &str) -> Self {
        Self {
            action,
            kind: service_kind(code, message),
            code: Some(code.to_owned()),
            message: message.to_owned(),
        }
    }

    /// Creates the error for a response without a required field.
    #[must_use]
    pub fn incomplete(action: &'static str) -> Self {
        Self::local(
            action,
            AwsErrorKind::NotAws,
            "a required field is missing from the response".to_owned(),
        )
    }

    /// Returns whether the service reported this error code.
    #[must_use]
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Returns whether a retry of the call may succeed, which applies to throttling, timeouts, network failures, and
    /// server failures.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            AwsErrorKind::Throttled
                | AwsErrorKind::TimedOut
                | AwsErrorKind::Unreachable
                | AwsErrorKind::Unavailable
        )
    }

    fn of_service(action: &'static str, meta: &ErrorMetadata) -> Self {
        let code = meta.code().unwrap_or("UnknownError");
        Self::service(
            action,
            code,
            meta.message().unwrap_or("the service returned no message"),
        )
    }

    fn local(action: &'static str, kind: AwsErrorKind, message: String) -> Self {
        Self {
            action,
            kind,
            code: None,
            message,
        }
    }

    fn about(mut self, action: &'static str) -> Self {
        self.message = format!("{} failed: {}", self.action, self.message);
        self.action = action;
        self
    }
}

fn service_kind(code: &str, message: &str) -> AwsErrorKind {
    match code {
        // `TokenRefreshRequired` and `InvalidToken` are codes of S3.
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => {
            AwsErrorKind::ExpiredToken
        }
        "RequestExpired" | "RequestTimeTooSkewed" => AwsErrorKind::ClockSkew,
        "InvalidSignatureException" | "SignatureDoesNotMatch" | "AuthorizationHeaderMalformed"
            if message.contains("region") =>
        {
            AwsErrorKind::WrongRegion
        }
        "InvalidSignatureException" if message.contains("Signature expired") => {
            AwsErrorKind::ClockSkew
        }
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidAccessKeyId"
        | "InvalidToken"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "MissingAuthenticationToken" => AwsErrorKind::UnknownKey,
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "AuthorizationError" => AwsErrorKind::AccessDenied,
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "SlowDown" => AwsErrorKind::Throttled,
        "ServerException"
        | "InternalServiceError"
        | "InternalServiceErrorException"
        | "InternalServerError"
        | "InternalServerException"
        | "InternalFailure"
        | "InternalError"
        | "ServiceUnavailable"
        | "ServiceUnavailableException"
        | "ServiceFailure"
        | "KMSInternalException"
        | "KeyUnavailableException"
        | "DependencyTimeoutException" => AwsErrorKind::Unavailable,
        "UnknownOperationException" | "UnknownOperation" | "InvalidAction" => {
            AwsErrorKind::UnknownAction
        }
        _ => AwsErrorKind::Service,
    }
}

/// Returns the STS error that prevented a call from being signed.
fn role_refusal(error: &(dyn Error + 'static)) -> Option<AwsError> {
    chain(error)
        .find_map(|cause| {
            if let Some(refused) = cause.downcast_ref::<AssumeRoleError>() {
                return Some(AwsError::of_service("sts:AssumeRole", refused.meta()));
            }
            let refused = cause.downcast_ref::<AssumeRoleWithWebIdentityError>()?;
            Some(AwsError::of_service(
                "sts:AssumeRoleWithWebIdentity",
                refused.meta(),
            ))
        })
        .map(|refused| match refused.kind {
            AwsErrorKind::Service | AwsErrorKind::AccessDenied => AwsError {
                kind: AwsErrorKind::RoleRefused,
                ..refused
            },
            _ => refused,
        })
}

/// Returns the error from [`super::endpoint`] that prevented a request.
fn plaintext(error: &(dyn Error + 'static)) -> Option<String> {
    let refused = chain(error).find_map(|cause| cause.downcast_ref::<PlaintextEndpoint>());
    refused.map(ToString::to_string)
}

/// Returns whether the HTTP status of a response indicates a server error (5xx).
fn is_server_fault<R: 'static>(answer: &R) -> bool {
    let answer = (answer as &dyn Any).downcast_ref::<HttpResponse>();
    answer.is_some_and(|answer| answer.status().is_server_error())
}

/// Returns whether a response is incomplete.
fn broke_off(error: &(dyn Error + 'static)) -> bool {
    chain(error).any(|cause| cause.is::<std::io::Error>())
}

/// Returns the kind of failure for a request that received no response.
fn dispatch_kind(error: &(dyn Error + 'static)) -> AwsErrorKind {
    match chain(error).find_map(|cause| cause.downcast_ref::<CredentialsError>()) {
        Some(CredentialsError::CredentialsNotLoaded(_)) => AwsErrorKind::NoCredentials,
        Some(_) => AwsErrorKind::BadCredentials,
        None => AwsErrorKind::Unreachable,
    }
}

fn root_cause(error: &(dyn Error + 'static)) -> String {
    chain(error)
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    // Without the `*`, method resolution selects `&dyn Error::source`, whose result does not live long enough.
    std::iter::successors(Some(error), |cause| (*cause).source())
}
