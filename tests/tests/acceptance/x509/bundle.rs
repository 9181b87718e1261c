//! Tests for `pem_bundle`.

use anyhow::Result;
use serde_json::json;

use super::throwaway::{Directory, P256};
use super::{expect_argument_error, module, value, with_one_cli};
use crate::openssl::openssl;

const BUNDLE: &str = "provider::skreg::pem_bundle([file(\"0.pem\"), file(\"1.pem\")])";

#[test]
fn pem_bundle_contains_each_certificate_once_in_openssl_format() -> Result<()> {
    let directory = Directory::new()?;
    let roots = ["CN = a", "CN = b", "CN = c"]
        .map(|subject| Ok(directory.root(P256, subject, "")?.pem))
        .into_iter()
        .collect::<Result<Vec<_>>>()?;
    // OpenSSL writes a text description of the certificate before the block.
    let text = openssl(&["x509", "-text"], &roots[1])?;
    let first = format!("{}{text}", roots[2]).replace('\n', "\r\n");
    let second = format!("{}# Older generation\n{}", roots[1], roots[0]);
    with_one_cli(|cli| {
        let stack = module(cli, "", &[("0.pem", &first), ("1.pem", &second)])?;
        let expected = [&*roots[2], &roots[1], &roots[0]].concat();
        assert_eq!(value(&stack, BUNDLE)?, json!(expected));
        Ok(())
    })
}

#[test]
fn pem_bundle_reports_the_invalid_element() -> Result<()> {
    let directory = Directory::new()?;
    let root = directory.root(P256, "CN = a", "")?;
    let key = root.key_pem()?;
    with_one_cli(|cli| {
        let stack = module(cli, "", &[("0.pem", &root.pem)])?;
        for (text, says) in [
            (
                key.as_str(),
                "`[1]` contains a private key at line 1; remove it",
            ),
            ("", "`[1]` contains no PEM block"),
        ] {
            stack.write("1.pem", text)?;
            expect_argument_error(&stack, BUNDLE, "certificates_pem", &[says])?;
        }
        let empty = "provider::skreg::pem_bundle([])";
        expect_argument_error(&stack, empty, "certificates_pem", &["must not be empty"])
    })
}
