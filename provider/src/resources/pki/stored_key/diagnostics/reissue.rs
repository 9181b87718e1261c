//! Errors and warnings for the next certificate of a stored key.

use std::error::Error;

use tfplugin::Diagnostic;

use super::{at_secret, list_of, sentence, warning_at_secret};
use crate::aws::AwsError;
use crate::aws::diagnostics::secret_detail;
use crate::aws::secrets::SecretDescription;
use crate::pki::Certificate;
use crate::resources::pki::stored_key::intent::Difference;
use crate::resources::pki::stored_key::wording::Wording;

impl Wording {
    /// The next certificate could not be described.
    pub(in super::super) fn reissue_impossible(
        &self,
        arn: &str,
        error: &(dyn Error + 'static),
    ) -> Diagnostic {
        let detail = format!(
            "The next certificate for the key in {arn} cannot be issued: {}. The current certificate is unchanged. \
             Correct the cause, and then apply again.",
            sentence(error)
        );
        at_secret("Next certificate cannot be issued", detail)
    }

    /// The certificates of the issuer cannot be stored.
    pub(in super::super) fn chain_unusable(
        &self,
        arn: &str,
        error: &(dyn Error + 'static),
    ) -> Diagnostic {
        let detail = format!(
            "The certificates of the issuer cannot be stored with the key in {arn}: {}. The stored certificates are \
             unchanged.\n\nUse the authority that issued the current certificate as the issuer, or issue the next \
             certificate.",
            sentence(error)
        );
        at_secret("Certificates of the issuer cannot be stored", detail)
    }

    /// A call of a reissue failed.
    pub(in super::super) fn not_reissued(
        &self,
        arn: &str,
        error: &AwsError,
        kms_key: Option<&str>,
    ) -> Diagnostic {
        let detail = format!(
            "The next version of {arn}, which contains the next certificate or other certificates above the current one, is \
             not stored: {}\n\nApply again. The provider continues with the certificate that it has described or stored.",
            secret_detail(error, kms_key)
        );
        at_secret("Next version of the secret is not stored", detail)
    }

    /// The current version contains a certificate or a key that the plan did not consider.
    pub(in super::super) fn written_by_another_run(&self, arn: &str) -> Diagnostic {
        let Self { holder, .. } = self;
        let detail = format!(
            "Another run changed the certificates in {arn} after this run was planned, so this run stopped. The state is \
             unchanged, and the stored certificate remains in the secret.\n\nWait until the other run has ended, and then \
             plan and apply again: the refresh recognizes the stored certificate. If the other run belongs to a different \
             state, only one of the states can manage this {holder}. In this case, remove the resource from the other state \
             (state rm ADDRESS)."
        );
        at_secret("Another run changed the certificates", detail)
    }

    /// An interrupted run stored the certificate.
    pub(in super::super) fn reissue_adopted(
        &self,
        arn: &str,
        certificate: &Certificate,
    ) -> Diagnostic {
        let detail = format!(
            "An interrupted apply issued the next certificate and stored it in {arn}. The certificate matches this \
             configuration, so the provider did not issue another one. Compare the fingerprint before you distribute the \
             certificate.\n\nSerial number: {}\nSHA-256 fingerprint: {}",
            certificate.description().serial_number,
            certificate.sha256(),
        );
        warning_at_secret("Interrupted update was completed", detail)
    }

    /// An interrupted run with another configuration stored the certificate.
    pub(in super::super) fn another_reissue(
        &self,
        arn: &str,
        differences: &[Difference],
    ) -> Diagnostic {
        let detail = format!(
            "An interrupted apply issued the next certificate and stored it in {arn}, but the certificate differs from \
             this configuration:\n\n{}\nChange the configuration to match the certificate, and then apply again. After \
             that, you can issue another certificate.",
            list_of(differences)
        );
        at_secret("Issued certificate differs", detail)
    }

    /// A refresh found the version of an interrupted reissue.
    pub(in super::super) fn reissue_interrupted(&self, secret: &SecretDescription) -> Diagnostic {
        let detail = format!(
            "An interrupted apply stored a version of {} that is newer than the version in the state. It contains the next \
             certificate, or the current certificate with other certificates above it. The certificate in the state remains \
             valid.\n\nApply the configuration of the interrupted apply again. The provider adopts the stored version and \
             does not issue another certificate.",
            secret.arn
        );
        warning_at_secret("Update was interrupted", detail)
    }
}
