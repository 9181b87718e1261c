//! ECS clusters and their log groups for Container Insights.

use aws_blocks as aws;
use tfmodgen::prelude::*;

use super::log_group::LogSettings;
use crate::aws::conventions::Identity;

/// Declares a cluster with the label `this` and the module's name.
pub(crate) fn ecs_cluster(
    m: &mut Module,
    own: &Identity,
    container_insights: &Expr<Str>,
    logs: &LogSettings<'_>,
) -> aws::EcsClusterReference {
    let insights = m.resource(
        logs.group("container_insights")
            .comment("Declared here because Container Insights would otherwise create the group without a KMS key or a retention period, and a destroy operation would not delete it.")
            .name(template([
                "/aws/ecs/containerinsights/".into(),
                (&own.name).into(),
                "/performance".into(),
            ]))
            .when(container_insights.differs("disabled")),
    );
    m.resource(
        aws::EcsCluster::new("this", &own.name)
            .tags(&own.tags)
            .setting(aws::EcsClusterSetting::new(
                "containerInsights",
                container_insights,
            ))
            .depends_on(&insights),
    )
}
