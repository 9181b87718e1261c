//! The KMS key of a protected root: a plan that replaces the key, and a key that is scheduled for deletion.

use anyhow::{Result, ensure};
use serde_json::json;
use tfharness::Workspace;

use crate::diagnostic::{PLAN, Saying, expect_refused, expect_warned, run};
use crate::infrastructure::text;
use crate::scenario::{expect_nothing_stored, with_one_cli};

/// Returns a root. As for `aws_kms_key`, a replacement of `terraform_data.key` makes the ARN unknown until the apply.
fn root(arn: &str, protected: bool) -> String {
    format!(
        r#"
            terraform {{
              required_providers {{ skreg = {{ source = "skreg/skreg" }} }}
            }}

            resource "terraform_data" "key" {{
              input = {arn:?}
            }}

            resource "skreg_pki_root_ca" "root" {{
              subject             = {{ common_name = "KMS root" }}
              key_algorithm       = "ECDSA_P384"
              kms                 = {{ key_arn = terraform_data.key.output }}
              secrets_manager     = {{ name = "kms-root", recovery_window_in_days = 0 }}
              validity_days       = 365
              deletion_protection = {protected}
            }}
        "#
    )
}

#[test]
fn kms_key_of_a_protected_root_is_neither_replaced_nor_lost_without_an_error() -> Result<()> {
    with_one_cli(|cli, aws| {
        let request = json!({ "KeySpec": "ECC_NIST_P384", "KeyUsage": "SIGN_VERIFY" });
        let arn = text(&aws.call("kms", "CreateKey", request)?, "/KeyMetadata/Arn")?;
        let key = |action: &str| aws.call("kms", action, json!({ "KeyId": arn })).map(drop);
        let stack = Workspace::inline(root(&arn, true))
            .cli(cli)
            .aws(aws)
            .apply()?;
        stack.expect_empty_plan()?;

        let replaced = Saying {
            at: Some("resource"),
            says: &["KMS key might be replaced", &arn, "untaint ADDRESS"],
        };
        let replace = [PLAN, &["-replace=terraform_data.key"]].concat();
        expect_refused(&stack, &replace, &replaced)?;
        stack.succeed(&["taint", "terraform_data.key"])?;
        expect_refused(&stack, PLAN, &replaced)?;
        stack.succeed(&["untaint", "terraform_data.key"])?;
        stack.expect_empty_plan()?;

        key("ScheduleKeyDeletion")?;
        let cancel = format!("aws kms cancel-key-deletion --key-id {arn}");
        let lost = Saying {
            at: Some("resource"),
            says: &["KMS key is pending deletion", &cancel],
        };
        expect_refused(&stack, PLAN, &lost)?;
        key("CancelKeyDeletion")?;
        let disabled = Saying {
            at: Some("resource"),
            says: &["KMS key is disabled", "aws kms enable-key"],
        };
        expect_warned(&stack, PLAN, &disabled)?;
        key("EnableKey")?;
        let (finished, diagnostics) = run(&stack, PLAN)?;
        ensure!(finished.code() == Some(0) && diagnostics.is_empty());

        // Without the protection, the key can be deleted before the root.
        stack.write("main.tf", &root(&arn, false))?;
        stack.apply()?;
        key("ScheduleKeyDeletion")?;
        expect_warned(&stack, PLAN, &lost)?;
        stack.destroy()?;
        expect_nothing_stored(&stack)
    })
}
