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
    /// ARN of a KMS key with the usage `SIGN_VERIFY` and the specification of the key algorithm. An alias or a key ID is
    /// not accepted because it can refer to another key later. Cannot be changed after creation.
    #[attr(required, validate = text(KEY_ARN_RULE, is_key_arn))]
    pub key_arn: String,
}
