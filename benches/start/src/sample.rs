//! One run of one provider: start, handshake line, mutual TLS, schema, peak memory, end.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tfplugin_proto::plugin::Empty;
use tfplugin_proto::plugin::grpc_controller_client::GrpcControllerClient;
use tfplugin_proto::tfplugin6::get_provider_schema::Request;
use tfplugin_proto::tfplugin6::provider_client::ProviderClient;
use tfplugin_proto::tfplugin6::{Schema, schema};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::client::{self, Address, Identity};

/// What a provider must be told to serve. Source: Terraform, `internal/plugin`.
const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);

/// How long a provider may take for its handshake line, and then for its schema.
const PATIENCE: Duration = Duration::from_secs(10);

/// Times since the start of the process, and its peak memory once it has answered.
pub(crate) struct Sample {
    /// The handshake line was read.
    pub(crate) handshake: Duration,
    /// The TLS handshake was complete on both sides.
    pub(crate) connected: Duration,
    /// The schema was received and decoded.
    pub(crate) answered: Duration,
    /// `VmHWM`, in KiB.
    pub(crate) peak_kib: f64,
    /// Attributes and blocks of each resource type in the answer, at every depth: what is measured against each other
    /// must be as large as each other.
    pub(crate) resources: BTreeMap<String, usize>,
}

/// Starts the provider, asks for its schema and ends it.
///
/// # Errors
/// When any step fails or takes too long, or the schema has no resource.
pub(crate) async fn take(binary: &Path, identity: &Identity) -> Result<Sample> {
    let start = Instant::now();
    let mut child = spawn(binary, identity)?;
    let stdout = child.stdout.take().context("no stdout")?;
    let mut line = String::new();
    timeout(PATIENCE, BufReader::new(stdout).read_line(&mut line))
        .await
        .context("no handshake line within ten seconds")??;
    let handshake = start.elapsed();

    let address = Address::parse(&line)?;
    let channel = client::connect(&address, identity).await?;
    let connected = start.elapsed();

    let mut provider = ProviderClient::new(channel.clone()).max_decoding_message_size(64 << 20);
    let schema = timeout(PATIENCE, provider.get_provider_schema(Request {}))
        .await
        .context("no schema within ten seconds")??
        .into_inner();
    let answered = start.elapsed();
    let peak_kib = peak_kib(&child)?;
    let resources: BTreeMap<_, _> = schema
        .resource_schemas
        .iter()
        .map(|(name, schema)| (name.clone(), size(schema)))
        .collect();
    ensure!(
        !resources.is_empty(),
        "the provider answered without any resource"
    );

    // The answer to the request to end may be cut off by the end itself.
    let _ = GrpcControllerClient::new(channel).shutdown(Empty {}).await;
    timeout(Duration::from_secs(2), child.wait())
        .await
        .context("the provider does not end within two seconds of being asked to")??;
    Ok(Sample {
        handshake,
        connected,
        answered,
        peak_kib,
        resources,
    })
}

/// Attributes and blocks of a schema, those within others included.
fn size(schema: &Schema) -> usize {
    schema.block.as_ref().map_or(0, of_block)
}

fn of_block(block: &schema::Block) -> usize {
    let nested = block
        .block_types
        .iter()
        .filter_map(|nested| nested.block.as_ref());
    of_attributes(&block.attributes) + nested.map(|block| 1 + of_block(block)).sum::<usize>()
}

fn of_attributes(attributes: &[schema::Attribute]) -> usize {
    let nested = attributes
        .iter()
        .filter_map(|attribute| attribute.nested_type.as_ref());
    attributes.len()
        + nested
            .map(|object| of_attributes(&object.attributes))
            .sum::<usize>()
}

fn spawn(binary: &Path, identity: &Identity) -> Result<Child> {
    Command::new(binary)
        .env_clear()
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "6")
        .env("PLUGIN_CLIENT_CERT", identity.certificate_pem())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("starting {}", binary.display()))
}

fn peak_kib(child: &Child) -> Result<f64> {
    let id = child.id().context("the provider has ended")?;
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .context("no VmHWM in the status of the process")?
        .parse()
        .context("VmHWM is no number")
}
