//! Compares the region and the account of the objects in a state with the region and the account of the connection.
//!
//! A missing service counts as deleted only if the connection uses the region and the account of its ARN. A service is
//! created only in the region and the account of its cluster ARN.

use std::collections::BTreeMap;

use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::diagnostics::other_cluster_location;
use super::model::ServiceBundlePlan;
use super::state::known_deployment;
use crate::aws::Identity;
use crate::aws::arn::Arn;
use crate::aws::identity::same_account;
use crate::ecs::bundle::Deployed;

/// Returns an error if the region of the connection differs from the region in the stored ARNs. Makes no API call.
pub(super) fn refuse_other_region(
    identity: &Identity,
    state: &ServiceBundlePlan,
) -> Result<(), Diagnostics> {
    for arn in arns_of(state) {
        identity.expect_region(&arn).map_err(Diagnostic::from)?;
    }
    Ok(())
}

/// Returns an error if the connection uses a different region or account than the stored ARNs.
pub(super) async fn refuse_other_location(
    identity: &Identity,
    state: &ServiceBundlePlan,
) -> Result<(), Diagnostics> {
    for arn in arns_of(state) {
        identity.expect(&arn).await.map_err(Diagnostic::from)?;
    }
    Ok(())
}

/// Returns an error if the connection uses a different region or account than the cluster ARN.
pub(super) async fn refuse_other_cluster_location(
    identity: &Identity,
    cluster: &str,
) -> Result<(), Diagnostics> {
    let Some(arn) = Arn::parse(cluster) else {
        return Ok(());
    };
    let compared = identity.expect(&arn).await;
    compared.map_err(|error| other_cluster_location(&error).into())
}

/// Returns an error if the credentials belong to a different account than the stored ARNs. Calls STS only if a service
/// is missing, because the ARN of an existing service contains its account.
pub(super) async fn refuse_other_account(
    identity: &Identity,
    state: &ServiceBundlePlan,
    found: &BTreeMap<String, Deployed>,
) -> Result<(), Diagnostics> {
    for key in state
        .deployments
        .known()
        .into_iter()
        .flat_map(BTreeMap::keys)
    {
        let Some(stored) = known_deployment(state, key).and_then(|it| Arn::parse(&it.service_arn))
        else {
            continue;
        };
        let present = found
            .get(key)
            .and_then(|deployed| Arn::parse(&deployed.service_arn));
        match present {
            Some(present) => same_account(&stored, &present.account),
            None => identity.expect(&stored).await,
        }
        .map_err(Diagnostic::from)?;
    }
    Ok(())
}

/// Returns the known ARNs of the cluster and the services in a state.
fn arns_of(state: &ServiceBundlePlan) -> Vec<Arn> {
    let clusters = [&state.cluster, &state.cluster_arn];
    let clusters = clusters.into_iter().filter_map(Planned::known).cloned();
    let keys = state
        .deployments
        .known()
        .into_iter()
        .flat_map(BTreeMap::keys);
    let services = keys.filter_map(|key| Some(known_deployment(state, key)?.service_arn));
    let all = clusters.chain(services);
    all.filter_map(|arn| Arn::parse(&arn)).collect()
}
