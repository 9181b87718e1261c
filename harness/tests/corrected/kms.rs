//! Tests AWS KMS with the real emulator, against the AWS API Reference: first without, and then with the corrections.

use std::error::Error;

use aws_lc_rs::digest::{SHA256, SHA384, digest};
use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use tfharness::{LocalAws, aws::CallError};

use super::TestResult;
use super::plain::Pair;

fn code(result: Result<Value, CallError>) -> String {
    match result {
        Ok(answer) => format!("succeeded with {answer}"),
        Err(error) => error
            .code()
            .map_or_else(|| error.to_string(), str::to_owned),
    }
}

fn key(aws: &LocalAws, spec: &str) -> Result<String, Box<dyn Error>> {
    let parameters = json!({ "KeySpec": spec, "KeyUsage": "SIGN_VERIFY" });
    let created = aws.call("kms", "CreateKey", parameters)?;
    let arn = created["KeyMetadata"]["Arn"].as_str();
    Ok(arn.ok_or("CreateKey returns an ARN")?.to_owned())
}

fn message(key: &str, algorithm: &str, octets: &[u8]) -> Value {
    json!({
        "KeyId": key, "SigningAlgorithm": algorithm, "Message": BASE64_STANDARD.encode(octets),
    })
}

fn octets(answer: &Value, member: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let encoded = answer[member].as_str().ok_or("the member is present")?;
    Ok(BASE64_STANDARD.decode(encoded)?)
}

#[test]
fn signatures_of_messages_and_digests_verify_outside_of_kms() -> TestResult {
    let aws = LocalAws::account()?;
    let rows: [(&str, &str, &dyn VerificationAlgorithm, _); 3] = [
        (
            "RSA_2048",
            "RSASSA_PKCS1_V1_5_SHA_256",
            &RSA_PKCS1_2048_8192_SHA256,
            Some(&SHA256),
        ),
        (
            "ECC_NIST_P384",
            "ECDSA_SHA_384",
            &ECDSA_P384_SHA384_ASN1,
            Some(&SHA384),
        ),
        ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512", &ED25519, None),
    ];
    for (spec, algorithm, verification, hash) in rows {
        let arn = key(&aws, spec)?;
        let alias = format!("alias/{spec}");
        let target = json!({ "AliasName": alias, "TargetKeyId": arn });
        aws.call("kms", "CreateAlias", target)?;
        // A response names the key even if the request contains an alias (GetPublicKey, `KeyId`).
        let public = aws.call("kms", "GetPublicKey", json!({ "KeyId": alias }))?;
        assert_eq!(public["KeyId"], arn);
        let public = UnparsedPublicKey::new(verification, octets(&public, "PublicKey")?);
        let long = vec![9; 4096];
        let signed = aws.call("kms", "Sign", message(&arn, algorithm, &long))?;
        let verified = public.verify(&long, &octets(&signed, "Signature")?);
        assert!(verified.is_ok(), "{spec}");
        if let Some(hash) = hash {
            let longer = vec![8; 5000];
            let mut parameters = message(&arn, algorithm, digest(hash, &longer).as_ref());
            parameters["MessageType"] = "DIGEST".into();
            let signed = aws.call("kms", "Sign", parameters)?;
            let verified = public.verify(&longer, &octets(&signed, "Signature")?);
            assert!(verified.is_ok(), "{spec}");
        }
    }
    Ok(())
}

#[test]
fn dry_run_does_not_sign() -> TestResult {
    let pair = Pair::start()?;
    let arn = key(&pair.aws, "ECC_NIST_P384")?;
    let mut parameters = message(&arn, "ECDSA_SHA_384", b"x");
    parameters["DryRun"] = true.into();
    let (status, text) = pair.uncorrected("TrentService.Sign", &parameters)?;
    assert!(status == 200 && text.contains("Signature"), "{text}");
    let sign = |parameters: &Value| code(pair.aws.call("kms", "Sign", parameters.clone()));
    assert_eq!(sign(&parameters), "DryRunOperationException");
    parameters["SigningAlgorithm"] = "ECDSA_SHA_256".into();
    assert_eq!(sign(&parameters), "InvalidKeyUsageException");
    pair.aws
        .call("kms", "DisableKey", json!({ "KeyId": arn }))?;
    parameters["SigningAlgorithm"] = "ECDSA_SHA_384".into();
    assert_eq!(sign(&parameters), "DisabledException");
    Ok(())
}

#[test]
fn message_has_1_to_4096_octets_and_digest_the_length_of_its_hash() -> TestResult {
    let pair = Pair::start()?;
    let arn = key(&pair.aws, "ECC_NIST_P384")?;
    let sign = |parameters: Value| code(pair.aws.call("kms", "Sign", parameters));
    for length in [0, 4097] {
        let parameters = message(&arn, "ECDSA_SHA_384", &vec![1; length]);
        let (status, text) = pair.uncorrected("TrentService.Sign", &parameters)?;
        assert_eq!(status, 200, "{length}: {text}");
        assert_eq!(sign(parameters), "ValidationException", "{length}");
    }
    let mut short = message(&arn, "ECDSA_SHA_384", &[1; 32]);
    short["MessageType"] = "DIGEST".into();
    assert_eq!(sign(short), "ValidationException");
    let edwards = key(&pair.aws, "ECC_NIST_EDWARDS25519")?;
    let mut digest = message(&edwards, "ED25519_SHA_512", &[1; 64]);
    digest["MessageType"] = "DIGEST".into();
    let (_, text) = pair.uncorrected("TrentService.Sign", &digest)?;
    assert!(text.contains("UnsupportedOperationException"), "{text}");
    assert_eq!(sign(digest), "ValidationException");
    Ok(())
}

#[test]
fn key_of_another_usage_cannot_sign() -> TestResult {
    let pair = Pair::start()?;
    let symmetric = pair.aws.call("kms", "CreateKey", json!({}))?;
    let arn = symmetric["KeyMetadata"]["Arn"].as_str().ok_or("an ARN")?;
    let parameters = message(arn, "ECDSA_SHA_384", b"x");
    let (_, text) = pair.uncorrected("TrentService.Sign", &parameters)?;
    assert!(text.contains("UnsupportedOperationException"), "{text}");
    let refused = code(pair.aws.call("kms", "Sign", parameters));
    assert_eq!(refused, "InvalidKeyUsageException");
    for parameters in [
        json!({ "KeySpec": "ECC_NIST_P256" }),
        json!({ "KeySpec": "ECC_NIST_P256", "KeyUsage": "ENCRYPT_DECRYPT" }),
        json!({ "KeySpec": "ECC_NIST_EDWARDS25519", "KeyUsage": "KEY_AGREEMENT" }),
    ] {
        let (status, text) = pair.uncorrected("TrentService.CreateKey", &parameters)?;
        assert_eq!(status, 200, "{text}");
        let refused = code(pair.aws.call("kms", "CreateKey", parameters));
        assert_eq!(refused, "ValidationException");
    }
    Ok(())
}

#[test]
fn key_state_determines_the_allowed_calls() -> TestResult {
    let pair = Pair::start()?;
    let arn = key(&pair.aws, "ECC_NIST_P384")?;
    let id = json!({ "KeyId": arn });
    let call = |action: &str| code(pair.aws.call("kms", action, id.clone()));
    let state = || -> Result<Value, CallError> {
        let mut described = pair.aws.call("kms", "DescribeKey", id.clone())?;
        Ok(described["KeyMetadata"]["KeyState"].take())
    };
    assert_eq!(call("CancelKeyDeletion"), "KMSInvalidStateException");
    pair.aws.call("kms", "DisableKey", id.clone())?;
    let (status, text) = pair.uncorrected("TrentService.GetPublicKey", &id)?;
    assert_eq!(status, 200, "{text}");
    assert_eq!(call("GetPublicKey"), "DisabledException");
    pair.aws.call("kms", "ScheduleKeyDeletion", id.clone())?;
    for action in [
        "GetPublicKey",
        "EnableKey",
        "DisableKey",
        "ScheduleKeyDeletion",
    ] {
        assert_eq!(call(action), "KMSInvalidStateException", "{action}");
    }
    let (status, text) = pair.uncorrected("TrentService.ScheduleKeyDeletion", &id)?;
    assert_eq!(status, 200, "{text}");
    pair.aws.call("kms", "CancelKeyDeletion", id.clone())?;
    assert_eq!(state()?, "Disabled");
    pair.aws.call("kms", "EnableKey", id.clone())?;
    assert_eq!(state()?, "Enabled");
    assert!(call("GetPublicKey").starts_with("succeeded"));
    let missing = json!({ "KeyId": format!("{arn}0") });
    let refused = code(pair.aws.call("kms", "EnableKey", missing));
    assert_eq!(refused, "NotFoundException");
    Ok(())
}
