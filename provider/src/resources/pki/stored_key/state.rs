//! State of a stored key: the common attributes of all resource types, and the identity of their objects.
//!
//! These functions are pure.

use jiff::Timestamp;
use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::attributes;
use super::key_store::KmsPlan;
use super::secret::SecretsManagerPlan;
use crate::aws::secrets::WrittenVersion;
use crate::aws::tags::PlannedTags;
use crate::pki::{Certificate, Validity, ValidityStatus};
use crate::resources::identities::Identity;
use crate::resources::tagged::Tagged;

/// Recovery window if the state does not contain one. The default is the maximum because the window can be shortened
/// later.
pub(super) const LONGEST_RECOVERY_WINDOW: i64 = 30;

/// Attributes that all resource types with a stored key have. [`stored_key_state`](super::stored_key_state) implements
/// the trait for the plan type of a schema.
pub trait KeyState: Tagged + Clone + Send + Sync {
    /// Returns `key_algorithm`.
    fn key_algorithm(&self) -> &Planned<String>;

    /// Returns `secrets_manager`.
    fn secrets_manager(&self) -> &Planned<SecretsManagerPlan>;

    /// Returns `secrets_manager` for changes.
    fn secrets_manager_mut(&mut self) -> &mut Planned<SecretsManagerPlan>;

    /// Returns `kms`.
    fn kms(&self) -> &Planned<KmsPlan>;

    /// Sets `kms` to the ARN of the KMS key, or to null.
    fn set_kms(&mut self, key_arn: Option<&str>);

    /// Returns `deletion_protection`.
    fn deletion_protection(&self) -> &Planned<bool>;

    /// Returns `secret_arn`.
    fn secret_arn(&self) -> &Planned<String>;

    /// Returns `secret_version_id`.
    fn secret_version_id(&self) -> &Planned<String>;

    /// Returns `spki_sha256`.
    fn spki_sha256(&self) -> &Planned<String>;

    /// Returns `certificate_sha256`.
    fn certificate_sha256(&self) -> &Planned<String>;

    /// Returns `not_before`.
    fn not_before(&self) -> &Planned<String>;

    /// Returns `not_after_actual`.
    fn not_after_actual(&self) -> &Planned<String>;

    /// Sets `tags`.
    fn set_tags(&mut self, tags: PlannedTags);

    /// Sets `validity_status`.
    fn set_validity_status(&mut self, status: Planned<String>);

    /// Sets the attributes that the next certificate changes to unknown, including those of a new key.
    fn set_outputs_unknown(&mut self, new_key: bool);

    /// Sets the attributes that are derived from the certificate and its location.
    fn set_outputs(&mut self, certificate: &Certificate, location: &WrittenVersion, now: Timestamp);
}

/// Implements [`KeyState`](super::KeyState) and `Tagged` for a plan type that has the common attributes.
macro_rules! stored_key_state {
    ($plan:ty) => {
        impl $crate::resources::tagged::Tagged for $plan {
            fn tags(&self) -> &$crate::aws::tags::PlannedTags {
                &self.tags
            }

            fn tags_all(&self) -> &$crate::aws::tags::PlannedTags {
                &self.tags_all
            }

            fn set_tags_all(&mut self, tags: $crate::aws::tags::PlannedTags) {
                self.tags_all = tags;
            }

            fn is_reserved(key: &str) -> bool {
                $crate::resources::pki::stored_key::is_reserved_tag(key)
            }
        }

        impl $crate::resources::pki::stored_key::KeyState for $plan {
            fn key_algorithm(&self) -> &tfplugin::Planned<String> {
                &self.key_algorithm
            }

            fn secrets_manager(
                &self,
            ) -> &tfplugin::Planned<$crate::resources::pki::stored_key::SecretsManagerPlan> {
                &self.secrets_manager
            }

            fn secrets_manager_mut(
                &mut self,
            ) -> &mut tfplugin::Planned<$crate::resources::pki::stored_key::SecretsManagerPlan>
            {
                &mut self.secrets_manager
            }

            fn kms(&self) -> &tfplugin::Planned<$crate::resources::pki::stored_key::KmsPlan> {
                &self.kms
            }

            fn set_kms(&mut self, key_arn: Option<&str>) {
                let key_arn = key_arn.map(|arn| tfplugin::Planned::Known(arn.to_owned()));
                let kms =
                    key_arn.map(|key_arn| $crate::resources::pki::stored_key::KmsPlan { key_arn });
                self.kms = kms.into();
            }

            fn deletion_protection(&self) -> &tfplugin::Planned<bool> {
                &self.deletion_protection
            }

            fn secret_arn(&self) -> &tfplugin::Planned<String> {
                &self.secret_arn
            }

            fn secret_version_id(&self) -> &tfplugin::Planned<String> {
                &self.secret_version_id
            }

            fn spki_sha256(&self) -> &tfplugin::Planned<String> {
                &self.spki_sha256
            }

            fn certificate_sha256(&self) -> &tfplugin::Planned<String> {
                &self.certificate_sha256
            }

            fn not_before(&self) -> &tfplugin::Planned<String> {
                &self.not_before
            }

            fn not_after_actual(&self) -> &tfplugin::Planned<String> {
                &self.not_after_actual
            }

            fn set_tags(&mut self, tags: $crate::aws::tags::PlannedTags) {
                self.tags = tags;
            }

            fn set_validity_status(&mut self, status: tfplugin::Planned<String>) {
                self.validity_status = status;
            }

            fn set_outputs_unknown(&mut self, new_key: bool) {
                self.certificate_pem = tfplugin::Planned::Unknown;
                self.serial_number = tfplugin::Planned::Unknown;
                self.certificate_sha256 = tfplugin::Planned::Unknown;
                self.not_before = tfplugin::Planned::Unknown;
                self.not_after_actual = tfplugin::Planned::Unknown;
                self.validity_status = tfplugin::Planned::Unknown;
                self.secret_version_id = tfplugin::Planned::Unknown;
                if new_key {
                    self.public_key_pem = tfplugin::Planned::Unknown;
                    self.subject_key_id = tfplugin::Planned::Unknown;
                    self.spki_sha256 = tfplugin::Planned::Unknown;
                }
            }

            fn set_outputs(
                &mut self,
                certificate: &$crate::pki::Certificate,
                location: &$crate::aws::secrets::WrittenVersion,
                now: jiff::Timestamp,
            ) {
                let (description, key) = (certificate.description(), certificate.public_key());
                let validity = &description.validity;
                self.certificate_pem = certificate.to_pem().into();
                self.public_key_pem = key.to_pem().into();
                self.serial_number = description.serial_number.to_string().into();
                self.subject_key_id = key.identifier().to_string().into();
                self.spki_sha256 = key.sha256().to_string().into();
                self.certificate_sha256 = certificate.sha256().to_string().into();
                self.not_before = validity.not_before().to_string().into();
                self.not_after_actual = validity.not_after().to_string().into();
                self.validity_status = validity.status_at(now).name().to_owned().into();
                self.secret_arn = location.arn.clone().into();
                self.secret_version_id = location.version_id.clone().into();
            }
        }
    };
}
pub(in crate::resources::pki) use stored_key_state;

/// Returns the ARN of the secret in the state.
pub(super) fn stored_arn(prior: &impl KeyState) -> Result<String, Diagnostics> {
    prior.secret_arn().known().cloned().ok_or_else(|| {
        Diagnostic::bug("The state has no secret", "secret_arn is empty.")
            .at(attributes::secret_arn())
            .into()
    })
}

/// Returns the value of the `validity_status` attribute.
pub(super) fn status(state: &impl KeyState, now: Timestamp) -> Planned<String> {
    let status = validity_status(state, now);
    status.map(|status| status.name().to_owned()).into()
}

/// Returns the validity status at `now` for the certificate in a state.
pub(in crate::resources::pki) fn validity_status(
    state: &impl KeyState,
    now: Timestamp,
) -> Option<ValidityStatus> {
    let instant = |value: &Planned<String>| value.known()?.parse::<Timestamp>().ok();
    let validity = Validity::new(
        instant(state.not_before())?,
        instant(state.not_after_actual())?,
    );
    Some(validity.ok()?.status_at(now))
}

/// Identifies an object by its secret name, which is unique in the account and region.
pub(super) fn identity(secret_name: &str) -> Identity {
    Identity::new("skreg_pki, secret", secret_name)
}

/// Identifies an object that a refresh in this process removed from the state.
pub(super) fn deleted_identity(secret_name: &str) -> Identity {
    Identity::new("skreg_pki, deleted secret", secret_name)
}

pub(super) fn secret_name(state: &impl KeyState) -> Option<&str> {
    let secret = state.secrets_manager().known()?;
    secret.name.known().map(String::as_str)
}

pub(super) fn is_unprotected(state: &impl KeyState) -> bool {
    *state.deletion_protection() == Planned::Known(false)
}
