//! Application Auto Scaling: scalable targets, scaling policies, scheduled actions, and tags.
//!
//! Follows the API Reference, pages RegisterScalableTarget, DescribeScalableTargets, DeregisterScalableTarget,
//! PutScalingPolicy, PutScheduledAction, TagResource, and ListTagsForResource. The capacity of a resource never changes:
//! no metrics exist, so no policy is invoked.

mod alarm;
mod policy;
mod resource;
mod schedule;

use serde_json::{Value, json};

use super::super::request::Request;
use super::stored::Stored;
use super::{
    Backend, Failure, Outcome, chosen, entries, now, refuse, text, texts, undefined, uuid,
};

/// Names of the members that identify a scalable target.
const TARGET: [&str; 3] = ["ServiceNamespace", "ResourceId", "ScalableDimension"];
/// TagResource: "Each resource can have a maximum of 50 tags."
const MAX_TAGS: usize = 50;

/// Objects of the service.
#[derive(Default)]
pub(super) struct ApplicationAutoScaling {
    /// Targets with their tags, by namespace, resource, and dimension.
    targets: Stored,
    /// Policies by target and name.
    policies: Stored,
    /// Scheduled actions by target and name.
    actions: Stored,
}

impl ApplicationAutoScaling {
    pub(super) async fn respond(&self, request: &Request, backend: &Backend<'_>) -> Outcome {
        let body = request.json();
        match request.action.as_str() {
            "RegisterScalableTarget" => self.register(request, &body, backend).await,
            "DescribeScalableTargets" => self.describe_targets(request, &body),
            "DeregisterScalableTarget" => self.deregister(request, &body, backend).await,
            "PutScalingPolicy" => self.put_policy(request, &body, backend).await,
            "DescribeScalingPolicies" => self.describe_policies(request, &body, backend).await,
            "DeleteScalingPolicy" => self.delete_policy(request, &body, backend).await,
            "PutScheduledAction" => self.put_action(request, &body),
            "DescribeScheduledActions" => self.describe_actions(request, &body),
            "DeleteScheduledAction" => self.delete_action(request, &body),
            "DescribeScalingActivities" => Ok(json!({ "ScalingActivities": [] })),
            "ListTagsForResource" => {
                let target = self.of_arn(request, text(&body, "ResourceARN"))?;
                Ok(json!({ "Tags": target["Tags"] }))
            }
            "TagResource" | "UntagResource" => self.tag(request, &body),
            _ => undefined(request),
        }
    }

    /// RegisterScalableTarget: "When you register a scalable target, you must specify values for the minimum and maximum
    /// capacity". A repeated call updates the values that it specifies.
    async fn register(&self, request: &Request, body: &Value, backend: &Backend<'_>) -> Outcome {
        resource::check(request, body, backend).await?;
        let identity = identity(body);
        let prior = self.targets.get(request, &identity);
        let mut target = prior.clone().unwrap_or_else(|| new_target(request, body));
        for name in ["MinCapacity", "MaxCapacity"] {
            match (&body[name], &target[name]) {
                (Value::Null, Value::Null) => {
                    return refuse("ValidationException", format!("{name} is required"));
                }
                (Value::Null, _) => {}
                (wanted, _) => target[name] = wanted.clone(),
            }
        }
        if target["MinCapacity"].as_i64() > target["MaxCapacity"].as_i64() {
            let message = "Maximum capacity cannot be less than minimum capacity";
            return refuse("ValidationException", message);
        }
        for (name, wanted) in body["SuspendedState"].as_object().into_iter().flatten() {
            target["SuspendedState"][name] = wanted.clone();
        }
        if prior.is_none() {
            target["Tags"] = match &body["Tags"] {
                Value::Null => json!({}),
                tags => tags.clone(),
            };
        }
        let arn = target["ScalableTargetARN"].clone();
        self.targets.insert(request, &identity, target);
        Ok(json!({ "ScalableTargetARN": arn }))
    }

    /// DescribeScalableTargets, `ScalableDimension`: "If you specify a scalable dimension, you must also specify a
    /// resource ID."
    fn describe_targets(&self, request: &Request, body: &Value) -> Outcome {
        let no_resource = entries(body, "ResourceIds").next().is_none();
        if no_resource && body["ScalableDimension"].is_string() {
            let message = "A scalable dimension requires a resource ID";
            return refuse("ValidationException", message);
        }
        let found = self.targets.matching(request, |target| {
            let of_resource =
                no_resource || texts(body, "ResourceIds").any(|id| target["ResourceId"] == id);
            of_resource && agrees(body, target, &["ServiceNamespace", "ScalableDimension"])
        });
        let shown = found.into_iter().map(|mut target| {
            target.as_object_mut().map(|target| target.remove("Tags"));
            target
        });
        Ok(json!({ "ScalableTargets": shown.collect::<Vec<_>>() }))
    }

    /// DeregisterScalableTarget: "Deregistering a scalable target deletes the scaling policies and the scheduled actions
    /// that are associated with that scalable target."
    async fn deregister(&self, request: &Request, body: &Value, backend: &Backend<'_>) -> Outcome {
        self.target(request, body)?;
        let of_target = |object: &Value| agrees(body, object, &TARGET);
        for policy in self.policies.matching(request, of_target) {
            self.remove_policy(request, &policy, backend).await?;
        }
        for action in self.actions.matching(request, of_target) {
            let identity = named(&action, "ScheduledActionName");
            self.actions.remove(request, &identity);
        }
        self.targets.remove(request, &identity(body));
        Ok(json!({}))
    }

    /// Returns the target to which a policy or scheduled action belongs.
    fn target(&self, request: &Request, body: &Value) -> Outcome {
        let [namespace, resource, dimension] = TARGET.map(|name| text(body, name));
        match self.targets.get(request, &identity(body)) {
            Some(target) => Ok(target),
            None => refuse(
                "ObjectNotFoundException",
                format!(
                    "No scalable target registered for service namespace: {namespace}, resource ID: {resource}, \
                     scalable dimension: {dimension}"
                ),
            ),
        }
    }

    fn of_arn(&self, request: &Request, arn: &str) -> Outcome {
        let mut found = self
            .targets
            .matching(request, |target| target["ScalableTargetARN"] == arn);
        match found.pop() {
            Some(target) => Ok(target),
            None => refuse(
                "ResourceNotFoundException",
                format!("The resource {arn} does not exist"),
            ),
        }
    }

    fn tag(&self, request: &Request, body: &Value) -> Outcome {
        let mut target = self.of_arn(request, text(body, "ResourceARN"))?;
        if let Some(tags) = target["Tags"].as_object_mut() {
            for key in texts(body, "TagKeys") {
                tags.remove(key);
            }
            for (key, value) in body["Tags"].as_object().into_iter().flatten() {
                tags.insert(key.clone(), value.clone());
            }
            if tags.len() > MAX_TAGS {
                let message = format!("A resource can have at most {MAX_TAGS} tags");
                return refuse("TooManyTagsException", message);
            }
        }
        self.targets.insert(request, &identity(&target), target);
        Ok(json!({}))
    }
}

fn new_target(request: &Request, body: &Value) -> Value {
    let id = uuid().replace('-', "");
    let (region, account) = (request.region(), &request.account);
    let mut target = Value::Object(chosen(body, &TARGET));
    target["ScalableTargetARN"] =
        format!("arn:aws:application-autoscaling:{region}:{account}:scalable-target/0{id}").into();
    // `RoleARN`: "If the service supports service-linked roles, Application Auto Scaling uses a service-linked role".
    target["RoleARN"] =
        resource::service_linked_role(account, text(body, "ServiceNamespace")).into();
    target["CreationTime"] = now();
    target["SuspendedState"] = json!({
        "DynamicScalingInSuspended": false,
        "DynamicScalingOutSuspended": false,
        "ScheduledScalingSuspended": false,
    });
    target
}

/// Returns whether an object has the value of each of these members that the body specifies.
fn agrees(body: &Value, object: &Value, names: &[&str]) -> bool {
    let mut names = names.iter();
    names.all(|name| body[*name].is_null() || body[*name] == object[*name])
}

fn identity(body: &Value) -> String {
    TARGET.map(|name| text(body, name)).join("|")
}

/// Returns the ID of an object that belongs to a target and has a name.
fn named(object: &Value, name: &str) -> String {
    format!("{}|{}", identity(object), text(object, name))
}

/// Returns the ARN of a new policy or scheduled action. `kind` is the type of the object, and `label` precedes its name.
fn arn_of(request: &Request, body: &Value, kind: &str, label: &str, name: &str) -> String {
    let (region, account) = (request.region(), &request.account);
    let (namespace, resource) = (text(body, "ServiceNamespace"), text(body, "ResourceId"));
    let id = uuid();
    format!(
        "arn:aws:autoscaling:{region}:{account}:{kind}:{id}:resource/{namespace}/{resource}:{label}/{name}"
    )
}

fn invalid<T>(message: impl Into<String>) -> Result<T, Failure> {
    refuse("ValidationException", message)
}
