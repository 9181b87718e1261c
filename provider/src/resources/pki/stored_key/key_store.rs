//! Where the private key is: in the key document, or in AWS KMS.

use tfplugin::Schema;
use tfplugin::validate::text;

use crate::aws::kms::{KEY_ARN_RULE, KmsKeySource, is_key_arn};
use crate::aws::secrets::SecretStores;

/// Access to the services that store keys.
pub trait KeyStores: SecretStores + KmsKeySource {}

impl<S: SecretStores + KmsKeySource> KeyStores for S {}

/// Asymmetric key in AWS KMS.
#[derive(Schema)]
pub struct Kms {
    /// ARN of an asymmetric KMS key with the key usage `SIGN_VERIFY` and the key spec of the key algorithm. Aliases are not
    /// supported because an alias can be moved to a different key, and key IDs because they do not specify the account and
    /// the region. Cannot be changed after creation.
    #[attr(required, validate = text(KEY_ARN_RULE, is_key_arn))]
    pub key_arn: String,
}
