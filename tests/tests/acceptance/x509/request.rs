//! Tests for `csr_parse`.

use anyhow::Result;
use serde_json::json;

use super::throwaway::{Directory, P256};
use super::{expect_argument_error, module, value, with_one_cli};
use crate::openssl::openssl;

const PARSE: &str = "provider::skreg::csr_parse(file(\"request.pem\"))";

const EXTENSIONS: &str = "basicConstraints = critical, CA:TRUE, pathlen:0\nkeyUsage = digitalSignature, keyAgreement\n\
                          extendedKeyUsage = clientAuth\nsubjectAltName = DNS:a.example, IP:192.0.2.1, \
                          email:a@example.com, URI:spiffe://example/a";

#[test]
fn csr_parse_returns_the_requested_content() -> Result<()> {
    let directory = Directory::new()?;
    let key = directory.key(P256)?;
    let pem = directory.request(&key, "O = Example\nCN = a.example", EXTENSIONS)?;
    let public_key = openssl(&["req", "-noout", "-pubkey"], &pem)?;
    let expected = json!({
        "subject": {
            "rfc4514": "CN=a.example,O=Example",
            "common_name": "a.example",
            "organization": "Example",
            "organizational_unit": null,
            "country": null,
            "locality": null,
            "province": null,
            "attributes": [
                { "oid": "2.5.4.10", "value": "Example" },
                { "oid": "2.5.4.3", "value": "a.example" },
            ],
        },
        "key_algorithm": "ECDSA_P256",
        "public_key_pem": public_key,
        "spki_sha256": directory.spki_sha256(&public_key)?,
        "signature_algorithm": "SHA256WITHECDSA",
        "is_ca": true,
        "path_length": 0,
        "key_usage": ["digital_signature", "key_agreement"],
        "extended_key_usage": ["client_auth"],
        "dns_names": ["a.example"],
        "ip_addresses": ["192.0.2.1"],
        "email_addresses": ["a@example.com"],
        "uris": ["spiffe://example/a"],
        "extensions": [
            { "oid": "2.5.29.19", "critical": true, "value_base64": "MAYBAf8CAQA=" },
            { "oid": "2.5.29.15", "critical": false, "value_base64": "AwIDiA==" },
            { "oid": "2.5.29.37", "critical": false, "value_base64": "MAoGCCsGAQUFBwMC" },
            {
                "oid": "2.5.29.17",
                "critical": false,
                "value_base64": "MDGCCWEuZXhhbXBsZYcEwAACAYENYUBleGFtcGxlLmNvbYYSc3BpZmZlOi8vZXhhbXBsZS9h",
            },
        ],
    });
    with_one_cli(|cli| {
        let stack = module(cli, "", &[("request.pem", &pem)])?;
        let mut found = value(&stack, PARSE)?;
        // The lists of names cover the content of the last and longest extension.
        assert!(found["extensions"][3]["value_base64"].is_string());
        found["extensions"][3]["value_base64"] = expected["extensions"][3]["value_base64"].clone();
        assert_eq!(found, expected);
        Ok(())
    })
}

#[test]
fn csr_parse_rejects_a_request_without_proof_of_possession() -> Result<()> {
    let directory = Directory::new()?;
    let requests = [P256, P256, &["ED448"]]
        .map(|algorithm| {
            let key = directory.key(algorithm)?;
            directory.request(&key, "CN = a", "basicConstraints = CA:FALSE")
        })
        .into_iter()
        .collect::<Result<Vec<_>>>()?;
    // Request with a modified subject under the original signature.
    let forged = forged(&directory, &requests[0])?;
    let certificate = directory.root(P256, "CN = a", "")?.pem;
    let cases: [(&str, &[&str]); 3] = [
        (
            &forged,
            &[
                "block at line 1 has a signature that does not verify",
                "RFC 2986 section 3",
            ],
        ),
        (&requests[2], &["1.3.101.113", "cannot be verified"]),
        (
            &certificate,
            &["labeled \"CERTIFICATE\" at line 1; the label must be \"CERTIFICATE REQUEST\""],
        ),
    ];
    with_one_cli(|cli| {
        let stack = module(cli, "", &[])?;
        for (text, texts) in cases {
            stack.write("request.pem", text)?;
            expect_argument_error(&stack, PARSE, "request_pem", texts)?;
        }
        Ok(())
    })
}

/// Changes the subject of a request from `a` to `b` and keeps the signature.
fn forged(directory: &Directory, pem: &str) -> Result<String> {
    let path = directory.write("")?;
    openssl(&["req", "-outform", "DER", "-out", &path], pem)?;
    let mut der = std::fs::read(&path)?;
    let position = der
        .windows(7)
        .position(|octets| octets[..4] == [6, 3, 0x55, 4] && octets[4..] == [3, 0x0c, 1])
        .ok_or_else(|| anyhow::anyhow!("the request has no common name with one character"))?;
    der[position + 7] = b'b';
    std::fs::write(&path, der)?;
    openssl(&["req", "-inform", "DER", "-in", &path], "")
}
