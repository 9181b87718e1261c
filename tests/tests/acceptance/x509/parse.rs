//! Tests for `x509_parse`.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::throwaway::{Directory, P256};
use super::{expect_argument_error, module, value, with_one_cli};
use crate::openssl::{fingerprint, openssl, serial};

const PARSE: &str = "provider::skreg::x509_parse(file(\"certificate.pem\"))";

/// Subject with a repeated attribute type, characters that RFC 4514 escapes, and non-ASCII characters.
const SUBJECT: &str = "C = DE\nST = Berlin\nL = Berlin\nO = \"Example, Inc. + Söhne\"\n0.OU = First unit\n1.OU = Second unit\n\
                       CN = \"#1 <root>\"\nDC = example";

const EXTENSIONS: &str = "basicConstraints = critical, CA:TRUE, pathlen:2\n\
    keyUsage = critical, digitalSignature, keyCertSign, cRLSign\n\
    extendedKeyUsage = serverAuth, codeSigning, 1.3.6.1.4.1.99999.1\n\
    subjectAltName = DNS:a.example, DNS:*.b.example, IP:192.0.2.1, IP:2001:db8::1, email:a@example.com, \
    URI:https://a.example/x\n\
    nameConstraints = critical, permitted;DNS:example.com, permitted;IP:10.0.0.0/255.128.0.0, \
    permitted;dirName:base, excluded;email:.bad.example, excluded;URI:.bad.example\n\
    certificatePolicies = 1.3.6.1.4.1.99999.7\n\
    crlDistributionPoints = URI:http://crl.example/a.crl\n\
    authorityInfoAccess = OCSP;URI:http://ocsp.example, caIssuers;URI:http://ca.example/ca.der\n\
    subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid:always\n1.3.6.1.4.1.99999.9 = DER:0500\n\
    [base]\nC = DE\nO = Example\n";

/// Arguments for `openssl genpkey`, with the expected key algorithm and signature algorithm.
const ALGORITHMS: [(&[&str], &str, &str); 6] = [
    (
        &["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        "RSA_2048",
        "SHA256WITHRSA",
    ),
    (P256, "ECDSA_P256", "SHA256WITHECDSA"),
    (
        &["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
        "ECDSA_P384",
        "SHA256WITHECDSA",
    ),
    (
        &["EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
        "ECDSA_P521",
        "SHA256WITHECDSA",
    ),
    (&["ED25519"], "ED25519", "ED25519"),
    // For algorithms without a name, the provider returns the object identifier (RFC 8410 section 3).
    (&["ED448"], "1.3.101.113", "1.3.101.113"),
];

/// Returns the value after `=` in the line that `openssl x509` prints.
fn printed(pem: &str, arguments: &[&str]) -> Result<String> {
    let text = openssl(&[&["x509", "-noout"], arguments].concat(), pem)?;
    let (_, text) = text.trim().split_once('=').context("no `=`")?;
    Ok(text.to_owned())
}

fn date(pem: &str, which: &str) -> Result<String> {
    Ok(printed(pem, &[which, "-dateopt", "iso_8601"])?.replace(' ', "T"))
}

fn public_key(pem: &str) -> Result<String> {
    openssl(&["x509", "-noout", "-pubkey"], pem)
}

/// Returns the identifier that `openssl x509 -ext` prints as lowercase hexadecimal.
fn identifier(pem: &str, extension: &str) -> Result<String> {
    let text = openssl(&["x509", "-noout", "-ext", extension], pem)?;
    let line = text.lines().last().context("no identifier")?.trim();
    let digits = line.trim_start_matches("keyid:").replace(':', "");
    Ok(digits.to_lowercase())
}

fn without(object: &Value, name: &str) -> Value {
    let mut object = object.clone();
    if let Some(attributes) = object.as_object_mut() {
        attributes.remove(name);
    }
    object
}

#[test]
fn x509_parse_matches_openssl_for_every_field() -> Result<()> {
    let directory = Directory::new()?;
    let pem = directory.root(P256, SUBJECT, EXTENSIONS)?.pem;
    let rfc4514 = printed(&pem, &["-subject", "-nameopt", "rfc2253,-esc_msb"])?;
    let name = json!({
        "rfc4514": rfc4514,
        "common_name": "#1 <root>",
        "organization": "Example, Inc. + Söhne",
        "organizational_unit": "Second unit",
        "country": "DE",
        "locality": "Berlin",
        "province": "Berlin",
        "attributes": [
            { "oid": "2.5.4.6", "value": "DE" },
            { "oid": "2.5.4.8", "value": "Berlin" },
            { "oid": "2.5.4.7", "value": "Berlin" },
            { "oid": "2.5.4.10", "value": "Example, Inc. + Söhne" },
            { "oid": "2.5.4.11", "value": "First unit" },
            { "oid": "2.5.4.11", "value": "Second unit" },
            { "oid": "2.5.4.3", "value": "#1 <root>" },
            { "oid": "0.9.2342.19200300.100.1.25", "value": "example" },
        ],
    });
    let none = json!({
        "dns_domains": [], "email_domains": [], "ip_ranges": [], "uri_domains": [], "directory_names": [],
        "other_types": [],
    });
    let mut permitted = none.clone();
    permitted["dns_domains"] = json!(["example.com"]);
    permitted["ip_ranges"] = json!(["10.0.0.0/9"]);
    permitted["directory_names"] = json!(["O=Example,C=DE"]);
    let mut excluded = none;
    excluded["email_domains"] = json!([".bad.example"]);
    excluded["uri_domains"] = json!([".bad.example"]);
    let expected = json!({
        "version": 3,
        "serial_number": serial(&pem)?.to_lowercase(),
        "issuer": name.clone(),
        "subject": name,
        "is_self_issued": true,
        "not_before": date(&pem, "-startdate")?,
        "not_after": date(&pem, "-enddate")?,
        "key_algorithm": "ECDSA_P256",
        "public_key_pem": public_key(&pem)?,
        "spki_sha256": directory.spki_sha256(&public_key(&pem)?)?,
        "signature_algorithm": "SHA256WITHECDSA",
        "certificate_sha256": fingerprint(&pem)?,
        "is_ca": true,
        "path_length": 2,
        "key_usage": ["digital_signature", "key_cert_sign", "crl_sign"],
        "extended_key_usage": ["server_auth", "code_signing", "1.3.6.1.4.1.99999.1"],
        "dns_names": ["a.example", "*.b.example"],
        "ip_addresses": ["192.0.2.1", "2001:db8::1"],
        "email_addresses": ["a@example.com"],
        "uris": ["https://a.example/x"],
        "subject_key_id": identifier(&pem, "subjectKeyIdentifier")?,
        "authority_key_id": identifier(&pem, "authorityKeyIdentifier")?,
        "name_constraints": { "permitted": permitted, "excluded": excluded },
        "policy_oids": ["1.3.6.1.4.1.99999.7"],
        "crl_distribution_points": ["http://crl.example/a.crl"],
        "ca_issuers_urls": ["http://ca.example/ca.der"],
        "ocsp_urls": ["http://ocsp.example"],
    });
    with_one_cli(|cli| {
        let stack = module(cli, "", &[("certificate.pem", &pem)])?;
        let found = value(&stack, PARSE)?;
        assert_eq!(without(&found, "extensions"), expected);
        let last =
            json!({ "oid": "1.3.6.1.4.1.99999.9", "critical": false, "value_base64": "BQA=" });
        assert_eq!(
            found["extensions"].as_array().and_then(|all| all.last()),
            Some(&last)
        );
        assert_eq!(found["extensions"][0]["oid"], "2.5.29.19");
        assert_eq!(found["extensions"][0]["critical"], true);
        Ok(())
    })
}

#[test]
fn x509_parse_returns_the_algorithms_of_every_key_type() -> Result<()> {
    let directory = Directory::new()?;
    let certificates = ALGORITHMS
        .iter()
        .map(|(algorithm, key, signature)| {
            let pair = directory.root(algorithm, "CN = a", "basicConstraints = CA:FALSE")?;
            Ok((pair.pem, *key, *signature))
        })
        .collect::<Result<Vec<_>>>()?;
    let names: Vec<String> = (0..certificates.len())
        .map(|n| format!("{n}.pem"))
        .collect();
    let files: Vec<_> = names
        .iter()
        .map(String::as_str)
        .zip(certificates.iter().map(|(pem, ..)| &**pem))
        .collect();
    let expected: Vec<_> = certificates
        .iter()
        .map(|(pem, key, signature)| {
            Ok(json!([
                key,
                signature,
                false,
                null,
                null,
                fingerprint(pem)?
            ]))
        })
        .collect::<Result<_>>()?;
    let expression = format!(
        "[for n in range({}) : [for c in [provider::skreg::x509_parse(file(\"${{n}}.pem\"))] : [c.key_algorithm, \
         c.signature_algorithm, c.is_ca, c.path_length, c.key_usage, c.certificate_sha256]][0]]",
        names.len()
    );
    with_one_cli(|cli| {
        let stack = module(cli, "", &files)?;
        assert_eq!(value(&stack, &expression)?, json!(expected));
        Ok(())
    })
}

#[test]
fn x509_parse_rejects_input_that_is_not_one_certificate() -> Result<()> {
    let directory = Directory::new()?;
    let pair = directory.root(P256, "CN = a", "basicConstraints = CA:FALSE")?;
    let pem = &pair.pem;
    let key = pair.key_pem()?;
    let lines: Vec<&str> = pem.lines().collect();
    let without_line = |line: usize| {
        let mut lines = lines.clone();
        lines.remove(line);
        lines.join("\n")
    };
    let cases: [(String, &[&str]); 7] = [
        (
            String::new(),
            &["contains no PEM block", "-----BEGIN CERTIFICATE-----"],
        ),
        (
            format!("a\n{pem}{pem}"),
            &["contains 2 CERTIFICATE blocks, at lines 2, "],
        ),
        (
            format!("{pem}{key}"),
            &["contains a private key at line", "remove it"],
        ),
        (
            pem.replace("CERTIFICATE", "PUBLIC KEY"),
            &["labeled \"PUBLIC KEY\" at line 1"],
        ),
        (
            without_line(lines.len() - 1),
            &["-----END CERTIFICATE-----", "truncated"],
        ),
        (
            pem.replacen("MII", "M*I", 1),
            &["invalid Base64 character at line 2"],
        ),
        (
            without_line(3),
            &[
                "is not valid: the block at line 1 is not the DER encoding of a certificate",
                "RFC 5280 section 4.1",
                "Copy the block from its source again",
            ],
        ),
    ];
    with_one_cli(|cli| {
        let stack = module(cli, "", &[])?;
        for (text, texts) in &cases {
            stack.write("certificate.pem", text)?;
            expect_argument_error(&stack, PARSE, "certificate_pem", texts)?;
        }
        Ok(())
    })
}
