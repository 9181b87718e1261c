//! Scaling policies: target tracking and step scaling.
//!
//! Follows the API Reference, pages PutScalingPolicy, DescribeScalingPolicies, DeleteScalingPolicy,
//! TargetTrackingScalingPolicyConfiguration, PredefinedMetricSpecification, StepScalingPolicyConfiguration, and
//! StepAdjustment.

use serde_json::{Value, json};

use super::super::super::request::Request;
use super::super::{Backend, Failure, Outcome, chosen, entries, now, refuse, text, texts};
use super::{ApplicationAutoScaling, TARGET, agrees, alarm, arn_of, invalid, named, resource};

const TRACKING: &str = "TargetTrackingScalingPolicyConfiguration";
const STEPS: &str = "StepScalingPolicyConfiguration";

impl ApplicationAutoScaling {
    /// PutScalingPolicy: creates or updates a policy. The target must be registered.
    pub(super) async fn put_policy(
        &self,
        request: &Request,
        body: &Value,
        backend: &Backend<'_>,
    ) -> Outcome {
        self.target(request, body)?;
        let identity = named(body, "PolicyName");
        let prior = self.policies.get(request, &identity);
        let kind = kind(body, prior.as_ref())?;
        match kind {
            "TargetTrackingScaling" => self.check_tracking(request, body, backend).await?,
            _ => check_steps(&body[STEPS])?,
        }
        let mut policy = Value::Object(chosen(body, &TARGET));
        policy["PolicyName"] = body["PolicyName"].clone();
        policy["PolicyType"] = kind.into();
        policy["PolicyARN"] = match &prior {
            Some(prior) => prior["PolicyARN"].clone(),
            None => {
                let name = text(body, "PolicyName");
                arn_of(request, body, "scalingPolicy", "policyName", name)
            }
            .into(),
        };
        policy["CreationTime"] = now();
        policy["Alarms"] = json!([]);
        match kind {
            "TargetTrackingScaling" => {
                policy[TRACKING] = body[TRACKING].clone();
                if policy[TRACKING]["DisableScaleIn"].is_null() {
                    policy[TRACKING]["DisableScaleIn"] = false.into();
                }
                if let Some(prior) = &prior {
                    alarm::delete(request, prior, backend).await?;
                }
                policy["Alarms"] = alarm::create(request, &policy, backend).await?;
            }
            _ => policy[STEPS] = body[STEPS].clone(),
        }
        let response = Value::Object(chosen(&policy, &["PolicyARN", "Alarms"]));
        self.policies.insert(request, &identity, policy);
        Ok(response)
    }

    pub(super) async fn describe_policies(
        &self,
        request: &Request,
        body: &Value,
        backend: &Backend<'_>,
    ) -> Outcome {
        let any_name = entries(body, "PolicyNames").next().is_none();
        let mut found = self.policies.matching(request, |policy| {
            let by_name =
                any_name || texts(body, "PolicyNames").any(|name| policy["PolicyName"] == name);
            by_name && agrees(body, policy, &TARGET)
        });
        for policy in &mut found {
            if policy["PolicyType"] == "StepScaling" {
                let arn = text(policy, "PolicyARN").to_owned();
                policy["Alarms"] = alarm::invoking(request, &arn, backend).await?;
            }
        }
        Ok(json!({ "ScalingPolicies": found }))
    }

    pub(super) async fn delete_policy(
        &self,
        request: &Request,
        body: &Value,
        backend: &Backend<'_>,
    ) -> Outcome {
        let Some(policy) = self.policies.get(request, &named(body, "PolicyName")) else {
            let [namespace, resource, dimension] = TARGET.map(|name| text(body, name));
            let message = format!(
                "No scaling policy found for service namespace: {namespace}, resource ID: {resource}, scalable \
                 dimension: {dimension}: {}",
                text(body, "PolicyName")
            );
            return refuse("ObjectNotFoundException", message);
        };
        self.remove_policy(request, &policy, backend).await?;
        Ok(json!({}))
    }

    /// Deletes a policy and the alarms that the service created for it.
    pub(super) async fn remove_policy(
        &self,
        request: &Request,
        policy: &Value,
        backend: &Backend<'_>,
    ) -> Result<(), Failure> {
        alarm::delete(request, policy, backend).await?;
        self.policies.remove(request, &named(policy, "PolicyName"));
        Ok(())
    }

    /// A target can have several target tracking policies if "each of them uses a different metric" (User Guide, page
    /// "Target tracking scaling policies", Considerations).
    async fn check_tracking(
        &self,
        request: &Request,
        body: &Value,
        backend: &Backend<'_>,
    ) -> Result<(), Failure> {
        let wanted = &body[TRACKING];
        let (predefined, custom) = (
            &wanted["PredefinedMetricSpecification"],
            &wanted["CustomizedMetricSpecification"],
        );
        if predefined.is_null() == custom.is_null() {
            return invalid("Specify either a predefined or a customized metric");
        }
        let others = self.policies.matching(request, |other| {
            agrees(body, other, &TARGET) && other["PolicyName"] != body["PolicyName"]
        });
        let same = |other: &Value| {
            let other = &other[TRACKING];
            other.is_object()
                && other["PredefinedMetricSpecification"] == *predefined
                && other["CustomizedMetricSpecification"] == *custom
        };
        if let Some(other) = others.iter().find(|other| same(other)) {
            let name = text(other, "PolicyName");
            return invalid(format!(
                "Only one TargetTrackingScaling policy for a given metric specification is allowed. The policy {name} \
                 uses the same metric"
            ));
        }
        if predefined.is_null() {
            return Ok(());
        }
        let metric = text(predefined, "PredefinedMetricType");
        if !resource::has_metric(text(body, "ServiceNamespace"), metric) {
            return invalid(format!("Unsupported predefined metric type: {metric}"));
        }
        let label = predefined["ResourceLabel"].as_str();
        match (metric, label) {
            ("ALBRequestCountPerTarget", None) => {
                invalid("The predefined metric ALBRequestCountPerTarget requires a resource label")
            }
            ("ALBRequestCountPerTarget", Some(label)) => {
                check_label(request, body, label, backend).await
            }
            (_, Some(_)) => invalid(format!(
                "The metric {metric} does not allow a resource label"
            )),
            (_, None) => Ok(()),
        }
    }
}

/// Returns the type of a policy, which cannot change.
fn kind(body: &Value, prior: Option<&Value>) -> Result<&'static str, Failure> {
    let requested = match (body["PolicyType"].as_str(), prior) {
        (Some(kind), _) => kind,
        (None, Some(prior)) => text(prior, "PolicyType"),
        // "If you don't specify a policy type, StepScaling is used" (PolicyType in the AWS CLI reference).
        (None, None) => "StepScaling",
    };
    let (kind, required, other) = match requested {
        "TargetTrackingScaling" => ("TargetTrackingScaling", TRACKING, STEPS),
        "StepScaling" => ("StepScaling", STEPS, TRACKING),
        other => {
            return invalid(format!(
                "the local AWS does not support the policy type {other}"
            ));
        }
    };
    if body[required].is_null() || !body[other].is_null() {
        return invalid(format!(
            "A policy of type {kind} requires exactly {required}"
        ));
    }
    if prior.is_some_and(|prior| prior["PolicyType"] != kind) {
        return invalid("The type of an existing scaling policy cannot be changed");
    }
    Ok(kind)
}

/// PredefinedMetricSpecification, `ResourceLabel`: the format is
/// `app/BALANCER/ID/targetgroup/GROUP/ID`. "You can't specify a resource label unless the metric type is
/// ALBRequestCountPerTarget and there is a target group attached to the Spot Fleet or ECS service."
async fn check_label(
    request: &Request,
    body: &Value,
    label: &str,
    backend: &Backend<'_>,
) -> Result<(), Failure> {
    let parts: Vec<_> = label.split('/').collect();
    let ["app", balancer, balancer_id, "targetgroup", group, group_id] = parts.as_slice() else {
        return invalid(format!("Invalid resource label: {label}"));
    };
    let (region, account) = (request.region(), &request.account);
    let prefix = format!("arn:aws:elasticloadbalancing:{region}:{account}");
    let balancer = format!("{prefix}:loadbalancer/app/{balancer}/{balancer_id}");
    let group = format!("{prefix}:targetgroup/{group}/{group_id}");
    let fields = [("TargetGroupArns.member.1", group.as_str())];
    let call = request.for_query(
        "elasticloadbalancing",
        "2015-12-01",
        "DescribeTargetGroups",
        fields,
    );
    let groups = backend.send(&call).await?.xml().unwrap_or_default();
    let balancers: Vec<_> = {
        let mut found = Vec::new();
        let mut groups = groups;
        groups.visit_with("LoadBalancerArns", &mut |group| {
            let list = group.child("LoadBalancerArns");
            found.extend(
                list.into_iter()
                    .flat_map(|list| list.texts("member"))
                    .map(str::to_owned),
            );
        });
        found
    };
    if !balancers.contains(&balancer) {
        return invalid(format!(
            "The target group of the resource label {label} does not exist or is not attached to the load balancer"
        ));
    }
    let resource: Vec<_> = text(body, "ResourceId").split('/').collect();
    let [_, cluster, service] = resource.as_slice() else {
        return Ok(());
    };
    let service = resource::ecs_service(request, cluster, service, backend).await?;
    let attached = entries(&service, "loadBalancers").any(|one| one["targetGroupArn"] == *group);
    match attached {
        true => Ok(()),
        false => invalid(format!(
            "The target group of the resource label {label} is not attached to the ECS service"
        )),
    }
}

/// StepScalingPolicyConfiguration: `AdjustmentType` and `StepAdjustments` are "required if the policy type is
/// StepScaling and you are adding a new policy". Steps must neither overlap nor leave a gap.
fn check_steps(wanted: &Value) -> Result<(), Failure> {
    if wanted["AdjustmentType"].is_null() {
        return invalid("AdjustmentType is required");
    }
    let percent = wanted["AdjustmentType"] == "PercentChangeInCapacity";
    if !percent && !wanted["MinAdjustmentMagnitude"].is_null() {
        return invalid("MinAdjustmentMagnitude is valid only for PercentChangeInCapacity");
    }
    let mut steps: Vec<(f64, f64)> = Vec::new();
    for step in entries(wanted, "StepAdjustments") {
        let lower = step["MetricIntervalLowerBound"].as_f64();
        let upper = step["MetricIntervalUpperBound"].as_f64();
        if lower.is_none() && upper.is_none() {
            return invalid("A step adjustment requires a lower or an upper bound");
        }
        let lower = lower.unwrap_or(f64::NEG_INFINITY);
        let upper = upper.unwrap_or(f64::INFINITY);
        if lower >= upper {
            return invalid("The lower bound of a step must be less than the upper bound");
        }
        steps.push((lower, upper));
    }
    if steps.is_empty() {
        return invalid("At least one step adjustment is required");
    }
    steps.sort_by(|left, right| left.0.total_cmp(&right.0));
    let overlap = steps.windows(2).any(|pair| pair[0].1 > pair[1].0);
    let gap = steps.windows(2).any(|pair| pair[0].1 < pair[1].0);
    match (overlap, gap) {
        (true, _) => invalid("The step adjustments overlap"),
        (_, true) => invalid("There is a gap between the step adjustments"),
        _ => Ok(()),
    }
}
