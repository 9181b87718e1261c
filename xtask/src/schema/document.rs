//! Reads a provider schema from a file in one of two formats, or from an installed provider.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use flate2::read::GzDecoder;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use tfharness::{Cli, Kind, Workspace};
use tfschema::ProviderSchema;

use super::approximate;

/// First two bytes of gzip data (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A schema and its origin.
pub(super) struct Document {
    /// The schema.
    pub(super) schema: ProviderSchema,
    /// The command that printed the document, or the name of its file.
    pub(super) from: String,
    /// SHA-256 of the whole document, in hexadecimal.
    pub(super) sha256: String,
    /// Whether the provider itself printed the schema.
    pub(super) exact: bool,
}

impl Document {
    /// Reads a file, plain or compressed with gzip.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, has neither format, or describes a different provider or version.
    pub(super) fn file(path: &Path, provider: &str, version: &str) -> Result<Self> {
        let name = path.file_name().context("the path has no file name")?;
        let from = name.to_string_lossy().into_owned();
        let bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        let text = decompress(bytes)
            .with_context(|| format!("{} cannot be decompressed", path.display()))?;
        Self::read(&text, from, provider, version)
            .with_context(|| format!("{} is not a usable schema", path.display()))
    }

    /// Installs a provider with Terraform or OpenTofu and reads its schema.
    ///
    /// # Errors
    /// Returns an error if no CLI is installed, or if the CLI cannot install the provider or print its schema.
    pub(super) fn installed(provider: &str, version: &str) -> Result<Self> {
        let mut installed = Kind::ALL
            .into_iter()
            .filter_map(|kind| Cli::installed(kind).ok());
        let cli = installed.next().map_or_else(|| Cli::find(Kind::Tofu), Ok)?;
        let (_, name) = super::address(provider)?;
        let hcl = format!(
            "terraform {{\n  required_providers {{\n    {name} = {{\n      source  = \"{provider}\"\n      version = \"{version}\"\n    }}\n  }}\n}}\n"
        );
        let stack = Workspace::inline(hcl).cli(&cli).init()?;
        let from = format!("{cli} providers schema -json");
        Self::read(&stack.schemas()?.to_string(), from, provider, version)
    }

    fn read(text: &str, from: String, provider: &str, version: &str) -> Result<Self> {
        let json: Json = serde_json::from_str(text).context("not valid JSON")?;
        let (schema, exact) = match json.get("provider_schemas") {
            Some(_) => (exact(&json, provider)?, true),
            None if approximate::is(&json) => (approximate::read(&json, provider, version)?, false),
            None => bail!(
                "expected the output of `providers schema -json` or a schema extracted from bindings"
            ),
        };
        let digest = Sha256::digest(text.as_bytes());
        let sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self {
            schema,
            from,
            sha256,
            exact,
        })
    }
}

fn decompress(bytes: Vec<u8>) -> Result<String> {
    if !bytes.starts_with(&GZIP) {
        return Ok(String::from_utf8(bytes)?);
    }
    let mut text = String::new();
    GzDecoder::new(bytes.as_slice()).read_to_string(&mut text)?;
    Ok(text)
}

/// Selects the provider from the output of `providers schema -json`. Registry hostnames are ignored.
fn exact(json: &Json, provider: &str) -> Result<ProviderSchema> {
    let mut providers = tfschema::json::read_provider_schemas(json)?;
    let known = providers.keys().cloned().collect::<Vec<_>>().join(", ");
    let address = providers
        .keys()
        .find(|address| address.ends_with(&format!("/{provider}")))
        .cloned();
    let schema = address.and_then(|address| providers.remove(&address));
    let schema =
        schema.with_context(|| format!("expected a schema for {provider}, found {known}"))?;
    ensure!(
        !schema.resources.is_empty() || !schema.data_sources.is_empty(),
        "the schema for {provider} has no types"
    );
    Ok(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXACT: &str = r#"{"format_version": "1.0", "provider_schemas": {
        "registry.opentofu.org/hashicorp/aws": {"resource_schemas": {"aws_vpc": {"version": 1, "block": {}}}}}}"#;

    #[test]
    fn compressed_and_plain_files_contain_the_same_document() {
        use std::io::Write as _;

        let folder = tempfile::tempdir().expect("the directory is created");
        let (plain, packed) = (
            folder.path().join("a.json"),
            folder.path().join("a.json.gz"),
        );
        std::fs::write(&plain, EXACT).expect("the file is written");
        let file = std::fs::File::create(&packed).expect("the file is created");
        let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        encoder
            .write_all(EXACT.as_bytes())
            .expect("the file is written");
        encoder.finish().expect("the file is written");

        let plain = Document::file(&plain, "hashicorp/aws", "1.0.0").expect("the file can be read");
        let packed =
            Document::file(&packed, "hashicorp/aws", "1.0.0").expect("the file can be read");
        assert!(plain.exact && packed.exact);
        assert_eq!(plain.schema, packed.schema);
        assert_eq!(plain.sha256, packed.sha256);
        assert_eq!(
            (plain.from.as_str(), packed.from.as_str()),
            ("a.json", "a.json.gz")
        );
    }

    #[test]
    fn document_of_another_provider_is_rejected() {
        for (text, provider, expected) in [
            (
                EXACT,
                "hashicorp/google",
                "expected a schema for hashicorp/google, found registry.opentofu.org/hashicorp/aws",
            ),
            ("{}", "hashicorp/aws", "expected the output of"),
            ("[", "hashicorp/aws", "not valid JSON"),
        ] {
            let read = Document::read(text, "a.json".into(), provider, "1.0.0");
            let error = format!("{:#}", read.err().expect("the document is rejected"));
            assert!(error.contains(expected), "{error}");
        }
    }
}
