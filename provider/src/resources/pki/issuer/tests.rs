//! The `issuer` object, and the key behind it in an in-memory account.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tfplugin::{Call, CancellationToken, Diagnostics, Planned};

use super::*;
use crate::aws::kms::KeyState;
use crate::pki::{
    Certificate, CertifiedKey, Description, DistinguishedName, End, KeyAlgorithm, KeyDocument,
    NameAttribute, PublicKey, SerialNumber, Signer, SoftwareKey, SystemEntropy, Term, issue,
};
use crate::resources::pki::stored_key::account::keys::Key;
use crate::resources::pki::stored_key::account::{Account, Secret};

const SECRET: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:root-AbCdEf";
const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn call() -> Call {
    Call::new(
        CancellationToken::new(),
        Instant::now() + Duration::from_secs(600),
    )
}

fn name(text: &str) -> DistinguishedName {
    DistinguishedName::new([(NameAttribute::CommonName, text.to_owned())]).unwrap()
}

fn root_description(key: &PublicKey) -> Description {
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let term = Term {
        end: End::Days(3650),
        not_before_margin_minutes: 60,
    };
    Description::root(
        name("Test Root"),
        SerialNumber::random(&SystemEntropy).unwrap(),
        term.from(now).unwrap(),
        Some(1),
        key.algorithm().default_signature_algorithm(),
    )
}

/// Stores a root with a software key, and returns its `issuer` object.
async fn software_root(account: &Account) -> IssuingAuthority {
    let key = SoftwareKey::generate(KeyAlgorithm::EcdsaP256).unwrap();
    let description = root_description(key.public());
    let certificate = issue(&description, key.public(), &key).await.unwrap();
    let document = KeyDocument::pending(key, description, Vec::new());
    store(
        account,
        document.with_certificate(certificate.clone()).unwrap(),
    );
    authority(certificate, None)
}

/// Stores a root with a key in KMS, and returns its `issuer` object.
async fn kms_root(account: &Account) -> IssuingAuthority {
    let key = Key::new(KeyAlgorithm::EcdsaP384);
    let public_key = key.pair.public().clone();
    let description = root_description(&public_key);
    let certificate = issue(&description, &public_key, &*key.pair).await.unwrap();
    account.with(|contents| contents.keys.insert(KEY.to_owned(), key));
    let arn = KEY.to_owned();
    let key = CertifiedKey::Kms { arn, public_key };
    let document = KeyDocument::pending(key, description, Vec::new());
    store(
        account,
        document.with_certificate(certificate.clone()).unwrap(),
    );
    authority(certificate, Some(KEY.to_owned()))
}

fn store(account: &Account, document: KeyDocument) {
    let value = document.to_text().unwrap().expose().to_owned();
    let secret = Secret {
        arn: SECRET.to_owned(),
        versions: BTreeMap::from([("v1".to_owned(), value)]),
        current: "v1".to_owned(),
        ..Secret::default()
    };
    account.with(|contents| contents.secrets.insert("root".to_owned(), secret));
}

fn authority(certificate: Certificate, kms_key_arn: Option<String>) -> IssuingAuthority {
    let algorithm = certificate.public_key().algorithm();
    IssuingAuthority {
        certificate,
        chain: Vec::new(),
        secret_arn: SECRET.to_owned(),
        kms_key_arn,
        signature_algorithm: algorithm.default_signature_algorithm(),
        usage: [Usage::SignCa, Usage::SignCrl].into(),
        argument: "issuer",
    }
}

fn text(diagnostics: Diagnostics) -> String {
    let all = diagnostics
        .into_iter()
        .map(|found| format!("{}\n{}\n{}\n", found.path, found.summary, found.detail));
    all.collect()
}

async fn open_error(authority: &IssuingAuthority, account: &Account) -> String {
    let call = call();
    let opened = authority.open(account, &call).await;
    text(opened.err().expect("the key must not be opened"))
}

/// Converts the computed object to the argument of another resource.
fn argument(authority: &IssuingAuthority) -> Issuer {
    let output = IssuerOutput::from(authority);
    Issuer {
        certificate_pem: output.certificate_pem,
        chain_pem: output.chain_pem,
        secret_arn: output.secret_arn,
        kms_key_arn: output.kms_key_arn,
        signature_algorithm: output.signature_algorithm,
        usage: output.usage,
        spki_sha256: output.spki_sha256,
    }
}

#[tokio::test]
async fn the_computed_object_is_a_valid_argument() {
    let account = Account::default();
    for authority in [software_root(&account).await, kms_root(&account).await] {
        let read = IssuingAuthority::read(argument(&authority));
        assert!(read.is_ok_and(|read| read == authority));
    }
    assert_eq!(IssuingAuthority::of(&Planned::Unknown).ok().flatten(), None);
}

#[tokio::test]
async fn an_inconsistent_argument_is_rejected_with_its_attribute() {
    let account = Account::default();
    let root = software_root(&account).await;
    let other = kms_root(&account).await.certificate.to_pem();
    type Change = Box<dyn Fn(&mut Issuer)>;
    let cases: [(&str, &str, Change); 7] = [
        (
            "certificate_pem",
            "no PEM block",
            Box::new(|issuer| issuer.certificate_pem.clear()),
        ),
        (
            "chain_pem",
            "certificate 1",
            Box::new(move |issuer| issuer.chain_pem = other.clone()),
        ),
        (
            "spki_sha256",
            "different authorities",
            Box::new(|issuer| issuer.spki_sha256 = "00".to_owned()),
        ),
        (
            "signature_algorithm",
            "cannot sign with \"SHA256WITHRSA\"",
            Box::new(|issuer| issuer.signature_algorithm = "SHA256WITHRSA".to_owned()),
        ),
        (
            "secret_arn",
            "not the ARN",
            Box::new(|issuer| issuer.secret_arn = KEY.to_owned()),
        ),
        (
            "usage",
            "\"sign\"",
            Box::new(|issuer| issuer.usage = ["sign".to_owned()].into()),
        ),
        (
            "certificate_pem",
            "private key",
            Box::new(|issuer| {
                issuer
                    .certificate_pem
                    .push_str("-----BEGIN PRIVATE KEY-----\n")
            }),
        ),
    ];
    for (attribute, reason, change) in cases {
        let mut issuer = argument(&root);
        change(&mut issuer);
        let message = text(IssuingAuthority::read(issuer).expect_err(attribute));
        assert!(
            message.starts_with(&format!("issuer.{attribute}\n")),
            "{message}"
        );
        assert!(message.contains(reason), "{attribute}: {message}");
    }
    let message = text(root.require(Usage::SignLeaf).unwrap_err().into());
    assert!(
        message.starts_with("issuer.usage\nIssuer is not allowed to sign"),
        "{message}"
    );
    assert!(root.require(Usage::SignCa).is_ok());
}

#[tokio::test]
async fn the_key_signs_and_only_a_software_key_is_read() {
    let account = Account::default();
    for (in_kms, calls) in [
        (false, vec!["secretsmanager:GetSecretValue"]),
        (true, vec!["kms:GetPublicKey", "kms:Sign"]),
    ] {
        let found = match in_kms {
            false => software_root(&account).await,
            true => kms_root(&account).await,
        };
        account.recover();
        let call = call();
        let opened = found.open(&account, &call).await;
        let key = opened.unwrap_or_else(|found| panic!("{}", text(found)));
        let description = root_description(found.certificate.public_key());
        // The signature is verified during issuance.
        issue(&description, key.public_key(), &key).await.unwrap();
        account.with(|contents| assert_eq!(contents.calls, calls));
    }
}

#[tokio::test]
async fn a_wrong_missing_or_deleted_secret_is_explained() {
    type Change = fn(&Account);
    let cases: [(&str, &str, &str, Change); 5] = [
        (
            "secret_arn",
            "Issuer key is missing",
            "does not exist",
            |account| account.with(|contents| contents.secrets.clear()),
        ),
        (
            "secret_arn",
            "Issuer key is scheduled for deletion",
            "restore-secret",
            |account| {
                account.with(|contents| {
                    contents.secrets.get_mut("root").unwrap().pending_deletion = true
                })
            },
        ),
        (
            "secret_arn",
            "Resource is in another region",
            "eu-central-1",
            |account| account.with(|contents| contents.connected_to.0 = "us-east-1"),
        ),
        (
            "secret_arn",
            "Resource is in another account",
            "123456789012",
            |account| {
                account.with(|contents| {
                    contents.connected_to.1 = Some("210987654321");
                    contents.secrets.clear();
                })
            },
        ),
        (
            "secret_arn",
            "Secret does not contain a usable issuer key",
            "unusable",
            |account| {
                account.with(|contents| contents.secrets.get_mut("root").unwrap().binary = true)
            },
        ),
    ];
    for (attribute, summary, remedy, change) in cases {
        let account = Account::default();
        let root = software_root(&account).await;
        change(&account);
        let message = open_error(&root, &account).await;
        assert!(
            message.starts_with(&format!("issuer.{attribute}\n{summary}\n")),
            "{message}"
        );
        assert!(message.contains(remedy), "{message}");
    }
    let account = Account::default();
    let root = software_root(&account).await;
    software_root(&account).await;
    let message = open_error(&root, &account).await;
    assert!(
        message.starts_with("issuer.secret_arn\nIssuer key was changed\n"),
        "{message}"
    );
    let mut found = kms_root(&account).await;
    found.kms_key_arn = None;
    let message = open_error(&found, &account).await;
    assert!(
        message.starts_with("issuer.kms_key_arn\nInvalid issuer\n"),
        "{message}"
    );
}

#[tokio::test]
async fn a_kms_key_that_cannot_sign_is_explained_by_its_state() {
    type Change = fn(&mut Key);
    let cases: [(&str, &str, Change); 4] = [
        ("KMS key is disabled", "enable-key", |key| {
            key.state = KeyState::Disabled
        }),
        (
            "KMS key is pending deletion",
            "cancel-key-deletion",
            |key| key.state = KeyState::PendingDeletion,
        ),
        (
            "KMS key does not match",
            "Specify the ARN of the key",
            |key| *key = Key::new(KeyAlgorithm::EcdsaP384),
        ),
        ("KMS key cannot be used", "kms:GetPublicKey", |key| {
            key.denied = Some("kms:GetPublicKey")
        }),
    ];
    for (summary, remedy, change) in cases {
        let account = Account::default();
        let root = kms_root(&account).await;
        account.with(|contents| change(contents.keys.get_mut(KEY).unwrap()));
        let message = open_error(&root, &account).await;
        assert!(
            message.starts_with(&format!("issuer.kms_key_arn\n{summary}\n")),
            "{message}"
        );
        assert!(message.contains(remedy), "{message}");
    }
    let account = Account::default();
    let root = kms_root(&account).await;
    account.with(|contents| contents.connected_to.0 = "us-east-1");
    let message = open_error(&root, &account).await;
    assert!(
        message.contains("KMS key is in another region"),
        "{message}"
    );
}
