//! Errors and warnings for a create operation.

use std::error::Error;

use tfplugin::Diagnostic;

use super::{at_secret, sentence, warning_at_secret};
use crate::aws::AwsError;
use crate::aws::diagnostics::secret_detail;
use crate::aws::tags::UNFINISHED_TAG;
use crate::pki::Certificate;
use crate::resources::pki::stored_key::wording::Wording;

impl Wording {
    /// The key from an interrupted create was adopted.
    pub(in super::super) fn adopted(&self, arn: &str, certificate: &Certificate) -> Diagnostic {
        let detail = format!(
            "The secret {arn} contained a key without a certificate from an interrupted create operation. The key \
             matches this configuration, so the provider issued a certificate for it and did not create another key. \
             Compare the fingerprint before you distribute the certificate. Its validity period began when the key was \
             created.\n\nValidity period: {} to {}\nSerial number: {}\nSHA-256 fingerprint: {}",
            certificate.description().validity.not_before(),
            certificate.description().validity.not_after(),
            certificate.description().serial_number,
            certificate.sha256(),
        );
        warning_at_secret(&format!("Unfinished {} was adopted", self.key()), detail)
    }

    /// The marker for an unfinished create could not be removed.
    pub(in super::super) fn marker_not_removed(&self, arn: &str, error: &AwsError) -> Diagnostic {
        let object = self.object;
        let short = self.short;
        let detail = format!(
            "The {object} is complete, but the tag {UNFINISHED_TAG} on {arn} could not be removed: {error}. The tag \
             has no effect on a complete {short}. The next apply removes it."
        );
        warning_at_secret("Tag could not be removed", detail)
    }

    /// The run was interrupted or timed out during work other than calls.
    pub(in super::super) fn stopped(&self, why: &str) -> Diagnostic {
        let object = self.object;
        let detail = format!("During the creation of the {object}, {why}. Apply again.");
        Diagnostic::error(self.object_summary("creation did not finish"), detail)
    }

    /// The key is stored, but its certificate could not be issued.
    pub(in super::super) fn certification_failed(
        &self,
        arn: &str,
        error: &(dyn Error + 'static),
    ) -> Diagnostic {
        self.not_finished(arn, &format!("{}.", sentence(error).trim_end_matches('.')))
    }

    /// The key is stored, but the call that stores its certificate failed.
    pub(in super::super) fn certificate_not_stored(
        &self,
        arn: &str,
        error: &AwsError,
        kms_key: Option<&str>,
    ) -> Diagnostic {
        self.not_finished(arn, &secret_detail(error, kms_key))
    }

    fn not_finished(&self, arn: &str, reason: &str) -> Diagnostic {
        let object = self.object;
        let short = self.short;
        let detail = format!(
            "The key document is stored in {arn}, but without the certificate: {reason}\n\nApply again. The provider \
             adopts the stored key and does not create another key. If the plan reports that the {object} is \
             complete but not in the state, the certificate was stored. In this case, import the {short}:\n\n{}",
            self.import_command(arn)
        );
        at_secret(&self.certificate_summary("is not stored"), detail)
    }

    /// An authority without a certificate cannot be imported.
    pub(in super::super) fn not_importable(&self, arn: &str) -> Diagnostic {
        let short = self.short;
        let detail = format!(
            "The secret {arn} contains a key without a certificate, so the {short} cannot be imported. Apply the \
             configuration that created the key. The apply adopts the key and issues the certificate.\n\nThe apply \
             requires the tag {UNFINISHED_TAG}, which earlier provider versions did not write. If the apply reports \
             that the {short} already exists, and you trust the key, add the tag:\n\n    aws secretsmanager \
             tag-resource --secret-id {arn} --tags Key={UNFINISHED_TAG},Value=manual"
        );
        at_secret(&self.certificate_summary("was not issued"), detail)
    }
}
