//! Tests for `x509_chain_verify`. `openssl verify` validates the same certificates.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::throwaway::{AUTHORITY, Directory, END_ENTITY, P256, Pair};
use super::{expect_argument_error, module, value, with_one_cli};
use crate::openssl::{fingerprint, openssl, serial};

const VERIFY: &str = "provider::skreg::x509_chain_verify(file(\"leaf.pem\"), [file(\"intermediates.pem\")], \
                      [file(\"roots.pem\")], plantimestamp())";

/// Root, intermediate authority, and leaf.
struct Chain {
    root: Pair,
    intermediate: Pair,
    leaf: Pair,
}

impl Chain {
    fn new(directory: &Directory, intermediate: &str, leaf: &str) -> Result<Self> {
        let root = directory.root(P256, "CN = Root", AUTHORITY)?;
        let intermediate = directory.issue(&root, "CN = Intermediate", intermediate)?;
        let leaf = directory.issue(&intermediate, "CN = Leaf", leaf)?;
        Ok(Self {
            root,
            intermediate,
            leaf,
        })
    }

    fn files(&self) -> [(&str, &str); 3] {
        [
            ("leaf.pem", &self.leaf.pem),
            ("intermediates.pem", &self.intermediate.pem),
            ("roots.pem", &self.root.pem),
        ]
    }
}

/// Returns whether `openssl verify` accepts the files.
fn openssl_accepts(directory: &Directory, files: &[(&str, &str)]) -> Result<bool> {
    let paths = files.iter().map(|(_, pem)| directory.write(pem));
    let paths = paths.collect::<Result<Vec<_>>>()?;
    let verify = [
        "verify",
        "-x509_strict",
        "-untrusted",
        &paths[1],
        "-trusted",
        &paths[2],
        &paths[0],
    ];
    Ok(openssl(&verify, "").is_ok())
}

/// Returns the expected result for a rejected certificate, without its message.
fn rejected(reason: &str, certificate: &Pair) -> Result<Value> {
    Ok(json!({
        "valid": false, "reason": reason, "rejected_sha256": fingerprint(&certificate.pem)?, "chain_pem": [],
    }))
}

#[test]
fn x509_chain_verify_agrees_with_openssl_and_returns_the_reason() -> Result<()> {
    let directory = Directory::new()?;
    let good = Chain::new(&directory, AUTHORITY, END_ENTITY)?;
    let constrained = format!("{AUTHORITY}nameConstraints = critical, permitted;DNS:example.org\n");
    let constrained = Chain::new(&directory, &constrained, END_ENTITY)?;
    let no_authority = Chain::new(&directory, END_ENTITY, END_ENTITY)?;
    let no_sign = AUTHORITY.replace("keyCertSign, ", "");
    let no_sign = Chain::new(&directory, &no_sign, END_ENTITY)?;
    // Another root with the same name and a different key.
    let namesake = directory.root(P256, "CN = Root", &AUTHORITY.replace("keyid\n", "none\n"))?;
    let stranger = directory.root(P256, "CN = Other", AUTHORITY)?;
    let [leaf, intermediates, roots] = good.files();
    let cases = [
        (good.files(), None),
        (
            constrained.files(),
            Some(rejected("name_constraints", &constrained.leaf)?),
        ),
        (
            no_authority.files(),
            Some(rejected("not_a_ca", &no_authority.intermediate)?),
        ),
        (
            no_sign.files(),
            Some(rejected("key_usage", &no_sign.intermediate)?),
        ),
        (
            [leaf, intermediates, ("roots.pem", &namesake.pem)],
            Some(rejected("bad_signature", &good.intermediate)?),
        ),
        (
            [leaf, intermediates, ("roots.pem", &stranger.pem)],
            Some(rejected("unknown_issuer", &good.intermediate)?),
        ),
        (
            [leaf, ("intermediates.pem", &stranger.pem), roots],
            Some(rejected("unknown_issuer", &good.leaf)?),
        ),
    ];
    for (files, expected) in &cases {
        ensure!(
            openssl_accepts(&directory, files)? == expected.is_none(),
            "{expected:?}"
        );
    }
    let chain = json!([good.leaf.pem, good.intermediate.pem, good.root.pem]);
    let number = serial(&good.leaf.pem)?.to_lowercase();
    with_one_cli(|cli| {
        let stack = module(cli, "", &[])?;
        for (files, expected) in &cases {
            for (name, text) in files {
                stack.write(name, text)?;
            }
            let mut found = value(&stack, VERIFY)?;
            let message = found
                .as_object_mut()
                .and_then(|result| result.remove("message"));
            let valid = json!({ "valid": true, "reason": null, "rejected_sha256": null, "chain_pem": chain });
            assert_eq!(found, expected.clone().unwrap_or(valid));
            ensure!(message.is_some_and(|message| message.is_null() == expected.is_none()));
        }
        // The files of the last case still exist.
        let message = value(&stack, &format!("{VERIFY}.message"))?;
        let expected = format!(
            "The certificate CN=Leaf (serial number {number}) was issued by CN=Intermediate, which is not the \
             subject of any root or other intermediate certificate."
        );
        assert_eq!(message, json!(expected));
        Ok(())
    })
}

#[test]
fn x509_chain_verify_checks_the_validity_at_the_specified_time() -> Result<()> {
    let directory = Directory::new()?;
    let chain = Chain::new(&directory, AUTHORITY, END_ENTITY)?;
    let at = |time: &str| VERIFY.replace("plantimestamp()", time) + ".reason";
    with_one_cli(|cli| {
        let stack = module(cli, "", &chain.files())?;
        for (time, expected) in [
            ("timeadd(plantimestamp(), \"700h\")", Value::Null),
            ("timeadd(plantimestamp(), \"721h\")", json!("expired")),
            ("\"2020-01-01T00:00:00Z\"", json!("not_yet_valid")),
        ] {
            let found = value(&stack, &format!("[{}]", at(time)))?;
            assert_eq!(found, json!([expected]), "{time}");
        }
        let texts = ["must be an RFC 3339 time", "plantimestamp()"];
        expect_argument_error(&stack, &at("\"tomorrow\""), "at", &texts)?;
        let no_roots = VERIFY.replace("[file(\"roots.pem\")]", "[]");
        expect_argument_error(&stack, &no_roots, "roots_pem", &["must not be empty"])?;
        stack.write("intermediates.pem", "")?;
        expect_argument_error(
            &stack,
            VERIFY,
            "intermediates_pem",
            &["`[0]` contains no PEM block"],
        )
    })
}
