//! Classification of S3 errors.
//!
//! Follows the Amazon S3 API reference, "Error responses" and page `PutObject`, and the Amazon S3 User Guide, "How to
//! prevent object overwrites with conditional writes". Responses to HEAD requests, and some redirects, have no body, so
//! the HTTP status replaces a missing code.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::aws::errors::{AwsError, AwsErrorKind};

/// The condition of a write is not met (HTTP status 412).
pub const PRECONDITION_FAILED: &str = "PreconditionFailed";
/// Another write to the same key was in progress (HTTP status 409).
pub const CONFLICT: &str = "ConditionalRequestConflict";
/// The object does not exist (HTTP status 404).
pub const NO_SUCH_KEY: &str = "NoSuchKey";
/// The bucket does not exist (HTTP status 404).
pub const NO_SUCH_BUCKET: &str = "NoSuchBucket";
/// The bucket is in another region (HTTP status 301).
pub const OTHER_REGION: &str = "PermanentRedirect";

/// Header of a response that contains the region of the bucket (`HeadBucket`).
const BUCKET_REGION: &str = "x-amz-bucket-region";

/// S3-specific kinds of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectFailure {
    /// The condition of a write is not met: the object exists, or its `ETag` differs. Read the object again.
    PreconditionFailed,
    /// Another write to the same key was in progress. Read the object again, and repeat the write.
    Conflict,
    /// The object does not exist.
    NoSuchKey,
    /// The bucket does not exist.
    NoSuchBucket,
    /// A policy or the expected bucket owner does not allow the call.
    AccessDenied,
    /// The bucket is in another region.
    OtherRegion,
}

impl ObjectFailure {
    /// Returns the kind of an error, or `None` for an error that is not specific to S3.
    #[must_use]
    pub fn of(error: &AwsError) -> Option<Self> {
        match error.code.as_deref() {
            Some(PRECONDITION_FAILED) => Some(Self::PreconditionFailed),
            Some(CONFLICT) => Some(Self::Conflict),
            Some(NO_SUCH_KEY) => Some(Self::NoSuchKey),
            Some(NO_SUCH_BUCKET) => Some(Self::NoSuchBucket),
            Some(OTHER_REGION) => Some(Self::OtherRegion),
            _ if error.kind == AwsErrorKind::AccessDenied => Some(Self::AccessDenied),
            _ => None,
        }
    }
}

/// Converts the SDK error from one call, and completes the code and the region of the bucket.
pub(super) fn object_error<E>(action: &'static str, error: &SdkError<E, HttpResponse>) -> AwsError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let converted = AwsError::new(action, error);
    let Some(response) = error.raw_response() else {
        return converted;
    };
    let status = response.status().as_u16();
    let region = response.headers().get(BUCKET_REGION);
    completed(converted, status, region)
}

fn completed(error: AwsError, status: u16, bucket_region: Option<&str>) -> AwsError {
    // `AuthorizationHeaderMalformed` (400) is the response if the request was signed for the region of the endpoint and
    // the bucket is in another region.
    let other_region = status == 301
        || error.is("TemporaryRedirect")
        || error.is("IllegalLocationConstraintException")
        || error.kind == AwsErrorKind::WrongRegion;
    if other_region || error.is(OTHER_REGION) {
        let message = match bucket_region {
            Some(region) => format!("the bucket is in region {region}"),
            None => "the bucket is in another region".to_owned(),
        };
        return AwsError::service(error.action, OTHER_REGION, &message);
    }
    let by_status = match status {
        403 => Some(("AccessDenied", "S3 denied access to the object")),
        404 => Some((NO_SUCH_KEY, "the object or the bucket does not exist")),
        412 => Some((
            PRECONDITION_FAILED,
            "the condition of the request is not met",
        )),
        _ => None,
    };
    match (by_status, error.code.as_deref()) {
        // `NotFound` is the name of the 404 response to a HEAD request in the API model.
        (Some((code, message)), None | Some("UnknownError" | "NotFound" | "Forbidden")) => {
            AwsError::service(error.action, code, message)
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(code: &str, status: u16, region: Option<&str>) -> (Option<ObjectFailure>, String) {
        let error = AwsError::service("s3:HeadObject", code, "the service returned no message");
        let error = completed(error, status, region);
        (ObjectFailure::of(&error), error.message)
    }

    #[test]
    fn status_replaces_a_missing_code() {
        for (code, status, expected) in [
            ("UnknownError", 412, ObjectFailure::PreconditionFailed),
            ("PreconditionFailed", 412, ObjectFailure::PreconditionFailed),
            ("ConditionalRequestConflict", 409, ObjectFailure::Conflict),
            ("NotFound", 404, ObjectFailure::NoSuchKey),
            ("NoSuchKey", 404, ObjectFailure::NoSuchKey),
            ("NoSuchBucket", 404, ObjectFailure::NoSuchBucket),
            ("UnknownError", 403, ObjectFailure::AccessDenied),
            ("AccessDenied", 403, ObjectFailure::AccessDenied),
            ("UnknownError", 301, ObjectFailure::OtherRegion),
            ("PermanentRedirect", 301, ObjectFailure::OtherRegion),
        ] {
            let (found, _) = failure(code, status, None);
            assert_eq!(found, Some(expected), "{code} {status}");
        }
        assert_eq!(failure("InvalidTag", 400, None).0, None);
        assert_eq!(failure("UnknownError", 400, None).0, None);
    }

    #[test]
    fn credential_errors_are_classified() {
        for (code, status, expected) in [
            ("InvalidAccessKeyId", 403, AwsErrorKind::UnknownKey),
            ("InvalidToken", 400, AwsErrorKind::UnknownKey),
            ("ExpiredToken", 400, AwsErrorKind::ExpiredToken),
            ("TokenRefreshRequired", 400, AwsErrorKind::ExpiredToken),
        ] {
            let error = AwsError::service("s3:GetObject", code, "m");
            assert_eq!(completed(error, status, None).kind, expected, "{code}");
        }
    }

    #[test]
    fn redirect_names_the_region_of_the_bucket() {
        let (found, message) = failure("UnknownError", 301, Some("eu-west-1"));
        assert_eq!(found, Some(ObjectFailure::OtherRegion));
        assert!(message.contains("eu-west-1"), "{message}");
    }
}
