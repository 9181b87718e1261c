//! The layer that all resource types with a stored key share. Such a type owns a secret in AWS Secrets Manager that
//! contains a key document: the key, its certificates, and their chain.
//!
//! [`StoredKeys`] maps framework calls to operations for a type that implements [`StoredKeyType`]. The operations
//! comply with the following rules:
//!
//! - A refresh never reads the value of the secret. It removes a resource from the state only if `deletion_protection`
//!   is false and the secret is deleted or scheduled for deletion.
//! - Failures never result in a tainted resource.
//! - No attribute requires replacement.

mod apply;
mod attributes;
mod calls;
mod certification;
mod chain_replacement;
mod comparison;
mod creation;
mod diagnostics;
mod import;
mod intent;
mod key_arguments;
mod key_store;
mod ownership;
mod plan;
mod refresh;
mod reissue;
mod replicas;
mod resource;
mod resource_type;
mod secret;
mod state;
mod succession;
mod supplied_key;
mod tags;
#[cfg(test)]
mod tests;
mod wording;

pub use self::certification::Issued;
pub use self::intent::{CertificateIntent, Difference, KeyIntent, LockedAttribute, key_algorithm};
pub use self::key_store::{KeyStores, Kms, KmsPlan};
pub(super) use self::plan::{expiry_warning, locked_changes, refuse_protected};
pub use self::resource_type::{StoredKeyType, StoredKeys};
pub use self::secret::{SecretsManager, SecretsManagerPlan};
pub use self::state::KeyState;
pub(super) use self::state::{stored_key_state, validity_status};
pub use self::supplied_key::{KeyArguments, PrivateKey};
pub use self::tags::is_reserved_tag;
#[cfg(test)]
pub(super) use self::tests::account;
pub use self::wording::Wording;
