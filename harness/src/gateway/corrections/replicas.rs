//! Secrets Manager: replicas of secrets. All other calls are corrected by [`super::secretsmanager`].
//!
//! Follows the API Reference, pages CreateSecret (`AddReplicaRegions`), ReplicateSecretToRegions,
//! RemoveRegionsFromReplication, DescribeSecret, and DeleteSecret, and the User Guide, page "Troubleshoot AWS Secrets
//! Manager replication". The emulator stores the replicas. Failed replications are stored here.

use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, HeaderValue};
use serde_json::{Value, json};

use super::super::request::Request;
use super::super::response::ApiResponse;
use super::super::upstream::{Upstream, UpstreamError};
use super::memory::Memory;
use super::secretsmanager;
use crate::aws::REGION;

type Responded = Result<ApiResponse, UpstreamError>;

/// Region that does not exist in AWS. [`Replicas::remove`] creates a temporary secret in it.
const SCRATCH_REGION: &str = "zz-scratch-1";

/// Failed replications by secret ARN.
#[derive(Default)]
pub(super) struct Replicas {
    failed: Memory<Vec<Value>>,
}

impl Replicas {
    pub(super) async fn respond(&self, request: &Request, upstream: &Upstream) -> Responded {
        let body = request.json();
        match request.action.as_str() {
            "CreateSecret" => self.create(request, &body, upstream).await,
            "DescribeSecret" => self.describe(request, upstream).await,
            "ReplicateSecretToRegions" => self.replicate(request, &body, upstream).await,
            "RemoveRegionsFromReplication" => self.remove(request, &body, upstream).await,
            "DeleteSecret" => self.delete(request, &body, upstream).await,
            _ => secretsmanager::respond(request, upstream).await,
        }
    }

    /// CreateSecret: `AddReplicaRegions` replicates the new secret. A repeated call does not replicate it again.
    async fn create(&self, request: &Request, body: &Value, upstream: &Upstream) -> Responded {
        let created = secretsmanager::respond(request, upstream).await?;
        let regions = &body["AddReplicaRegions"];
        let requested = regions
            .as_array()
            .is_some_and(|regions| !regions.is_empty());
        if !created.status.is_success() || !requested {
            return Ok(created);
        }
        let mut response = created.value();
        let statuses = self.statuses(request, &response["ARN"], upstream).await?;
        if statuses.is_empty() {
            let parameters = json!({
                "SecretId": response["ARN"], "AddReplicaRegions": regions,
                "ForceOverwriteReplicaSecret": body["ForceOverwriteReplicaSecret"] == true,
            });
            let replicate = request.follow_up("ReplicateSecretToRegions", &parameters);
            let replicated = self.replicate(&replicate, &parameters, upstream).await?;
            if !replicated.status.is_success() {
                return Ok(replicated);
            }
        }
        let statuses = self.statuses(request, &response["ARN"], upstream).await?;
        response["ReplicationStatus"] = statuses.into();
        Ok(created.with_body(response.to_string()))
    }

    /// ReplicateSecretToRegions: a secret with the same name in a region is not an error of the call. Instead, the status
    /// of the replica is `Failed`, and the existing secret is kept.
    async fn replicate(&self, request: &Request, body: &Value, upstream: &Upstream) -> Responded {
        let id = json!({ "SecretId": body["SecretId"] });
        let described = upstream
            .forward(&request.follow_up("DescribeSecret", &id))
            .await?;
        let secret = described.value();
        let arn = secret["ARN"].as_str().unwrap_or_default();
        let mut failed = self.failed.get(&request.account, arn).unwrap_or_default();
        let regions = body["AddReplicaRegions"].as_array().cloned();
        for region in regions.unwrap_or_default() {
            let mut parameters = body.clone();
            parameters["AddReplicaRegions"] = json!([region]);
            let single = request.follow_up("ReplicateSecretToRegions", &parameters);
            let replicated = upstream.forward(&single).await?;
            failed.retain(|status| status["Region"] != region["Region"]);
            if replicated.error_code().as_deref() == Some("ResourceExistsException") {
                let (name, place) = (&secret["Name"], &region["Region"]);
                let reason = format!(
                    "Replication failed: Secret name {} already exists in region {}.",
                    name.as_str().unwrap_or_default(),
                    place.as_str().unwrap_or_default(),
                );
                failed.push(json!({
                    "Region": place, "KmsKeyId": region["KmsKeyId"], "Status": "Failed", "StatusMessage": reason,
                }));
            } else if !replicated.status.is_success() {
                return Ok(replicated);
            }
        }
        self.failed.insert(request, arn, failed);
        let statuses = self.statuses(request, &secret["ARN"], upstream).await?;
        Ok(ApiResponse::json(
            &json!({ "ARN": arn, "ReplicationStatus": statuses }),
        ))
    }

    /// RemoveRegionsFromReplication deletes replicas. The emulator does not support it, and can only delete a replica
    /// together with its primary secret. Therefore, a temporary secret with the same name takes over the replica and is
    /// then deleted.
    async fn remove(&self, request: &Request, body: &Value, upstream: &Upstream) -> Responded {
        let id = json!({ "SecretId": body["SecretId"] });
        let described = upstream
            .forward(&request.follow_up("DescribeSecret", &id))
            .await?;
        if !described.status.is_success() {
            return Ok(described);
        }
        let secret = described.value();
        let arn = secret["ARN"].as_str().unwrap_or_default();
        let removed = body["RemoveReplicaRegions"].as_array().cloned();
        let removed = removed.unwrap_or_default();
        let statuses = self.statuses(request, &secret["ARN"], upstream).await?;
        let of_region = |region: &Value| statuses.iter().find(|status| status["Region"] == *region);
        if let Some(unknown) = removed.iter().find(|region| of_region(region).is_none()) {
            let message = format!("The secret has no replica in region {unknown}.");
            let code = "InvalidParameterException";
            return Ok(ApiResponse::error(
                request,
                StatusCode::BAD_REQUEST,
                code,
                &message,
            ));
        }
        let stored: Vec<_> = removed
            .iter()
            .filter(|region| of_region(region).is_some_and(|status| status["Status"] != "Failed"))
            .map(|region| json!({ "Region": region }))
            .collect();
        if !stored.is_empty() {
            let temporary = json!({ "Name": secret["Name"] });
            let over = json!({
                "SecretId": secret["Name"], "AddReplicaRegions": stored, "ForceOverwriteReplicaSecret": true,
            });
            let gone = json!({ "SecretId": secret["Name"], "ForceDeleteWithoutRecovery": true });
            for (action, parameters) in [
                ("CreateSecret", temporary),
                ("ReplicateSecretToRegions", over),
                ("DeleteSecret", gone),
            ] {
                let call = in_scratch_region(request.follow_up(action, &parameters));
                let response = upstream.forward(&call).await?;
                if !response.status.is_success() {
                    return Ok(response);
                }
            }
        }
        let mut failed = self.failed.get(&request.account, arn).unwrap_or_default();
        failed.retain(|status| !removed.contains(&status["Region"]));
        self.failed.insert(request, arn, failed);
        let statuses = self.statuses(request, &secret["ARN"], upstream).await?;
        Ok(ApiResponse::json(
            &json!({ "ARN": arn, "ReplicationStatus": statuses }),
        ))
    }

    /// DescribeSecret: a replicated secret has a primary region, and the status of each replica.
    async fn describe(&self, request: &Request, upstream: &Upstream) -> Responded {
        let response = secretsmanager::respond(request, upstream).await?;
        let mut described = response.value();
        let arn = described["ARN"].as_str().unwrap_or_default().to_owned();
        let failed = self.failed.get(&request.account, &arn).unwrap_or_default();
        let mut statuses = described["ReplicationStatus"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        statuses.extend(failed);
        if !response.status.is_success() || statuses.is_empty() {
            return Ok(response);
        }
        if described["PrimaryRegion"].is_null() {
            let region = arn.split(':').nth(3).unwrap_or(REGION);
            described["PrimaryRegion"] = region.into();
        }
        described["ReplicationStatus"] = statuses.into();
        Ok(response.with_body(described.to_string()))
    }

    /// DeleteSecret: "You can't delete a primary secret that is replicated to other Regions. You must first delete the
    /// replicas using RemoveRegionsFromReplication".
    async fn delete(&self, request: &Request, body: &Value, upstream: &Upstream) -> Responded {
        let statuses = self.statuses(request, &body["SecretId"], upstream).await?;
        if statuses.is_empty() {
            return secretsmanager::respond(request, upstream).await;
        }
        let regions: Vec<_> = statuses
            .iter()
            .filter_map(|status| status["Region"].as_str())
            .collect();
        let message = format!(
            "You can't delete secret {} that still has replica regions [{}]",
            body["SecretId"].as_str().unwrap_or_default(),
            regions.join(", ")
        );
        let code = "InvalidRequestException";
        Ok(ApiResponse::error(
            request,
            StatusCode::BAD_REQUEST,
            code,
            &message,
        ))
    }

    /// Returns the status of each replica, including failed ones.
    async fn statuses(
        &self,
        request: &Request,
        id: &Value,
        upstream: &Upstream,
    ) -> Result<Vec<Value>, UpstreamError> {
        let id = json!({ "SecretId": id });
        let described = upstream
            .forward(&request.follow_up("DescribeSecret", &id))
            .await?
            .value();
        let arn = described["ARN"].as_str().unwrap_or_default();
        let stored = described["ReplicationStatus"].as_array().cloned();
        let mut statuses = stored.unwrap_or_default();
        statuses.extend(self.failed.get(&request.account, arn).unwrap_or_default());
        Ok(statuses)
    }
}

/// Returns the same request for another region. The emulator reads the region from the credential scope.
fn in_scratch_region(mut request: Request) -> Request {
    let header = request.headers.get(AUTHORIZATION);
    let scope = header
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut parts: Vec<&str> = scope.split('/').collect();
    if let Some(region) = parts.get_mut(2) {
        *region = SCRATCH_REGION;
    }
    if let Ok(value) = HeaderValue::from_str(&parts.join("/")) {
        request.headers.insert(AUTHORIZATION, value);
    }
    request
}
