//! The KMS key for all stored data, and the AWS services that use the key without a role in the account.

use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local, Variable};

use super::Inputs;
use crate::aws::conventions::Conventions;
use crate::aws::fragments::kms_key::{KmsKey, Place};
use crate::aws::inputs::own_kms_key_arn;

/// Declares the key and returns its ARN.
pub(super) fn key(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    prefix: &Local<Str>,
    account: &Expr<Str>,
) -> Local<Str> {
    m.file("encryption");
    let place = Place::declare(m, account);
    let key = KmsKey {
        alias: prefix,
        description: template(["Encrypts stored data of ".into(), prefix.into(), ".".into()]),
        comment: "The policy allows all distributions in the account because the distribution for the packages is created after the key.",
        given: &inputs.kms_key_arn,
        deletion_window: conditional(&inputs.force_destroy, 7, 30),
        statements: vec![place.log_groups(), place.distributions()],
        deletion_protection: Some(&inputs.deletion_protection),
        tags: &inputs.tags,
    };
    key.declare(m, place.global_arn("iam", ":root"))
}

/// Declares the KMS key that outlives the registry.
pub(super) fn kms_key_arn(input: NewInput<'_>, to: &Conventions) -> Variable<Str> {
    own_kms_key_arn(
        input,
        to,
        "ARN of a KMS key that outlives the registry. The ARN must be known at plan time, and the key policy must contain the `Logs` and `Cdn` statements from `encryption.tf`. By default, the module creates a key that is scheduled for deletion when you destroy the registry, and the AWS managed key for RDS encrypts the database. Set this input before the first apply because the KMS key of a database cannot be changed.",
    )
}
