//! The bucket for objects of the application.

use tfmodgen::Declared;
use tfmodgen::prelude::*;

use super::profiles::Settings;
use super::{Common, Inputs};
use crate::scaleway::policy::{administration, allow};
use crate::scaleway::private_bucket::{PrivateBucket, PrivateBucketReference};

/// Actions of the application on objects. Source: "Bucket policies overview", Object Storage documentation.
const ACTIONS: [&str; 5] = [
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
];

/// Declares the bucket. The application with the specified ID can read and write objects.
pub(super) fn bucket(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    settings: &Settings,
    application_id: &Expr<Str>,
) -> PrivateBucketReference {
    m.file("bucket");
    let bucket = PrivateBucket {
        name: inputs.bucket_name.forward(),
        force_destroy: !&*inputs.deletion_protection,
        noncurrent_days: settings.number("bucket_noncurrent_days"),
        tags: (*common.labels).clone(),
    };
    let principal = template(["application_id:".into(), application_id.into()]);
    bucket.declare(m, |name| {
        vec![
            administration(&inputs.bucket_administrators, name),
            allow("Objects", [principal.clone()], &ACTIONS, name, false),
            allow("List", [principal], &["s3:ListBucket"], name, true),
        ]
    })
}
