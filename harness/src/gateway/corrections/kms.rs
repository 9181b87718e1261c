//! AWS KMS: key usages, key states, and the rules for messages. Stateless; the emulator stores the keys and signs.
//!
//! Follows the API Reference, pages Sign, GetPublicKey, CreateKey, EnableKey, DisableKey, ScheduleKeyDeletion, and
//! CancelKeyDeletion, and the Developer Guide, page "Key states of AWS KMS keys", whose table details contain the codes and
//! messages for unusable keys. The pages do not contain the code for a missing or incompatible `KeyUsage`, or for
//! `ED25519_SHA_512` with a digest. The gateway returns `ValidationException`, the code for constraint violations.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use hyper::StatusCode;
use serde_json::{Value, json};

use super::super::request::Request;
use super::super::response::ApiResponse;
use super::super::upstream::{Upstream, UpstreamError};

type Responded = Result<ApiResponse, UpstreamError>;

/// Sign: "Messages can be 0-4096 bytes", with a minimum length of 1 in the API model.
const MESSAGE_LENGTHS: std::ops::RangeInclusive<usize> = 1..=4096;
const INVALID_STATE: &str = "KMSInvalidStateException";
const INVALID_USAGE: &str = "InvalidKeyUsageException";
const INVALID: &str = "ValidationException";

pub(super) async fn respond(request: &Request, upstream: &Upstream) -> Responded {
    let body = request.json();
    match request.action.as_str() {
        "CreateKey" => create(request, &body, upstream).await,
        "GetPublicKey" => public_key(request, &body, upstream).await,
        "Sign" => sign(request, &body, upstream).await,
        "EnableKey" | "DisableKey" | "ScheduleKeyDeletion" | "CancelKeyDeletion" => {
            transition(request, &body, upstream).await
        }
        _ => upstream.forward(request).await,
    }
}

/// CreateKey, `KeyUsage`: "This parameter is optional when you are creating a symmetric encryption KMS key; otherwise, it
/// is required". The allowed usages depend on the specification.
async fn create(request: &Request, body: &Value, upstream: &Upstream) -> Responded {
    let spec = body["KeySpec"].as_str().unwrap_or("SYMMETRIC_DEFAULT");
    let allowed: &[&str] = match spec {
        "RSA_2048" | "RSA_3072" | "RSA_4096" => &["ENCRYPT_DECRYPT", "SIGN_VERIFY"],
        "ECC_NIST_P256" | "ECC_NIST_P384" | "ECC_NIST_P521" => &["SIGN_VERIFY", "KEY_AGREEMENT"],
        "ECC_SECG_P256K1" | "ECC_NIST_EDWARDS25519" => &["SIGN_VERIFY"],
        _ => return upstream.forward(request).await,
    };
    let usage = body["KeyUsage"].as_str();
    if usage.is_some_and(|usage| allowed.contains(&usage)) {
        return upstream.forward(request).await;
    }
    let message = match usage {
        None => "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.".to_owned(),
        Some(usage) => format!("KeyUsage {usage} is not compatible with KeySpec {spec}"),
    };
    Ok(refuse(request, INVALID, &message))
}

/// GetPublicKey: the errors include DisabledException and KMSInvalidStateException. A symmetric key has no public key.
async fn public_key(request: &Request, body: &Value, upstream: &Upstream) -> Responded {
    let response = upstream.forward(request).await?;
    if !response.status.is_success() {
        return Ok(response);
    }
    let key = described(request, body, upstream).await?;
    Ok(unusable(request, &key).unwrap_or(response))
}

/// Sign: limits the length of the message, reports a key of another usage as InvalidKeyUsageException, and rejects an
/// otherwise valid request with `DryRun` (DryRunOperationException).
async fn sign(request: &Request, body: &Value, upstream: &Upstream) -> Responded {
    let message = body["Message"].as_str().unwrap_or_default();
    let length = BASE64_STANDARD
        .decode(message)
        .map_or(0, |octets| octets.len());
    if !MESSAGE_LENGTHS.contains(&length) {
        let bound = match length {
            0 => "greater than or equal to 1",
            _ => "less than or equal to 4096",
        };
        let message = format!(
            "1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length {bound}"
        );
        return Ok(refuse(request, INVALID, &message));
    }
    let signed = upstream.forward(request).await?;
    if signed.error_code().as_deref() == Some("UnsupportedOperationException") {
        return unsupported(request, body, signed, upstream).await;
    }
    if signed.status.is_success() && body["DryRun"] == true {
        let message = "The request would have succeeded, but the DryRun option is set.";
        let status = StatusCode::PRECONDITION_FAILED;
        return Ok(ApiResponse::error(
            request,
            status,
            "DryRunOperationException",
            message,
        ));
    }
    Ok(signed)
}

/// UnsupportedOperationException is not an error of Sign: a key of another usage is an InvalidKeyUsageException, and
/// `MessageType` must be `RAW` for `ED25519_SHA_512`.
async fn unsupported(
    request: &Request,
    body: &Value,
    refused: ApiResponse,
    upstream: &Upstream,
) -> Responded {
    let key = described(request, body, upstream).await?;
    let (arn, usage) = (text(&key, "Arn"), text(&key, "KeyUsage"));
    if usage != "SIGN_VERIFY" {
        let message = format!("{arn} key usage is {usage} which is not valid for Sign.");
        return Ok(refuse(request, INVALID_USAGE, &message));
    }
    let raw = body["MessageType"].as_str().unwrap_or("RAW") == "RAW";
    if body["SigningAlgorithm"] == "ED25519_SHA_512" && !raw {
        let message = "ED25519_SHA_512 signing algorithm requires MessageType RAW";
        return Ok(refuse(request, INVALID, message));
    }
    Ok(refused)
}

/// Key states: EnableKey, DisableKey, and ScheduleKeyDeletion fail for a key that is pending deletion, EnableKey and
/// DisableKey fail for a key that is pending import, and CancelKeyDeletion fails for a key that is not pending deletion.
async fn transition(request: &Request, body: &Value, upstream: &Upstream) -> Responded {
    let key = described(request, body, upstream).await?;
    let state = text(&key, "KeyState");
    let deletion = ["PendingDeletion", "PendingReplicaDeletion"].contains(&state);
    let problem = match request.action.as_str() {
        "CancelKeyDeletion" if !deletion => Some("is not pending deletion"),
        "CancelKeyDeletion" => None,
        _ if deletion => Some("is pending deletion"),
        "EnableKey" | "DisableKey" if state == "PendingImport" => Some("is pending import"),
        _ => None,
    };
    match (key.is_null(), problem) {
        (false, Some(problem)) => {
            let message = format!("{} {problem}.", text(&key, "Arn"));
            Ok(refuse(request, INVALID_STATE, &message))
        }
        _ => upstream.forward(request).await,
    }
}

/// Returns the error for a key whose state does not allow cryptographic operations.
fn unusable(request: &Request, key: &Value) -> Option<ApiResponse> {
    let (code, problem) = match text(key, "KeyState") {
        "Disabled" => ("DisabledException", "is disabled"),
        "PendingDeletion" | "PendingReplicaDeletion" => (INVALID_STATE, "is pending deletion"),
        "PendingImport" => (INVALID_STATE, "is pending import"),
        _ => return None,
    };
    let message = format!("{} {problem}.", text(key, "Arn"));
    Some(refuse(request, code, &message))
}

/// Returns `KeyMetadata` of the key in a request, or `Null` if the key does not exist.
async fn described(
    request: &Request,
    body: &Value,
    upstream: &Upstream,
) -> Result<Value, UpstreamError> {
    let id = json!({ "KeyId": body["KeyId"] });
    let response = upstream
        .forward(&request.follow_up("DescribeKey", &id))
        .await?;
    Ok(response.value()["KeyMetadata"].take())
}

fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object[key].as_str().unwrap_or_default()
}

fn refuse(request: &Request, code: &str, message: &str) -> ApiResponse {
    ApiResponse::error(request, StatusCode::BAD_REQUEST, code, message)
}
