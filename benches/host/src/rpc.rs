//! Measures validation, planning, apply, and read for many resources over the wire: RPCs per CPU-second, and peak
//! memory.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tfplugin_proto::tfplugin6::provider_client::ProviderClient;
use tfplugin_proto::tfplugin6::{
    Diagnostic, DynamicValue, apply_resource_change, configure_provider, plan_resource_change,
    read_resource, validate_resource_config,
};
use tonic::transport::Channel;

use crate::client::Identity;
use crate::objects::{SIZES, Size};
use crate::process::Process;
use crate::{Sides, median, msgpack, sets};

/// Number of concurrent calls that a host sends (Terraform CLI, `-parallelism`).
const PARALLELISM: usize = 10;
/// RPCs per resource: validate, plan, apply, read.
const CALLS: f64 = 4.0;

/// Measurements for one process.
struct Sample {
    /// CPU seconds by size.
    seconds: [f64; SIZES.len()],
    /// CPU seconds for one update of a large set.
    update: f64,
    peak_kib: f64,
}

/// Measures both providers in alternation. `resources` is the total for all three sizes.
///
/// # Errors
/// Returns an error if a provider does not respond or rejects a request.
pub(crate) async fn measure(
    sides: &Sides,
    runs: usize,
    resources: usize,
    identity: &Identity,
) -> Result<Value> {
    let each = resources.div_ceil(SIZES.len());
    let mut samples = [Vec::new(), Vec::new()];
    for _ in 0..runs {
        for (side, binary) in sides.binaries().into_iter().enumerate() {
            let sample = run_once(binary, each, sets::elements(resources), identity).await;
            samples[side].push(sample.with_context(|| format!("measuring {}", binary.display()))?);
        }
    }
    let elements = sets::elements(resources);
    let mut report = json!({ "runs": runs, "resources": each * SIZES.len(), "elements": elements });
    for (name, (binary, samples)) in ["ours", "peer"]
        .into_iter()
        .zip(sides.binaries().into_iter().zip(&samples))
    {
        report[name] = figures(samples, each);
        report[name]["binary"] = json!(std::fs::metadata(binary)?.len());
    }
    Ok(report)
}

/// Returns RPCs per CPU-second in total and by size, set updates per CPU-second, and peak memory in KiB.
fn figures(samples: &[Sample], each: usize) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "the number of calls is small")]
    let calls = CALLS * each as f64;
    let mut figures = json!({
        "rss": median(samples.iter().map(|sample| sample.peak_kib).collect()),
        "rpcs": median(samples.iter().map(|sample| {
            let count = sample.seconds.map(|_| calls).iter().sum::<f64>();
            count / sample.seconds.iter().sum::<f64>().max(f64::EPSILON)
        }).collect()),
        "updates": median(samples.iter().map(|sample| {
            1.0 / sample.update.max(f64::EPSILON)
        }).collect()),
    });
    for (place, size) in SIZES.iter().enumerate() {
        let rates = samples
            .iter()
            .map(|sample| calls / sample.seconds[place].max(f64::EPSILON));
        figures[size.name] = json!(median(rates.collect()));
    }
    figures
}

async fn run_once(
    binary: &Path,
    each: usize,
    elements: usize,
    identity: &Identity,
) -> Result<Sample> {
    let process = Process::start(binary, identity).await?;
    let mut provider = ProviderClient::new(process.channel.clone());
    let request = configure_provider::Request {
        terraform_version: "1.12.0".to_owned(),
        config: Some(dynamic(&json!({}))?),
        ..Default::default()
    };
    let configured = provider.configure_provider(request).await?.into_inner();
    expect_no_diagnostics(&configured.diagnostics)?;
    let mut seconds = [0.0; SIZES.len()];
    for (place, size) in SIZES.iter().enumerate() {
        let before = process.cpu_seconds()?;
        let workers = (0..PARALLELISM).map(|worker| {
            let channel = process.channel.clone();
            let numbers = (worker..each).step_by(PARALLELISM);
            tokio::spawn(async move { run_lifecycle(channel, size, numbers).await })
        });
        for worker in workers.collect::<Vec<_>>() {
            worker.await??;
        }
        seconds[place] = process.cpu_seconds()? - before;
    }
    let peak_kib = process.peak_kib()?;
    let update = sets::update_seconds(&process, elements).await?;
    process.end().await?;
    Ok(Sample {
        seconds,
        update,
        peak_kib,
    })
}

/// For all objects of one size, sends the calls for the first apply and the next refresh.
async fn run_lifecycle(
    channel: Channel,
    size: &Size,
    numbers: impl Iterator<Item = usize>,
) -> Result<()> {
    let mut provider = ProviderClient::new(channel);
    let type_name = || size.type_name.to_owned();
    for number in numbers {
        let config = Some(dynamic(&(size.configuration)(number))?);
        let nothing = Some(dynamic(&Value::Null)?);
        let request = validate_resource_config::Request {
            type_name: type_name(),
            config: config.clone(),
            ..Default::default()
        };
        let validated = provider.validate_resource_config(request).await?;
        expect_no_diagnostics(&validated.into_inner().diagnostics)?;
        let values = Values {
            prior: nothing,
            proposed: config.clone(),
            config,
        };
        let (_, applied) = plan_and_apply(&mut provider, size.type_name, values).await?;
        let request = read_resource::Request {
            type_name: type_name(),
            current_state: applied.new_state,
            private: applied.private,
            ..Default::default()
        };
        let read = provider.read_resource(request).await?.into_inner();
        expect_no_diagnostics(&read.diagnostics)?;
        let state = read.new_state.context("the read returned no state")?;
        // An encoded null state is one byte long.
        ensure!(
            state.msgpack.len() > 1,
            "{} {number} does not exist",
            size.name
        );
    }
    Ok(())
}

/// Values in a change.
pub(crate) struct Values {
    pub(crate) prior: Option<DynamicValue>,
    pub(crate) proposed: Option<DynamicValue>,
    pub(crate) config: Option<DynamicValue>,
}

/// Plans and applies a change. Returns whether the plan replaces the object, and the new state.
pub(crate) async fn plan_and_apply(
    provider: &mut ProviderClient<Channel>,
    type_name: &str,
    values: Values,
) -> Result<(bool, apply_resource_change::Response)> {
    let request = plan_resource_change::Request {
        type_name: type_name.to_owned(),
        prior_state: values.prior.clone(),
        proposed_new_state: values.proposed,
        config: values.config.clone(),
        ..Default::default()
    };
    let planned = provider.plan_resource_change(request).await?.into_inner();
    expect_no_diagnostics(&planned.diagnostics)?;
    let request = apply_resource_change::Request {
        type_name: type_name.to_owned(),
        prior_state: values.prior,
        planned_state: planned.planned_state,
        config: values.config,
        planned_private: planned.planned_private,
        ..Default::default()
    };
    let applied = provider.apply_resource_change(request).await?.into_inner();
    expect_no_diagnostics(&applied.diagnostics)?;
    Ok((!planned.requires_replace.is_empty(), applied))
}

pub(crate) fn dynamic(value: &Value) -> Result<DynamicValue> {
    Ok(DynamicValue {
        msgpack: msgpack::encode(value)?.into(),
        ..Default::default()
    })
}

fn expect_no_diagnostics(diagnostics: &[Diagnostic]) -> Result<()> {
    ensure!(
        diagnostics.is_empty(),
        "the provider returned diagnostics: {diagnostics:?}"
    );
    Ok(())
}
