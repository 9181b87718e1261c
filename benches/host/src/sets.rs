//! Plan and apply of an update whose object has a large set: what takes each element with each other takes long there.

use anyhow::{Result, bail, ensure};
use serde_json::Value;
use tfplugin_proto::tfplugin6::DynamicValue;
use tfplugin_proto::tfplugin6::provider_client::ProviderClient;
use tonic::transport::Channel;

use crate::objects::{WITH_SET, proposed_with_set, with_set};
use crate::process::Process;
use crate::rpc::{Values, dynamic, plan_and_apply};

/// Elements of the set.
const ELEMENTS: usize = 1000;
/// CPU seconds after which it is updated no more: many clock ticks.
const ENOUGH: f64 = 1.0;

/// Elements of the set where so many resources are measured: fewer where it is only checked that the bench works.
pub(crate) fn elements(resources: usize) -> usize {
    ELEMENTS.min(resources)
}

/// CPU seconds of one update, plan and apply, in which half of the elements change.
///
/// # Errors
/// When the provider does not answer, or refuses anything.
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
        ensure!(changed != state, "update {version} changed nothing");
        state = changed;
        updates += 1.0;
        let seconds = process.cpu_seconds()? - before;
        if seconds >= ENOUGH {
            return Ok(seconds / updates);
        }
    }
    bail!("the updates take no time")
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
