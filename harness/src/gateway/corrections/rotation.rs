//! Secrets Manager: automatic rotation. All other calls are corrected by [`super::replicas`].
//!
//! Follows the API Reference, pages RotateSecret, RotationRulesType, CancelRotateSecret, and DescribeSecret, and the User
//! Guide, pages "Lambda function permissions for rotation" and "Schedule expressions". Lambda functions do not run, so a
//! rotation does not create a version: `VersionId` in the response is the ID of the version that the function would
//! create.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::super::request::Request;
use super::super::response::ApiResponse;
use super::super::services::stored::Stored;
use super::super::upstream::{Upstream, UpstreamError};
use super::replicas::Replicas;

type Responded = Result<ApiResponse, UpstreamError>;

/// Fields of the rotation in DescribeSecret.
const FIELDS: [&str; 3] = ["RotationEnabled", "RotationLambdaARN", "RotationRules"];

/// Rotations by secret ARN.
#[derive(Default)]
pub(super) struct Rotations {
    rotations: Stored,
    replicas: Replicas,
}

impl Rotations {
    pub(super) async fn respond(&self, request: &Request, upstream: &Upstream) -> Responded {
        let body = request.json();
        match request.action.as_str() {
            "RotateSecret" => self.rotate(request, &body, upstream).await,
            "CancelRotateSecret" => self.cancel(request, &body, upstream).await,
            "DescribeSecret" => {
                let response = self.replicas.respond(request, upstream).await?;
                let mut described = response.value();
                let arn = described["ARN"].as_str().unwrap_or_default();
                match self.rotations.get(request, arn) {
                    Some(rotation) if response.status.is_success() => {
                        for name in FIELDS {
                            described[name] = rotation[name].clone();
                        }
                        Ok(response.with_body(described.to_string()))
                    }
                    _ => Ok(response),
                }
            }
            "DeleteSecret" => {
                let response = self.replicas.respond(request, upstream).await?;
                // A secret with a recovery window keeps its rotation.
                if response.status.is_success() && body["ForceDeleteWithoutRecovery"] == true {
                    let arn = response.value()["ARN"].take();
                    self.rotations
                        .remove(request, arn.as_str().unwrap_or_default());
                }
                Ok(response)
            }
            _ => self.replicas.respond(request, upstream).await,
        }
    }

    /// RotateSecret: configures the rotation, and starts one unless `RotateImmediately` is false.
    async fn rotate(&self, request: &Request, body: &Value, upstream: &Upstream) -> Responded {
        let secret = match secret(request, body, upstream).await? {
            Ok(secret) => secret,
            Err(refused) => return Ok(refused),
        };
        let arn = secret["ARN"].as_str().unwrap_or_default();
        let prior = self.rotations.get(request, arn).unwrap_or(Value::Null);
        let [_, function, rules] = FIELDS.map(|name| match &body[name] {
            Value::Null => prior[name].clone(),
            wanted => wanted.clone(),
        });
        let Some(function) = function.as_str() else {
            let message = "No Lambda rotation function ARN is associated with this secret.";
            return Ok(refuse(request, "InvalidRequestException", message));
        };
        if let Some(message) = rules_error(&rules) {
            return Ok(refuse(request, "InvalidParameterException", message));
        }
        if let Some(refused) = function_error(request, function, upstream).await? {
            return Ok(refused);
        }
        let version = match body["ClientRequestToken"].as_str() {
            Some(token) => Some(token.to_owned()),
            None => current(&secret),
        };
        let rotation = json!({
            "RotationEnabled": true, "RotationLambdaARN": function, "RotationRules": rules,
        });
        self.rotations.insert(request, arn, rotation);
        Ok(ApiResponse::json(
            &json!({ "ARN": arn, "Name": secret["Name"], "VersionId": version }),
        ))
    }

    /// CancelRotateSecret: "Turns off automatic rotation".
    async fn cancel(&self, request: &Request, body: &Value, upstream: &Upstream) -> Responded {
        let secret = match secret(request, body, upstream).await? {
            Ok(secret) => secret,
            Err(refused) => return Ok(refused),
        };
        let arn = secret["ARN"].as_str().unwrap_or_default();
        if let Some(mut rotation) = self.rotations.get(request, arn) {
            rotation["RotationEnabled"] = false.into();
            self.rotations.insert(request, arn, rotation);
        }
        Ok(ApiResponse::json(
            &json!({ "ARN": arn, "Name": secret["Name"], "VersionId": current(&secret) }),
        ))
    }
}

/// Returns the secret that a call specifies, or the error if it does not exist or is scheduled for deletion.
async fn secret(
    request: &Request,
    body: &Value,
    upstream: &Upstream,
) -> Result<Result<Value, ApiResponse>, UpstreamError> {
    let id = json!({ "SecretId": body["SecretId"] });
    let described = upstream
        .forward(&request.follow_up("DescribeSecret", &id))
        .await?;
    if !described.status.is_success() {
        return Ok(Err(described));
    }
    let secret = described.value();
    if !secret["DeletedDate"].is_null() {
        let message =
            "You can't perform this operation on the secret because it was marked for deletion.";
        return Ok(Err(refuse(request, "InvalidRequestException", message)));
    }
    Ok(Ok(secret))
}

/// Returns the ID of the current version.
fn current(secret: &Value) -> Option<String> {
    let versions = secret["VersionIdsToStages"].as_object();
    let mut versions = versions.into_iter().flatten();
    let found = versions.find(|(_, stages)| {
        let mut stages = stages.as_array().into_iter().flatten();
        stages.any(|stage| stage == "AWSCURRENT")
    });
    found.map(|(id, _)| id.clone())
}

/// RotationRulesType: "You can't specify both" `AutomaticallyAfterDays` and `ScheduleExpression`. The service model
/// contains the format of `Duration`.
fn rules_error(rules: &Value) -> Option<&'static str> {
    let days = &rules["AutomaticallyAfterDays"];
    let schedule = rules["ScheduleExpression"].as_str();
    if days.is_null() == schedule.is_none() {
        return Some("Specify exactly one of AutomaticallyAfterDays and ScheduleExpression.");
    }
    if let Some(schedule) = schedule {
        let (kind, fields) = schedule.split_once('(').unwrap_or_default();
        let fields = fields.trim_end_matches(')').split_whitespace().count();
        if !matches!((kind, fields), ("rate", 2) | ("cron", 6)) || !schedule.ends_with(')') {
            return Some("The ScheduleExpression is not a valid rate or cron expression.");
        }
    }
    None
}

/// Returns the error if the function does not exist, or if its policy does not allow Secrets Manager to invoke it.
async fn function_error(
    request: &Request,
    arn: &str,
    upstream: &Upstream,
) -> Result<Option<ApiResponse>, UpstreamError> {
    let message = "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants \
                   access to the principal secretsmanager.amazonaws.com.";
    let refused = || Some(refuse(request, "AccessDeniedException", message));
    let (_, name) = arn.split_once(":function:").unwrap_or_default();
    let path = format!("/2015-03-31/functions/{name}/policy");
    let Some(call) = request.for_path("lambda", &path) else {
        return Ok(refused());
    };
    let policy = upstream.forward(&call).await?.value()["Policy"].take();
    let policy: Value =
        serde_json::from_str(policy.as_str().unwrap_or_default()).unwrap_or_default();
    let mut statements = policy["Statement"].as_array().into_iter().flatten();
    let allows = statements.any(|statement| {
        let principal = &statement["Principal"]["Service"];
        let actions = ["lambda:InvokeFunction", "lambda:*", "*"];
        statement["Effect"] == "Allow"
            && principal == "secretsmanager.amazonaws.com"
            && actions.iter().any(|action| statement["Action"] == *action)
    });
    Ok(if allows { None } else { refused() })
}

fn refuse(request: &Request, code: &str, message: &str) -> ApiResponse {
    ApiResponse::error(request, StatusCode::BAD_REQUEST, code, message)
}
