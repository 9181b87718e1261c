//! Errors for calls to S3.

use tfplugin::Diagnostic;
use tfplugin::schema::AttributePath;

use super::write::MAX_ATTEMPTS;
use crate::aws::AwsError;
use crate::aws::objects::ObjectLocation;
use crate::aws::objects::diagnostics::object_detail;

/// Path of the attribute that specifies the objects, which has the same name in all resource types.
#[must_use]
pub fn path() -> AttributePath {
    AttributePath::root().attribute("publish")
}

/// A call to S3 failed.
#[must_use]
pub fn call_failed(summary: &str, error: &AwsError, location: &ObjectLocation) -> Diagnostic {
    Diagnostic::error(summary, object_detail(error, location)).at(path())
}

/// Other writers changed the object in every attempt.
#[must_use]
pub fn contended(location: &ObjectLocation) -> Diagnostic {
    let detail = format!(
        "Other writers changed {location} between the read and the write in all {MAX_ATTEMPTS} attempts, so it was \
         not written.\n\nApply again. If the error persists, find the other writers of the object."
    );
    Diagnostic::error("Object was changed by other writers", detail).at(path())
}

/// Returns the AWS CLI command that deletes an object, as an indented line.
#[must_use]
pub fn delete_object(location: &ObjectLocation) -> String {
    let bucket = &location.bucket;
    // A key can contain apostrophes.
    let key = location.key.replace('\'', r"'\''");
    format!("    aws s3api delete-object --bucket {bucket} --key '{key}'")
}

/// Returns a text that begins with an uppercase letter.
#[must_use]
pub fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}
