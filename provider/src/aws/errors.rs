//! What kind of failure an AWS error is: one place that reads code and message out of the SDK's error types.
//!
//! The SDK's error value is not kept as a source: its `Debug` prints raw responses, which may carry a secret.

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
    /// The call in IAM's notation, such as `ecs:CreateService`.
    pub action: &'static str,
    /// What kind of failure it is.
    pub kind: AwsErrorKind,
    /// The service's error code, such as `ClusterNotFoundException`.
    pub code: Option<String>,
    /// The service's words, or those of the network.
    pub message: String,
}

/// The kinds of failure that do not depend on which call was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AwsErrorKind {
    /// The SDK found no credentials anywhere.
    NoCredentials,
    /// Credentials were found but could not be made usable: a broken profile, an unreadable token file.
    BadCredentials,
    /// STS refused to hand out the configured role.
    RoleRefused,
    /// A temporary credential has expired.
    ExpiredToken,
    /// AWS does not know the access key, or the secret does not fit it.
    UnknownKey,
    /// The request is signed for another region than the endpoint's.
    WrongRegion,
    /// The clock of this machine is too far off.
    ClockSkew,
    /// An IAM policy does not allow the call.
    AccessDenied,
    /// The endpoint could not be reached.
    Unreachable,
    /// No answer came in time; the call may have had its effect.
    TimedOut,
    /// AWS asks to slow down, and went on asking after all retries.
    Throttled,
    /// AWS failed by itself (HTTP status 5xx), or its answer broke off; the call may have had its effect.
    Unavailable,
    /// The request would carry key material to another machine unencrypted, so it was not sent.
    Plaintext,
    /// What answered does not speak the service's protocol.
    NotAws,
    /// The service does not know the action: an emulator or an old endpoint.
    UnknownAction,
    /// An error of the service itself; look at the code.
    Service,
}

impl AwsError {
    /// Reads the SDK's error of one call.
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

    /// An error the service answered with, from its code and message.
    #[must_use]
    pub fn service(action: &'static str, code: &str, message: &str) -> Self {
        Self {
            action,
            kind: service_kind(code, message),
            code: Some(code.to_owned()),
            message: message.to_owned(),
        }
    }

    /// Whether the service answered with this error code.
    #[must_use]
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Whether the same call may well succeed in a moment: throttling, timeouts, failures of the
    /// network and of AWS itself.
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
            meta.message().unwrap_or("the service gave no reason"),
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
        self.message = format!("{} refused: {}", self.action, self.message);
        self.action = action;
        self
    }
}

fn service_kind(code: &str, message: &str) -> AwsErrorKind {
    match code {
        "ExpiredToken" | "ExpiredTokenException" => AwsErrorKind::ExpiredToken,
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
        | "ServiceFailure" => AwsErrorKind::Unavailable,
        "UnknownOperationException" | "UnknownOperation" | "InvalidAction" => {
            AwsErrorKind::UnknownAction
        }
        _ => AwsErrorKind::Service,
    }
}

/// The refusal of STS that hides behind a call which could not be signed.
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

/// Why a request was kept back by [`super::endpoint`].
fn plaintext(error: &(dyn Error + 'static)) -> Option<String> {
    let refused = chain(error).find_map(|cause| cause.downcast_ref::<PlaintextEndpoint>());
    refused.map(ToString::to_string)
}

/// Whether the HTTP status of an answer says that the server failed (5xx).
fn is_server_fault<R: 'static>(answer: &R) -> bool {
    let answer = (answer as &dyn Any).downcast_ref::<HttpResponse>();
    answer.is_some_and(|answer| answer.status().is_server_error())
}

/// Whether an answer ended before it was complete.
fn broke_off(error: &(dyn Error + 'static)) -> bool {
    chain(error).any(|cause| cause.is::<std::io::Error>())
}

/// Why a request was never answered.
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
    // Without the `*` the method found is that of `&dyn Error`, whose answer lives too short.
    std::iter::successors(Some(error), |cause| (*cause).source())
}
