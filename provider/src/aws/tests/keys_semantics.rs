//! Semantics of the in-memory keys, and the messages for keys that cannot sign.

use std::time::Duration;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, ED25519,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};
use tfplugin::Diagnostic;
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::{Fault, InMemoryKeys};
use crate::aws::arn::Arn;
use crate::aws::kms::diagnostics::{key_detail, not_a_key_arn, other_region};
use crate::aws::kms::{
    KeySpec, KeyState, KmsKeySource, KmsKeys, Message, SigningAlgorithm, parse_key_arn,
};
use crate::aws::{AwsError, AwsErrorKind};

fn verification(algorithm: SigningAlgorithm) -> &'static dyn VerificationAlgorithm {
    match algorithm {
        SigningAlgorithm::RsassaPkcs1V15Sha256 => &RSA_PKCS1_2048_8192_SHA256,
        SigningAlgorithm::RsassaPkcs1V15Sha384 => &RSA_PKCS1_2048_8192_SHA384,
        SigningAlgorithm::RsassaPkcs1V15Sha512 => &RSA_PKCS1_2048_8192_SHA512,
        SigningAlgorithm::EcdsaSha256 => &ECDSA_P256_SHA256_ASN1,
        SigningAlgorithm::EcdsaSha384 => &ECDSA_P384_SHA384_ASN1,
        SigningAlgorithm::EcdsaSha512 => &ECDSA_P521_SHA512_ASN1,
        SigningAlgorithm::Ed25519Sha512 => &ED25519,
    }
}

#[tokio::test]
async fn signatures_of_short_and_long_messages_verify() {
    let keys = InMemoryKeys::default();
    for spec in KeySpec::ALL {
        // A 4096-bit key takes the same path as a 2048-bit key.
        if matches!(spec, KeySpec::Rsa3072 | KeySpec::Rsa4096) {
            continue;
        }
        let arn = keys.create(spec);
        let der = keys.public_key(&arn).await.unwrap();
        let (_, public) = SubjectPublicKeyInfo::from_der(&der).unwrap();
        let public = public.subject_public_key.data;
        for algorithm in spec.signing_algorithms() {
            for length in [1, 4096, 5000] {
                let octets = vec![5; length];
                let Ok(message) = Message::new(*algorithm, &octets) else {
                    assert_eq!((spec, length), (KeySpec::EccNistEdwards25519, 5000));
                    continue;
                };
                let signed = keys.sign(&arn, *algorithm, message.kind, &message.octets);
                let signature = signed.await.unwrap();
                let public = UnparsedPublicKey::new(verification(*algorithm), &public);
                let verified = public.verify(&octets, &signature);
                assert!(verified.is_ok(), "{} {length}", algorithm.name());
            }
        }
    }
}

#[tokio::test]
async fn dry_run_fails_like_the_signature() {
    let keys = InMemoryKeys::default();
    let arn = keys.create(KeySpec::EccNistP256);
    let algorithm = SigningAlgorithm::EcdsaSha256;
    assert_eq!(keys.can_sign(&arn, algorithm).await, Ok(()));
    let other = keys.can_sign(&arn, SigningAlgorithm::EcdsaSha384).await;
    assert!(other.unwrap_err().is("InvalidKeyUsageException"));
    keys.deny_signing(&arn, true);
    let denied = keys.can_sign(&arn, algorithm).await.unwrap_err();
    assert_eq!(denied.kind, AwsErrorKind::AccessDenied);
    keys.deny_signing(&arn, false);
    keys.change(&arn, |key| key.state = KeyState::Disabled);
    let disabled = keys.can_sign(&arn, algorithm).await.unwrap_err();
    assert!(disabled.is("DisabledException"));
    keys.script().fault_at(0, Fault::StaleRead);
    assert_eq!(keys.describe(&arn).await.unwrap().state, KeyState::Enabled);
    assert_eq!(keys.describe(&arn).await.unwrap().state, KeyState::Disabled);
    keys.delete(&arn);
    let missing = keys.describe(&arn).await.unwrap_err();
    assert!(missing.is("NotFoundException"));
}

#[tokio::test]
async fn each_state_that_prevents_signing_has_a_remedy() {
    let keys = InMemoryKeys::default();
    let arn = keys.create(KeySpec::EccNistP384);
    let required = KeySpec::EccNistP384;
    for (state, remedy) in [
        ("Creating", "describe-key"),
        ("Disabled", "enable-key"),
        ("PendingDeletion", "cancel-key-deletion"),
        ("PendingImport", "import-key-material"),
        ("PendingReplicaDeletion", "cancel-key-deletion"),
    ] {
        keys.change(&arn, |key| {
            key.state = KeyState::named(state);
            let date = "2026-12-24T00:00:00Z".parse().unwrap();
            key.deletion_date = (state == "PendingDeletion").then_some(date);
        });
        let key = keys.describe(&arn).await.unwrap();
        let problems = key.problems(&arn, required);
        let [problem] = &problems[..] else {
            panic!("{state}: {problems:?}")
        };
        let found = Diagnostic::from(problem.clone());
        assert!(found.summary.len() <= 60, "{}", found.summary);
        for part in [&arn, state, remedy] {
            assert!(found.detail.contains(part), "{part}: {}", found.detail);
        }
        let dated = found.detail.contains("2026-12-24");
        assert_eq!(dated, state == "PendingDeletion", "{}", found.detail);
    }
    for state in ["Enabled", "Updating"] {
        keys.change(&arn, |key| key.state = KeyState::named(state));
        let key = keys.describe(&arn).await.unwrap();
        assert_eq!(key.problems(&arn, required), [], "{state}");
    }
}

#[tokio::test]
async fn wrong_usage_specification_and_key_are_reported() {
    let keys = InMemoryKeys::default();
    let arn = keys.create(KeySpec::EccNistP256);
    keys.change(&arn, |key| {
        key.usage = "KEY_AGREEMENT".to_owned();
        key.origin = "AWS_CLOUDHSM".to_owned();
        key.custom_key_store = Some("cks-1".to_owned());
        key.multi_region = true;
    });
    let key = keys.describe(&arn).await.unwrap();
    let problems = key.problems(
        "arn:aws:kms:eu-central-1:123456789012:key/x",
        KeySpec::Rsa4096,
    );
    let details: String = problems
        .into_iter()
        .map(|problem| Diagnostic::from(problem).detail)
        .collect();
    for part in [
        "KEY_AGREEMENT",
        "ECC_NIST_P256",
        "RSA_4096",
        "ECDSA_P256",
        "custom key store cks-1",
        "key/x",
    ] {
        assert!(details.contains(part), "{part}: {details}");
    }
}

#[test]
fn messages_name_the_account_the_region_and_the_command() {
    const KEY: &str =
        "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let denied = AwsError::service("kms:Sign", "AccessDeniedException", "not authorized");
    let own = key_detail(&denied, KEY, Some("123456789012"));
    assert!(
        own.contains("key policy") && !own.contains("belongs to"),
        "{own}"
    );
    let other = key_detail(&denied, KEY, Some("999999999999"));
    assert!(
        other.contains("123456789012") && other.contains("999999999999"),
        "{other}"
    );
    let disabled = AwsError::service("kms:Sign", "DisabledException", "x is disabled");
    assert!(key_detail(&disabled, KEY, None).contains("describe-key"));
    let region = other_region(&Arn::parse(KEY).unwrap(), "us-east-1");
    assert!(region.detail.contains("eu-central-1") && region.detail.contains("us-east-1"));
    let alias = not_a_key_arn("alias/ca", parse_key_arn("alias/ca").unwrap_err());
    assert!(
        alias.detail.contains("describe-key --key-id alias/ca"),
        "{}",
        alias.detail
    );
}

#[tokio::test]
async fn replaced_material_and_unknown_configurations_are_observable() {
    let keys = InMemoryKeys::default();
    let arn = keys.create(KeySpec::EccNistEdwards25519);
    let before = keys.public_key(&arn).await.unwrap();
    keys.replace_material(&arn);
    assert_ne!(keys.public_key(&arn).await.unwrap(), before);
    keys.pause(Duration::from_secs(2)).await;
    assert_eq!(keys.pauses(), [Duration::from_secs(2)]);
    assert!(keys.open_keys_if_known().await.unwrap().is_some());
    keys.set_unknown(true);
    assert!(keys.open_keys_if_known().await.unwrap().is_none());
}
