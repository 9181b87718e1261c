//! Secrets Manager: idempotency tokens, secrets without a value, and names. Stateless; the emulator stores the secrets.
//!
//! Follows the API Reference, pages CreateSecret, PutSecretValue, GetSecretValue, DescribeSecret,
//! ListSecretVersionIds, and DeleteSecret.
//! Values are compared in memory and never stored or logged.

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::super::request::Request;
use super::super::response::ApiResponse;
use super::super::upstream::{Upstream, UpstreamError};
use crate::aws::REGION;

type Responded = Result<ApiResponse, UpstreamError>;

pub(super) async fn respond(request: &Request, upstream: &Upstream) -> Responded {
    let body = request.json();
    match request.action.as_str() {
        "CreateSecret" => create(request, &body, upstream).await,
        "PutSecretValue" => put(request, &body, upstream).await,
        "GetSecretValue" => get(request, upstream).await,
        "DescribeSecret" => describe(request, upstream).await,
        "ListSecretVersionIds" => list_versions(request, upstream).await,
        "DeleteSecret" => delete(request, &body, upstream).await,
        _ => upstream.forward(request).await,
    }
}

/// CreateSecret: `ClientRequestToken` becomes the version ID. A repeated call with the same token and value has no
/// effect. A secret that is created without a value has no version.
async fn create(request: &Request, body: &Value, upstream: &Upstream) -> Responded {
    let name = body["Name"].as_str().unwrap_or_default();
    if !is_valid_name(name) {
        let message = "Invalid name. Must be a valid name containing alphanumeric characters, or any of the \
                       following: -/_+=.@!";
        return Ok(refuse(request, "ValidationException", message));
    }
    let mut bare = body.clone();
    let value = take_value(&mut bare);
    let created = upstream
        .forward(&request.follow_up("CreateSecret", &bare))
        .await?;
    if created.error_code().as_deref() == Some("ResourceExistsException") {
        return existing(request, body, created, upstream).await;
    }
    if !created.status.is_success() {
        return Ok(created);
    }
    let mut response = created.value();
    if value.is_empty() {
        remove(&mut response, "VersionId");
        return Ok(created.with_body(response.to_string()));
    }
    let mut put_body = Value::Object(value);
    put_body["SecretId"] = response["ARN"].clone();
    put_body["ClientRequestToken"] = body["ClientRequestToken"].clone();
    let stored = put(
        &request.follow_up("PutSecretValue", &put_body),
        &put_body,
        upstream,
    )
    .await?;
    if !stored.status.is_success() {
        return Ok(stored);
    }
    response["VersionId"] = stored.value()["VersionId"].clone();
    Ok(created.with_body(response.to_string()))
}

/// Returns the response to CreateSecret for a name that is already in use.
async fn existing(
    request: &Request,
    body: &Value,
    refused: ApiResponse,
    upstream: &Upstream,
) -> Responded {
    let id = json!({ "SecretId": body["Name"] });
    let described = upstream
        .forward(&request.follow_up("DescribeSecret", &id))
        .await?
        .value();
    if described
        .get("DeletedDate")
        .is_some_and(|date| !date.is_null())
    {
        let message = "You can't create this secret because a secret with this name is already scheduled for deletion.";
        return Ok(refuse(request, "InvalidRequestException", message));
    }
    let token = &body["ClientRequestToken"];
    match version(request, &described["ARN"], token, upstream).await? {
        Some(stored) if same_value(&stored, body) => Ok(ApiResponse::json(&json!({
            "ARN": described["ARN"], "Name": described["Name"], "VersionId": token,
        }))),
        _ => Ok(refused),
    }
}

/// PutSecretValue: a version cannot be modified. A repeated call with the same token and value has no effect.
async fn put(request: &Request, body: &Value, upstream: &Upstream) -> Responded {
    let (secret, token) = (&body["SecretId"], &body["ClientRequestToken"]);
    if let Some(stored) = version(request, secret, token, upstream).await? {
        if same_value(&stored, body) {
            return Ok(ApiResponse::json(&json!({
                "ARN": stored["ARN"], "Name": stored["Name"], "VersionId": token,
                "VersionStages": stored["VersionStages"],
            })));
        }
        let message = "A resource with the ID you requested already exists.";
        return Ok(refuse(request, "ResourceExistsException", message));
    }
    let before = upstream
        .forward(&request.follow_up("GetSecretValue", &json!({ "SecretId": secret })))
        .await?;
    let stored = upstream.forward(request).await?;
    let phantom = before.value();
    let mut phantom_was_current = false;
    if stored.status.is_success() && before.status.is_success() && !has_value(&phantom) {
        // The empty first version exists only in the emulator, so it must not become AWSPREVIOUS.
        let stage = json!({
            "SecretId": secret, "VersionStage": "AWSPREVIOUS", "RemoveFromVersionId": phantom["VersionId"],
        });
        upstream
            .forward(&request.follow_up("UpdateSecretVersionStage", &stage))
            .await?;
        phantom_was_current = true;
    }
    if stored.status.is_success() && body["VersionStages"].is_array() {
        attach(request, body, &stored, phantom_was_current, upstream).await?;
        return labelled(request, stored, upstream).await;
    }
    Ok(stored)
}

/// PutSecretValue, `VersionStages`: "If you specify a staging label that's already associated with a different version of
/// the same secret, then Secrets Manager removes the label from the other version and attaches it to this version". The
/// first version of a secret always has `AWSCURRENT`. The emulator attaches only `AWSCURRENT` if it is among the labels,
/// and does not remove labels from other versions.
async fn attach(
    request: &Request,
    body: &Value,
    stored: &ApiResponse,
    is_first: bool,
    upstream: &Upstream,
) -> Result<(), UpstreamError> {
    let new = stored.value()["VersionId"].take();
    let requested = body["VersionStages"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let current = json!("AWSCURRENT");
    let first = (is_first && !requested.is_empty() && !requested.contains(&current))
        .then(|| current.clone());
    let others = requested.into_iter().filter(|stage| *stage != current);
    for stage in others.chain(first) {
        let holder = holder(request, &body["SecretId"], &stage, &new, upstream).await?;
        let mut parameters = json!({
            "SecretId": body["SecretId"], "VersionStage": stage, "MoveToVersionId": new,
        });
        if let Some(holder) = holder {
            parameters["RemoveFromVersionId"] = holder.into();
        }
        upstream
            .forward(&request.follow_up("UpdateSecretVersionStage", &parameters))
            .await?;
        if is_first && stage == current {
            remove_previous(request, &body["SecretId"], upstream).await?;
        }
    }
    Ok(())
}

/// Removes `AWSPREVIOUS` from the version that has it.
async fn remove_previous(
    request: &Request,
    secret: &Value,
    upstream: &Upstream,
) -> Result<(), UpstreamError> {
    let previous = json!("AWSPREVIOUS");
    if let Some(holder) = holder(request, secret, &previous, &Value::Null, upstream).await? {
        let stage = json!({
            "SecretId": secret, "VersionStage": previous, "RemoveFromVersionId": holder,
        });
        upstream
            .forward(&request.follow_up("UpdateSecretVersionStage", &stage))
            .await?;
    }
    Ok(())
}

/// Returns the ID of the version that has a staging label, other than `new`.
async fn holder(
    request: &Request,
    secret: &Value,
    stage: &Value,
    new: &Value,
    upstream: &Upstream,
) -> Result<Option<String>, UpstreamError> {
    let id = json!({ "SecretId": secret });
    let described = upstream
        .forward(&request.follow_up("DescribeSecret", &id))
        .await?
        .value();
    let versions = described["VersionIdsToStages"].as_object();
    let found = versions.into_iter().flatten().find(|(id, stages)| {
        let has = stages
            .as_array()
            .is_some_and(|stages| stages.contains(stage));
        has && new.as_str() != Some(id.as_str())
    });
    Ok(found.map(|(id, _)| id.clone()))
}

/// Returns the response to PutSecretValue with the labels that the version has.
async fn labelled(request: &Request, stored: ApiResponse, upstream: &Upstream) -> Responded {
    let mut response = stored.value();
    let (arn, id) = (&response["ARN"], &response["VersionId"]);
    if let Some(version) = version(request, arn, id, upstream).await? {
        response["VersionStages"] = version["VersionStages"].clone();
    }
    Ok(stored.with_body(response.to_string()))
}

/// GetSecretValue: a secret without a value has no version with a staging label.
async fn get(request: &Request, upstream: &Upstream) -> Responded {
    let response = upstream.forward(request).await?;
    if response.status.is_success() && !has_value(&response.value()) {
        let message =
            "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
        return Ok(refuse(request, "ResourceNotFoundException", message));
    }
    Ok(response)
}

/// DescribeSecret: a secret without a value has no versions.
async fn describe(request: &Request, upstream: &Upstream) -> Responded {
    let response = upstream.forward(request).await?;
    let mut described = response.value();
    let only = described["VersionIdsToStages"]
        .as_object()
        .is_some_and(|versions| versions.len() == 1);
    if !response.status.is_success() || !only {
        return Ok(response);
    }
    if lacks_value(request, &described["ARN"], upstream).await? {
        remove(&mut described, "VersionIdsToStages");
        return Ok(response.with_body(described.to_string()));
    }
    Ok(response)
}

/// ListSecretVersionIds: a secret without a value has no versions.
async fn list_versions(request: &Request, upstream: &Upstream) -> Responded {
    let response = upstream.forward(request).await?;
    let mut listed = response.value();
    let only = listed["Versions"]
        .as_array()
        .is_some_and(|versions| versions.len() == 1);
    if response.status.is_success()
        && only
        && lacks_value(request, &listed["ARN"], upstream).await?
    {
        listed["Versions"] = json!([]);
        return Ok(response.with_body(listed.to_string()));
    }
    Ok(response)
}

/// Returns whether the emulator stores a version without a value, which it creates with a secret.
async fn lacks_value(
    request: &Request,
    secret: &Value,
    upstream: &Upstream,
) -> Result<bool, UpstreamError> {
    let id = json!({ "SecretId": secret });
    let current = upstream
        .forward(&request.follow_up("GetSecretValue", &id))
        .await?;
    Ok(current.status.is_success() && !has_value(&current.value()))
}

/// DeleteSecret: a forced deletion succeeds if the secret does not exist.
async fn delete(request: &Request, body: &Value, upstream: &Upstream) -> Responded {
    let response = upstream.forward(request).await?;
    let missing = response.error_code().as_deref() == Some("ResourceNotFoundException");
    if missing && body["ForceDeleteWithoutRecovery"] == true {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        let requested = body["SecretId"].as_str().unwrap_or_default();
        // The response contains an ARN even if the request contains a name.
        let arn = match requested.starts_with("arn:") {
            true => requested.to_owned(),
            false => format!(
                "arn:aws:secretsmanager:{REGION}:{}:secret:{requested}",
                request.account
            ),
        };
        let name = arn.rsplit(':').next().unwrap_or_default();
        return Ok(ApiResponse::json(
            &json!({ "ARN": arn, "Name": name, "DeletionDate": now.as_secs() }),
        ));
    }
    Ok(response)
}

/// Returns the version with the specified token, including its value, or `None`.
async fn version(
    request: &Request,
    secret: &Value,
    token: &Value,
    upstream: &Upstream,
) -> Result<Option<Value>, UpstreamError> {
    if !token.is_string() {
        return Ok(None);
    }
    let parameters = json!({ "SecretId": secret, "VersionId": token });
    let response = upstream
        .forward(&request.follow_up("GetSecretValue", &parameters))
        .await?;
    Ok(response.status.is_success().then(|| response.value()))
}

fn has_value(version: &Value) -> bool {
    ["SecretString", "SecretBinary"]
        .iter()
        .any(|key| version.get(key).is_some_and(|value| !value.is_null()))
}

fn same_value(stored: &Value, requested: &Value) -> bool {
    ["SecretString", "SecretBinary"]
        .iter()
        .all(|key| stored[key] == requested[key])
}

fn take_value(body: &mut Value) -> Map<String, Value> {
    let fields = ["SecretString", "SecretBinary"];
    let taken = fields
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), body.as_object_mut()?.shift_remove(*key)?)));
    taken.filter(|(_, value)| !value.is_null()).collect()
}

fn remove(object: &mut Value, key: &str) {
    if let Some(object) = object.as_object_mut() {
        object.shift_remove(key);
    }
}

/// "The secret name can contain ASCII letters, numbers, and the following characters: /_+=.@-" (CreateSecret). The length is
/// 1 to 512. The message of AWS also allows `!` (github.com/smithy-lang/smithy-typescript/issues/1546).
fn is_valid_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+=.@-!".contains(&byte);
    (1..=512).contains(&name.len()) && name.bytes().all(is_allowed)
}

fn refuse(request: &Request, code: &str, message: &str) -> ApiResponse {
    ApiResponse::error(request, StatusCode::BAD_REQUEST, code, message)
}
