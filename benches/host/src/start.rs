//! Measures the time from starting a provider to receiving its schema.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tfplugin_proto::tfplugin6::get_provider_schema::Request;
use tfplugin_proto::tfplugin6::provider_client::ProviderClient;
use tfplugin_proto::tfplugin6::{Schema, schema};
use tokio::time::timeout;

use crate::client::Identity;
use crate::process::Process;
use crate::{Sides, median};

/// Timeout for receiving the schema.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Times since process start, and peak memory after the response.
struct Sample {
    handshake: Duration,
    connected: Duration,
    /// Time until the schema is received and decoded.
    answered: Duration,
    peak_kib: f64,
    /// Number of attributes and blocks in each resource type, at every depth. Both providers must have the same
    /// numbers.
    resources: BTreeMap<String, usize>,
}

/// Measures both providers in alternation and returns the median for each column, in milliseconds or KiB.
///
/// # Errors
/// Returns an error if a provider does not respond, or if the providers serve different resources.
pub(crate) async fn measure(sides: &Sides, runs: usize, identity: &Identity) -> Result<Value> {
    let mut samples = [Vec::new(), Vec::new()];
    // The first run of each provider warms the page cache and does not count.
    for run in 0..=runs {
        for (side, binary) in sides.binaries().into_iter().enumerate() {
            let sample = run_once(binary, identity)
                .await
                .with_context(|| format!("measuring {}", binary.display()))?;
            if run > 0 {
                samples[side].push(sample);
            }
        }
    }
    let [ours, peer] = samples.each_ref().map(|side| &side[0].resources);
    ensure!(
        ours == peer,
        "the peer serves different resources, so the comparison is not valid; run `cargo xtask gen peer`\n  ours: {ours:?}\n  \
         peer: {peer:?}"
    );
    let [ours, peer] = samples.map(|side| medians(&side));
    Ok(json!({ "runs": runs, "ours": ours, "peer": peer }))
}

fn medians(samples: &[Sample]) -> Value {
    let milliseconds = |column: fn(&Sample) -> Duration| {
        let times = samples.iter().map(|sample| column(sample).as_secs_f64());
        median(times.map(|time| time * 1e3).collect())
    };
    json!({
        "handshake": milliseconds(|sample| sample.handshake),
        "connected": milliseconds(|sample| sample.connected),
        "answered": milliseconds(|sample| sample.answered),
        "rss": median(samples.iter().map(|sample| sample.peak_kib).collect()),
        "resources": samples.first().map(|sample| sample.resources.len()),
    })
}

/// Starts the provider, requests its schema, and stops it.
async fn run_once(binary: &Path, identity: &Identity) -> Result<Sample> {
    let process = Process::start(binary, identity).await?;
    let channel = process.channel.clone();
    let mut provider = ProviderClient::new(channel).max_decoding_message_size(64 << 20);
    let schema = timeout(TIMEOUT, provider.get_provider_schema(Request {}))
        .await
        .context("timed out waiting for the schema")??
        .into_inner();
    let answered = process.started.elapsed();
    let peak_kib = process.peak_kib()?;
    let schemas = schema.resource_schemas.iter();
    let resources: BTreeMap<_, _> = schemas
        .map(|(name, schema)| (name.clone(), size(schema)))
        .collect();
    ensure!(
        !resources.is_empty(),
        "the provider returned a schema without resources"
    );
    let sample = Sample {
        handshake: process.handshake,
        connected: process.connected,
        answered,
        peak_kib,
        resources,
    };
    process.end().await?;
    Ok(sample)
}

/// Returns the number of attributes and blocks in a schema, including nested ones.
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
