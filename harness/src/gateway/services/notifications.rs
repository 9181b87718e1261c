//! CodeStar Notifications: notification rules for pipelines, and their SNS targets.
//!
//! Follows the API Reference of AWS CodeStar Notifications, pages CreateNotificationRule, DescribeNotificationRule,
//! UpdateNotificationRule, and DeleteNotificationRule, and the Developer Tools console user guide, pages "Events for
//! notification rules on pipelines" and "Configure Amazon SNS topics for notifications": a target is reachable only if
//! the policy of its topic allows the service to publish.

use serde_json::{Map, Value, json};

use super::super::request::Request;
use super::codepipeline::CodePipeline;
use super::stored::Stored;
use super::{Backend, Failure, Outcome, entries, now, refuse, text, texts, undefined, uuid};

/// Principal that publishes notifications.
const PRINCIPAL: &str = "codestar-notifications.amazonaws.com";
/// Categories and states in the IDs of events on pipelines.
const EVENTS: [(&str, &[&str]); 4] = [
    (
        "action-execution",
        &["canceled", "failed", "started", "succeeded"],
    ),
    (
        "stage-execution",
        &["canceled", "failed", "resumed", "started", "succeeded"],
    ),
    (
        "pipeline-execution",
        &[
            "canceled",
            "failed",
            "resumed",
            "started",
            "succeeded",
            "superseded",
        ],
    ),
    ("manual-approval", &["failed", "needed", "succeeded"]),
];

/// Objects of the service.
#[derive(Default)]
pub(super) struct Notifications {
    /// Rules by ARN.
    rules: Stored,
}

impl Notifications {
    pub(super) async fn respond(
        &self,
        request: &Request,
        pipelines: &CodePipeline,
        backend: &Backend<'_>,
    ) -> Outcome {
        let body = request.json();
        let path = request.uri.path().trim_matches('/');
        let (operation, _) = path.split_once('/').unwrap_or((path, ""));
        match operation {
            "createNotificationRule" => self.create(request, &body, pipelines, backend).await,
            "describeNotificationRule" => self.find(request, text(&body, "Arn")),
            "updateNotificationRule" => self.update(request, &body, backend).await,
            "deleteNotificationRule" => {
                // The call succeeds if the rule does not exist.
                let arn = text(&body, "Arn");
                self.rules.remove(request, arn);
                Ok(json!({ "Arn": arn }))
            }
            "listNotificationRules" => {
                let rules = self.rules.all(request);
                let rules = rules
                    .iter()
                    .map(|rule| json!({ "Id": id(rule), "Arn": rule["Arn"] }));
                Ok(json!({ "NotificationRules": rules.collect::<Vec<_>>() }))
            }
            "listTagsForResource" => {
                let rule = self.find(request, text(&body, "Arn"))?;
                Ok(json!({ "Tags": rule["Tags"] }))
            }
            "tagResource" => {
                let mut rule = self.find(request, text(&body, "Arn"))?;
                for (key, value) in body["Tags"].as_object().into_iter().flatten() {
                    rule["Tags"][key] = value.clone();
                }
                self.rules.insert(request, text(&body, "Arn"), rule.clone());
                Ok(json!({ "Tags": rule["Tags"] }))
            }
            "untagResource" => self.untag(request),
            // Deletes a target from all rules. The provider calls it after it deletes the last rule of a target.
            "deleteTarget" => Ok(json!({})),
            _ => undefined(request),
        }
    }

    async fn create(
        &self,
        request: &Request,
        body: &Value,
        pipelines: &CodePipeline,
        backend: &Backend<'_>,
    ) -> Outcome {
        let (name, resource) = (text(body, "Name"), text(body, "Resource"));
        let same = self.rules.matching(request, |rule| rule["Name"] == name);
        if !same.is_empty() {
            let message = format!("A notification rule with the name {name} already exists");
            return refuse("ResourceAlreadyExistsException", message);
        }
        if pipelines.of_arn(request, resource).is_none() {
            let message = format!("The resource {resource} does not exist");
            return refuse("ConfigurationException", message);
        }
        let (region, account) = (request.region(), &request.account);
        let arn = format!(
            "arn:aws:codestar-notifications:{region}:{account}:notificationrule/{}",
            uuid().replace('-', "")
        );
        let tags = body["Tags"].as_object().cloned().unwrap_or_default();
        let rule = json!({
            "Arn": arn,
            "Name": name,
            "Resource": resource,
            "EventTypes": event_types(body)?,
            "Targets": targets(request, body, backend).await?,
            "DetailType": body["DetailType"],
            "CreatedBy": format!("arn:aws:iam::{account}:root"),
            "Status": body["Status"].as_str().unwrap_or("ENABLED"),
            "CreatedTimestamp": now(),
            "LastModifiedTimestamp": now(),
            "Tags": tags,
        });
        self.rules.insert(request, &arn, rule);
        Ok(json!({ "Arn": arn }))
    }

    async fn update(&self, request: &Request, body: &Value, backend: &Backend<'_>) -> Outcome {
        let arn = text(body, "Arn");
        let mut rule = self.find(request, arn)?;
        for name in ["Name", "DetailType", "Status"] {
            if !body[name].is_null() {
                rule[name] = body[name].clone();
            }
        }
        if !body["EventTypeIds"].is_null() {
            rule["EventTypes"] = event_types(body)?.into();
        }
        if !body["Targets"].is_null() {
            rule["Targets"] = targets(request, body, backend).await?.into();
        }
        rule["LastModifiedTimestamp"] = now();
        self.rules.insert(request, arn, rule);
        Ok(json!({}))
    }

    /// UntagResource: the ARN is in the path and the keys are in the query string.
    fn untag(&self, request: &Request) -> Outcome {
        let path = request.uri.path().trim_start_matches("/untagResource/");
        let arn = super::super::request::unescape(path.as_bytes());
        let mut rule = self.find(request, &arn)?;
        let gone: Vec<_> = request
            .form()
            .into_iter()
            .filter(|(name, _)| name == "tagKeys")
            .map(|(_, key)| key)
            .collect();
        let tags: Map<String, Value> = rule["Tags"].as_object().cloned().unwrap_or_default();
        let kept = tags.into_iter().filter(|(key, _)| !gone.contains(key));
        rule["Tags"] = Value::Object(kept.collect());
        self.rules.insert(request, &arn, rule);
        Ok(json!({}))
    }

    fn find(&self, request: &Request, arn: &str) -> Result<Value, Failure> {
        match self.rules.get(request, arn) {
            Some(rule) => Ok(rule),
            None => refuse("ResourceNotFoundException", format!("{arn} not found")),
        }
    }
}

fn id(rule: &Value) -> &str {
    let arn = text(rule, "Arn");
    arn.rsplit('/').next().unwrap_or_default()
}

/// Returns the event types of a rule. An unknown ID is refused.
fn event_types(body: &Value) -> Result<Vec<Value>, Failure> {
    let types = texts(body, "EventTypeIds").map(|id| {
        let rest = id
            .strip_prefix("codepipeline-pipeline-")
            .unwrap_or_default();
        let known = EVENTS.iter().any(|(category, states)| {
            let state = rest
                .strip_prefix(category)
                .and_then(|rest| rest.strip_prefix('-'));
            state.is_some_and(|state| states.contains(&state))
        });
        match known {
            true => Ok(json!({
                "EventTypeId": id,
                "ServiceName": "CodePipeline",
                "EventTypeName": rest,
                "ResourceType": "Pipeline",
            })),
            false => refuse(
                "ValidationException",
                format!("The event type {id} is not valid"),
            ),
        }
    });
    types.collect()
}

/// Returns the targets of a rule with their status. A topic that does not exist is refused.
async fn targets(
    request: &Request,
    body: &Value,
    backend: &Backend<'_>,
) -> Result<Vec<Value>, Failure> {
    let mut targets = Vec::new();
    for target in entries(body, "Targets") {
        let address = text(target, "TargetAddress");
        let fields = [("TopicArn", address)];
        let call = request.for_query("sns", "2010-03-31", "GetTopicAttributes", fields);
        let response = backend.send(&call).await?;
        if !response.status.is_success() {
            let message = format!("The target {address} does not exist");
            return refuse("ConfigurationException", message);
        }
        let allowed = String::from_utf8_lossy(&response.body).contains(PRINCIPAL);
        targets.push(json!({
            "TargetAddress": address,
            "TargetType": target["TargetType"].as_str().unwrap_or("SNS"),
            "TargetStatus": if allowed { "ACTIVE" } else { "UNREACHABLE" },
        }));
    }
    Ok(targets)
}
