//! A private key from the configuration: `private_key_pem_wo`.

use tfplugin::{Create, Plan, Secret as SecretArgument, Validate};

use super::*;
use crate::resources::pki::stored_key::KmsPlan;
use crate::resources::pki::stored_key::account::{Account, Crash, Fault};

/// Generates a key with OpenSSL.
fn generated(algorithm: &[&str]) -> String {
    openssl(&[&["genpkey"], algorithm].concat(), "")
}

fn p256() -> String {
    generated(&["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
}

fn config_with(key: &str, algorithm: &str) -> RootCaPlan {
    RootCaPlan {
        private_key_pem_wo: Planned::Known(SecretArgument::new(key.to_owned())),
        private_key_pem_wo_version: 1.into(),
        ..plan(algorithm)
    }
}

/// Returns the plan for a configuration, without the write-only argument.
fn plan_of(config: &RootCaPlan) -> RootCaPlan {
    RootCaPlan {
        private_key_pem_wo: Planned::Null,
        ..config.clone()
    }
}

async fn reviewed(run: &RootCas<Account>, config: &RootCaPlan) -> Result<(), String> {
    let mut request = Plan::for_test(None, Some(plan_of(config)));
    request.config = Some(config.clone());
    let found = run.review(&mut request).await;
    found.map_err(|diagnostics| text(&diagnostics))
}

async fn applied(run: &RootCas<Account>, config: &RootCaPlan) -> Result<RootCa, String> {
    let mut request = Create::for_test(plan_of(config));
    request.config = config.clone();
    match run.create(request).await {
        Ok(stored) => Ok(stored.state),
        Err(failure) => Err(text(&failure.diagnostics)),
    }
}

fn invalid(run: &RootCas<Account>, config: &RootCaPlan) -> String {
    text(&run.validate(Validate::for_test(config.clone())))
}

fn public_key(key: &str) -> String {
    openssl(&["pkey", "-pubout"], key)
}

#[tokio::test]
async fn certificate_is_issued_for_the_supplied_key() {
    let keys = [
        ("ECDSA_P256", p256()),
        ("ED25519", generated(&["-algorithm", "ED25519"])),
        (
            "RSA_3072",
            generated(&["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"]),
        ),
    ];
    for (algorithm, key) in keys {
        let account = Account::default();
        let run = resource(&account);
        // A value from a file can have a trailing line.
        let config = config_with(&format!("{key}\n"), algorithm);
        assert_eq!(invalid(&run, &config), "");
        assert_eq!(reviewed(&run, &config).await, Ok(()));
        let state = applied(&run, &config).await.unwrap();
        assert_eq!(state.public_key_pem, public_key(&key));
        assert!(state.private_key_pem_wo.value().is_none());
        let state = RootCaPlan::from(state);
        assert_settled(&account, &state).await;

        // The argument is ignored after creation, and can be removed.
        let mut next = state.clone();
        next.private_key_pem_wo_version = Planned::Null;
        assert!(planned(&run, Some(&state), Some(&next)).await.is_ok());
        next.private_key_pem_wo_version = 2.into();
        let message = planned(&run, Some(&state), Some(&next)).await.unwrap_err();
        assert!(
            message
                .starts_with("private_key_pem_wo_version\nIdentity of a root cannot be changed\n"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn unusable_keys_are_rejected_with_the_conversion_and_without_their_content() {
    let account = Account::default();
    let run = resource(&account);
    let key = p256();
    let sec1 = openssl(&["pkey", "-traditional"], &key);
    let encrypted = openssl(&["pkcs8", "-topk8", "-passout", "pass:secret"], &key);
    let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let convert = "openssl pkcs8 -topk8 -nocrypt";
    for (value, expected) in [
        (sec1.as_str(), convert),
        (encrypted.as_str(), convert),
        (certificate, "exactly one PRIVATE KEY block"),
        ("", "exactly one PRIVATE KEY block"),
        (&format!("{key}{key}"), "exactly one PRIVATE KEY block"),
    ] {
        let message = invalid(&run, &config_with(value, "ECDSA_P256"));
        assert!(
            message.starts_with("private_key_pem_wo\nPrivate key is not usable\n")
                && message.contains(expected),
            "{message}"
        );
        let quoted = value.lines().filter(|line| !line.starts_with("-----"));
        for line in quoted {
            assert!(!message.contains(line), "the message quotes the key");
        }
        assert!(
            reviewed(&run, &config_with(value, "ECDSA_P256"))
                .await
                .is_err()
        );
    }
    let damaged = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    for (value, expected) in [
        (key.as_str(), "Set key_algorithm to ECDSA_P256"),
        (damaged, "not a valid RSA_4096 key"),
    ] {
        let config = config_with(value, "RSA_4096");
        assert_eq!(invalid(&run, &config), "");
        let message = reviewed(&run, &config).await.unwrap_err();
        assert!(message.contains(expected), "{message}");
        assert_eq!(applied(&run, &config).await.err(), Some(message));
    }
    account.with(|contents| assert!(contents.calls.is_empty()));
}

#[tokio::test]
async fn arguments_must_be_consistent() {
    let account = Account::default();
    let run = resource(&account);
    let mut config = config_with(&p256(), "ECDSA_P256");
    config.private_key_pem_wo_version = Planned::Null;
    assert!(invalid(&run, &config).contains("Version of the private key is missing"));
    let mut config = config_with(&p256(), "ECDSA_P256");
    config.kms = Planned::Known(KmsPlan {
        key_arn: Planned::Unknown,
    });
    assert!(invalid(&run, &config).contains("Conflicting sources of the private key"));
    let mut config = config_with("", "ECDSA_P256");
    config.private_key_pem_wo = Planned::Null;
    assert_eq!(invalid(&run, &config), "", "the object can exist");
    for message in [
        reviewed(&run, &config).await.unwrap_err(),
        applied(&run, &config).await.err().unwrap(),
    ] {
        assert!(message.contains("Private key is missing"), "{message}");
    }
    config.private_key_pem_wo = Planned::Unknown;
    assert_eq!(reviewed(&run, &config).await, Ok(()));
}

#[tokio::test]
async fn interrupted_create_continues_only_with_the_same_key() {
    let (account, key) = (Account::default(), p256());
    let run = resource(&account);
    account.fault_at(2, Fault::Crash(Crash::BeforeEffect));
    let config = config_with(&key, "ECDSA_P256");
    let interrupted = tokio::select! {
        biased;
        () = account.crashed() => true,
        _ = applied(&run, &config) => false,
    };
    assert!(interrupted);
    let later = later_run(&account);
    let message = applied(&later, &config_with(&p256(), "ECDSA_P256")).await;
    let message = message.err().unwrap();
    assert!(
        message.contains("Unfinished authority differs") && message.contains("private_key_pem_wo"),
        "{message}"
    );
    let state = applied(&later, &config).await.unwrap();
    assert_eq!(state.public_key_pem, public_key(&key));
}
