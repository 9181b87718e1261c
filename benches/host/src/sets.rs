//! Measures updates of an object with a large set. In this case, an implementation that compares each element with all
//! others is slow.

use anyhow::{Result, bail, ensure};
use serde_json::Value;
use tfplugin_proto::tfplugin6::DynamicValue;
use tfplugin_proto::tfplugin6::provider_client::ProviderClient;
use tonic::transport::Channel;

use crate::objects::{WITH_SET, proposed_with_set, with_set};
use crate::process::Process;
use crate::rpc::{Values, dynamic, plan_and_apply};

/// Number of elements in the set.
const ELEMENTS: usize = 1000;
/// CPU seconds after which the updates stop. This value corresponds to a large number of clock ticks.
const MAX_CPU_SECONDS: f64 = 1.0;

/// Returns the number of elements for a benchmark with `resources` resources. A `--check` run uses fewer elements.
pub(crate) fn elements(resources: usize) -> usize {
    ELEMENTS.min(resources)
}

/// Returns the CPU seconds for planning and applying an update that changes half of the elements.
///
/// # Errors
/// Returns an error if the provider does not respond or rejects a request.
pub(crate) async fn update_seconds(process: &Process, elements: usize) -> Result<f64> {
    let mut provider = ProviderClient::new(process.channel.clone());
    let mut state = change(&mut provider, None, with_set(elements, 0)).await?;
    let before = process.cpu_seconds()?;
    let mut updates = 0.0;
    for version in 1.. {
        let changed = change(
            &mut provider,
            Some(state.clone()),
            with_set(elements, version),
        )
        .await?;
        ensure!(
            changed != state,
            "update {version} did not change the state"
        );
        state = changed;
        updates += 1.0;
        let seconds = process.cpu_seconds()? - before;
        if seconds >= MAX_CPU_SECONDS {
            return Ok(seconds / updates);
        }
    }
    bail!("the measured CPU time of the updates is zero")
}

/// Plans and applies a configuration, and returns the new state.
async fn change(
    provider: &mut ProviderClient<Channel>,
    prior: Option<DynamicValue>,
    config: Value,
) -> Result<DynamicValue> {
    let proposed = match prior {
        None => config.clone(),
        Some(_) => proposed_with_set(config.clone()),
    };
    let config = Some(dynamic(&config)?);
    let prior = match prior {
        None => Some(dynamic(&Value::Null)?),
        prior => prior,
    };
    let proposed = Some(dynamic(&proposed)?);
    let values = Values {
        prior,
        proposed,
        config,
    };
    let (replaced, applied) = plan_and_apply(provider, WITH_SET, values).await?;
    ensure!(!replaced, "the update replaces the object");
    Ok(applied.new_state.unwrap_or_default())
}
