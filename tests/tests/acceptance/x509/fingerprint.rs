//! Tests for `x509_fingerprint`.

use anyhow::{Context as _, Result};
use serde_json::json;

use super::throwaway::{Directory, P256};
use super::{expect_argument_error, module, value, with_one_cli};
use crate::openssl::openssl;

#[test]
fn x509_fingerprint_matches_openssl() -> Result<()> {
    let directory = Directory::new()?;
    let pem = directory.root(P256, "CN = a", "")?.pem;
    let algorithms = ["SHA1", "SHA256", "SHA384", "SHA512"];
    let expected = algorithms
        .iter()
        .map(|algorithm| {
            let option = format!("-{}", algorithm.to_lowercase());
            let text = openssl(&["x509", "-noout", "-fingerprint", &option], &pem)?;
            let (_, digits) = text.trim().split_once('=').context("no `=`")?;
            Ok(digits.replace(':', "").to_lowercase())
        })
        .collect::<Result<Vec<_>>>()?;
    let call = |algorithm: &str| {
        format!("provider::skreg::x509_fingerprint(file(\"certificate.pem\"), {algorithm})")
    };
    let every = format!("[for name in {algorithms:?} : {}]", call("name"));
    with_one_cli(|cli| {
        let stack = module(cli, "", &[("certificate.pem", &pem)])?;
        assert_eq!(value(&stack, &every)?, json!(expected));
        let texts = ["must be one of `SHA1`, `SHA256`, `SHA384`, or `SHA512`"];
        expect_argument_error(&stack, &call("\"MD5\""), "algorithm", &texts)
    })
}
