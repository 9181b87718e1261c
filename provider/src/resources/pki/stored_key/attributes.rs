//! Paths of the attributes that all resource types with a stored key have.

use tfplugin::schema::AttributePath;

/// Returns the path of an attribute of the resource.
pub(super) fn attribute(name: &str) -> AttributePath {
    AttributePath::root().attribute(name)
}

/// Returns the path of `secrets_manager.name`.
pub(super) fn secret_name() -> AttributePath {
    attribute("secrets_manager").attribute("name")
}

/// Returns the path of `secrets_manager.kms_key_id`.
pub(super) fn secret_kms_key() -> AttributePath {
    attribute("secrets_manager").attribute("kms_key_id")
}

/// Returns the path of `secrets_manager.recovery_window_in_days`.
pub(super) fn recovery_window() -> AttributePath {
    attribute("secrets_manager").attribute("recovery_window_in_days")
}

/// Returns the path of `secrets_manager.replica_regions`.
pub(super) fn replica_regions() -> AttributePath {
    attribute("secrets_manager").attribute("replica_regions")
}

/// Returns the path of `secret_arn`.
pub(super) fn secret_arn() -> AttributePath {
    attribute("secret_arn")
}

/// Returns the path of `key_algorithm`.
pub(super) fn key_algorithm() -> AttributePath {
    attribute("key_algorithm")
}

/// Returns the path of `kms.key_arn`.
pub(super) fn signing_key() -> AttributePath {
    attribute("kms").attribute("key_arn")
}

/// Returns the path of `private_key_pem_wo`.
pub(super) fn private_key() -> AttributePath {
    attribute("private_key_pem_wo")
}

/// Returns the path of `private_key_pem_wo_version`.
pub(super) fn private_key_version() -> AttributePath {
    attribute("private_key_pem_wo_version")
}
