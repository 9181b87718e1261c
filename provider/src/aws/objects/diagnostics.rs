//! Messages for failed S3 calls. The caller adds the attribute path.

use super::failure::ObjectFailure;
use super::model::ObjectLocation;
use crate::aws::errors::AwsError;

/// Returns the detail of the diagnostic for a failed S3 call.
#[must_use]
pub fn object_detail(error: &AwsError, location: &ObjectLocation) -> String {
    let ObjectLocation {
        bucket,
        expected_bucket_owner,
        ..
    } = location;
    let action = iam_action(error.action);
    let remedy = match ObjectFailure::of(error) {
        Some(ObjectFailure::PreconditionFailed | ObjectFailure::Conflict) => format!(
            "Another process wrote {location} at the same time, so this write did not take effect. Run the command \
             again. If the error persists, find the other writer of the object."
        ),
        Some(ObjectFailure::NoSuchKey) => format!(
            "{location} does not exist. Check the key, and list the objects in the bucket with:\n\n    aws s3api \
             list-objects-v2 --bucket {bucket}"
        ),
        Some(ObjectFailure::NoSuchBucket) => format!(
            "The bucket {bucket} does not exist. Create the bucket before this resource, such as with an \
             aws_s3_bucket resource that the configuration refers to, or correct the name."
        ),
        Some(ObjectFailure::AccessDenied) => {
            let owner = expected_bucket_owner
                .as_ref()
                .map_or_else(String::new, |owner| {
                    format!(
                        " S3 also denies access if the account {owner} does not own the bucket."
                    )
                });
            format!(
                "S3 denied the call for {location}. Allow {action} in the caller's IAM policy and in the bucket policy \
                 (and the KMS key, if the bucket is encrypted with a customer managed key). Without s3:ListBucket on the \
                 bucket, S3 also denies access if the object does not exist.{owner}"
            )
        }
        Some(ObjectFailure::OtherRegion) => format!(
            "Use a provider block with the region of the bucket for this resource. The following command prints the \
             region:\n\n    aws s3api get-bucket-location --bucket {bucket}"
        ),
        None => {
            return error.detail(&format!(
                "Correct the problem that the message describes, then run the command again. The call refers to \
                 {location}."
            ));
        }
    };
    format!("{error}\n\n{remedy}")
}

/// Returns the IAM action that permits an API operation (Service Authorization Reference, Amazon S3). Most names are equal.
fn iam_action(operation: &str) -> &str {
    match operation {
        "s3:HeadObject" => "s3:GetObject",
        "s3:ListObjectsV2" => "s3:ListBucket",
        "s3:ListObjectVersions" => "s3:ListBucketVersions",
        same => same,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denied_calls_name_the_iam_action() {
        let location = ObjectLocation {
            bucket: "example-pki".to_owned(),
            key: "ledger/".to_owned(),
            expected_bucket_owner: None,
        };
        for (operation, action) in [
            ("s3:ListObjectsV2", "Allow s3:ListBucket in"),
            ("s3:HeadObject", "Allow s3:GetObject in"),
            ("s3:PutObject", "Allow s3:PutObject in"),
        ] {
            let error = AwsError::service(operation, "AccessDenied", "denied");
            let detail = object_detail(&error, &location);
            assert!(detail.contains(action), "{detail}");
        }
    }
}
