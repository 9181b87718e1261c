//! Where the objects of a state are, compared with where the connection leads.
//!
//! A service that is missing counts as deleted only in the region and the account that its ARN names, and a service is
//! created only in those that the ARN of its cluster names.

use std::collections::BTreeMap;

use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::diagnostics::distant_cluster;
use super::model::ServiceBundlePlan;
use super::state::known_deployment;
use crate::aws::Identity;
use crate::aws::arn::Arn;
use crate::aws::identity::same_account;
use crate::ecs::bundle::Deployed;

/// Refuses to work in another region than that of the stored ARNs, without a call.
pub(super) fn refuse_other_region(
    identity: &Identity,
    state: &ServiceBundlePlan,
) -> Result<(), Diagnostics> {
    for arn in arns_of(state) {
        identity.expect_region(&arn).map_err(Diagnostic::from)?;
    }
    Ok(())
}

/// Refuses to work in another region or account than those of the stored ARNs.
pub(super) async fn refuse_elsewhere(
    identity: &Identity,
    state: &ServiceBundlePlan,
) -> Result<(), Diagnostics> {
    for arn in arns_of(state) {
        identity.expect(&arn).await.map_err(Diagnostic::from)?;
    }
    Ok(())
}

/// Refuses to create services in a cluster whose ARN names another region or account than those of the connection.
pub(super) async fn refuse_distant_cluster(
    identity: &Identity,
    cluster: &str,
) -> Result<(), Diagnostics> {
    let Some(arn) = Arn::parse(cluster) else {
        return Ok(());
    };
    let compared = identity.expect(&arn).await;
    compared.map_err(|error| distant_cluster(&error).into())
}

/// Refuses to believe what was found, or not found, where the credentials belong to another account than the stored
/// ARNs name. STS is called only where a service is missing; the ARN of one that was found names its account.
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

/// ARNs of the cluster and the services in a state, as far as they are known.
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
