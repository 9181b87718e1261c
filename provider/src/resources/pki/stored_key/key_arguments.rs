//! Checks of the arguments that supply a private key, and the key for a create.

use tfplugin::Diagnostics;

use super::diagnostics;
use super::intent::key_algorithm;
use super::resource_type::StoredKeyType;
use super::state::KeyState;
use super::supplied_key::{KeyArguments, PrivateKey};

/// Returns the errors in the arguments of a configuration. Unknown values are accepted.
pub(super) fn invalid_arguments<T: StoredKeyType>(config: &T::Plan) -> Diagnostics {
    let mut found = Diagnostics::new();
    let Some(KeyArguments {
        private_key,
        version,
    }) = T::key_arguments(config)
    else {
        return found;
    };
    if private_key.is_null() {
        return found;
    }
    if config.kms().known().is_some() {
        found.push(diagnostics::kms_and_private_key());
    }
    if version.is_null() {
        found.push(diagnostics::key_without_version());
    }
    found.extend(
        private_key
            .known()
            .and_then(|key| PrivateKey::of(key).invalid_form()),
    );
    found
}

/// Checks the private key in the configuration of a new object. An unknown key is accepted.
pub(super) fn planned_private_key<T: StoredKeyType>(
    config: &T::Plan,
    plan: &T::Plan,
) -> Result<(), Diagnostics> {
    match T::key_arguments(config).map(|arguments| arguments.private_key.is_unknown()) {
        Some(false) if !plan.key_algorithm().is_unknown() => {
            private_key::<T>(config, plan).map(drop)
        }
        _ => Ok(()),
    }
}

/// Returns the private key in the configuration of a new object, or `None` if the configuration does not contain one.
pub(super) fn private_key<T: StoredKeyType>(
    config: &T::Plan,
    plan: &T::Plan,
) -> Result<Option<PrivateKey>, Diagnostics> {
    let Some(arguments) = T::key_arguments(config) else {
        return Ok(None);
    };
    let Some(secret) = arguments.private_key.known() else {
        return match arguments.version.known() {
            Some(_) => Err(diagnostics::missing_private_key().into()),
            None => Ok(None),
        };
    };
    let private_key = PrivateKey::of(secret);
    private_key.read(key_algorithm(plan)?)?;
    Ok(Some(private_key))
}
