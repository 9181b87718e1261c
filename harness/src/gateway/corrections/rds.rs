//! RDS: instance attributes for log exports, Performance Insights, windows, certificates, and passwords.
//!
//! Follows the API Reference, pages CreateDBInstance, ModifyDBInstance, DBInstance, and
//! CloudwatchLogsExportConfiguration. Stores attributes that the emulator does not store, after the documented checks.
//! Stores a keyed hash instead of the password so that a test can verify the password.

mod cluster;

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, RandomState};

use hyper::StatusCode;

use super::super::request::Request;
use super::super::response::ApiResponse;
use super::super::upstream::{Upstream, UpstreamError};
use super::super::xml::Node;
use super::memory::Memory;

type Responded = Result<ApiResponse, UpstreamError>;

/// Additional attributes for all instances.
#[derive(Default)]
pub(crate) struct Rds {
    instances: Memory<Instance>,
    clusters: cluster::Clusters,
    hasher: RandomState,
}

/// Instance attributes that the emulator does not store.
#[derive(Clone, Default)]
struct Instance {
    engine: String,
    user: String,
    password: Option<u64>,
    exports: BTreeSet<String>,
    insights: bool,
    insights_key: Option<String>,
    insights_retention: String,
    minor_upgrades: bool,
}

/// Error for a rejected call.
struct Refusal {
    code: &'static str,
    message: String,
}

impl Rds {
    pub(super) async fn respond(&self, request: &Request, upstream: &Upstream) -> Responded {
        if let Some(response) = self.clusters.respond(request, upstream).await {
            return response;
        }
        match request.action.as_str() {
            "CreateDBInstance" => self.create(request, upstream).await,
            "ModifyDBInstance" => self.modify(request, upstream).await,
            "DeleteDBInstance" => {
                let response = upstream.forward(request).await?;
                if response.status.is_success() {
                    self.instances.remove(request, &identifier(request));
                }
                Ok(self.with_stored_fields(request, response))
            }
            _ => {
                let response = upstream.forward(request).await?;
                Ok(filtered(
                    request,
                    self.with_stored_fields(request, response),
                ))
            }
        }
    }

    /// Returns whether the user and password are valid for an instance.
    pub(crate) fn accepts(
        &self,
        account: &str,
        identifier: &str,
        user: &str,
        password: &str,
    ) -> bool {
        let known = self.instances.get(account, &identifier.to_lowercase());
        let password = self.hasher.hash_one(password);
        known.is_some_and(|known| known.user == user && known.password == Some(password))
    }

    async fn create(&self, request: &Request, upstream: &Upstream) -> Responded {
        if let Some(refusal) = self.clusters.instance_error(request) {
            return Ok(refuse(request, &refusal));
        }
        let mut instance = Instance {
            engine: request.field("Engine").unwrap_or_default(),
            user: request.field("MasterUsername").unwrap_or_default(),
            insights_retention: "7".to_owned(),
            minor_upgrades: true,
            ..Instance::default()
        };
        let exports = request.list("EnableCloudwatchLogsExports.member");
        if let Err(refusal) = self
            .change(&mut instance, request, exports, upstream)
            .await?
        {
            return Ok(refuse(request, &refusal));
        }
        let response = upstream.forward(request).await?;
        if !response.status.is_success() {
            return Ok(response);
        }
        self.instances
            .insert(request, &identifier(request), instance);
        // The emulator accepts these parameters only in ModifyDBInstance.
        let late = ["PreferredBackupWindow", "CACertificateIdentifier"];
        let late: Vec<_> = late
            .into_iter()
            .filter_map(|name| Some((name, request.field(name)?)))
            .collect();
        if late.is_empty() {
            return Ok(self.with_stored_fields(request, response));
        }
        let fixed = [
            ("DBInstanceIdentifier", identifier(request)),
            ("ApplyImmediately", "true".to_owned()),
        ];
        let change = request.query("ModifyDBInstance", fixed.into_iter().chain(late));
        let changed = upstream.forward(&change).await?;
        match changed.status.is_success() {
            true => Ok(self.with_stored_fields(request, response)),
            false => Ok(changed),
        }
    }

    async fn modify(&self, request: &Request, upstream: &Upstream) -> Responded {
        let identifier = identifier(request);
        let Some(mut instance) = self.instances.get(&request.account, &identifier) else {
            return upstream.forward(request).await;
        };
        let list =
            |kind: &str| request.list(&format!("CloudwatchLogsExportConfiguration.{kind}.member"));
        for export in list("DisableLogTypes") {
            instance.exports.remove(&export);
        }
        let enabled = list("EnableLogTypes");
        if let Err(refusal) = self
            .change(&mut instance, request, enabled, upstream)
            .await?
        {
            return Ok(refuse(request, &refusal));
        }
        let response = upstream.forward(request).await?;
        if response.status.is_success() {
            self.instances.insert(request, &identifier, instance);
        }
        Ok(self.with_stored_fields(request, response))
    }

    /// Applies the attributes in a call after the RDS checks.
    async fn change(
        &self,
        instance: &mut Instance,
        request: &Request,
        exports: Vec<String>,
        upstream: &Upstream,
    ) -> Result<Result<(), Refusal>, UpstreamError> {
        if let Some(refusal) = refusal(&instance.engine, request, &exports) {
            return Ok(Err(refusal));
        }
        instance.exports.extend(exports);
        if let Some(password) = request.field("MasterUserPassword") {
            instance.password = Some(self.hasher.hash_one(password));
        }
        if let Some(wanted) = request.field("AutoMinorVersionUpgrade") {
            instance.minor_upgrades = wanted == "true";
        }
        if let Some(wanted) = request.field("EnablePerformanceInsights") {
            instance.insights = wanted == "true";
        }
        if let Some(days) = request.field("PerformanceInsightsRetentionPeriod") {
            instance.insights_retention = days;
        }
        if let Some(key) = request.field("PerformanceInsightsKMSKeyId") {
            match key_arn(request, upstream, &key).await? {
                Some(arn) => instance.insights_key = Some(arn),
                None => {
                    let code = "KMSKeyNotAccessibleFault";
                    let message = format!("The KMS key {key} is not accessible");
                    return Ok(Err(Refusal { code, message }));
                }
            }
        }
        Ok(Ok(()))
    }

    fn with_stored_fields(&self, request: &Request, response: ApiResponse) -> ApiResponse {
        response.changed(|tree| {
            tree.visit_with("DBInstanceArn", &mut |node| {
                let identifier = node.text_of("DBInstanceIdentifier").to_lowercase();
                if let Some(known) = self.instances.get(&request.account, &identifier) {
                    known.show(node);
                }
            });
        })
    }
}

impl Instance {
    fn show(&self, node: &mut Node) {
        let exports = Node::list("EnabledCloudwatchLogsExports", "member", &self.exports);
        node.set(exports);
        let minor = self.minor_upgrades.to_string();
        node.set(Node::leaf("AutoMinorVersionUpgrade", &minor));
        let insights = self.insights.to_string();
        node.set(Node::leaf("PerformanceInsightsEnabled", &insights));
        node.children
            .retain(|child| child.name != "PerformanceInsightsRetentionPeriod");
        if self.insights {
            let days = &self.insights_retention;
            node.set(Node::leaf("PerformanceInsightsRetentionPeriod", days));
            if let Some(key) = &self.insights_key {
                node.set(Node::leaf("PerformanceInsightsKMSKeyId", key));
            }
        }
    }
}

/// Returns only the instances that match a filter. The emulator ignores filters, so a caller that waits for one
/// deletion would wait for all deletions (API Reference, DescribeDBInstances, Filters).
fn filtered(request: &Request, response: ApiResponse) -> ApiResponse {
    if request.field("Filters.Filter.1.Name").as_deref() != Some("dbi-resource-id") {
        return response;
    }
    let wanted = request.list("Filters.Filter.1.Values.Value");
    response.changed(|tree| {
        tree.visit_with("DBInstance", &mut |instances| {
            instances.children.retain(|one| {
                one.name != "DBInstance"
                    || wanted.iter().any(|id| id == one.text_of("DbiResourceId"))
            });
        });
    })
}

/// RDS stores identifiers in lowercase.
fn identifier(request: &Request) -> String {
    let identifier = request.field("DBInstanceIdentifier").unwrap_or_default();
    identifier.to_lowercase()
}

/// Returns the ARN of the key if the key is enabled.
async fn key_arn(
    request: &Request,
    upstream: &Upstream,
    key: &str,
) -> Result<Option<String>, UpstreamError> {
    let body = serde_json::json!({ "KeyId": key });
    let call = request.for_service("kms", "TrentService.DescribeKey", &body);
    let metadata = upstream.forward(&call).await?.value()["KeyMetadata"].take();
    let usable = metadata["KeyState"] == "Enabled";
    Ok(metadata["Arn"]
        .as_str()
        .filter(|_| usable)
        .map(str::to_owned))
}

/// Returns the error for an invalid request. Considers only the request itself.
fn refusal(engine: &str, request: &Request, exports: &[String]) -> Option<Refusal> {
    if let Some(export) = exports.iter().find(|export| !is_known_log(engine, export)) {
        let code = "InvalidParameterCombination";
        let message =
            format!("You cannot use the log types '{export}' with engine version {engine}.");
        return Some(Refusal { code, message });
    }
    let interval = request.field("MonitoringInterval");
    let role = request.field("MonitoringRoleArn").unwrap_or_default();
    if interval.is_some_and(|seconds| seconds != "0") && role.is_empty() {
        let code = "InvalidParameterCombination";
        let message = "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.";
        let message = message.to_owned();
        return Some(Refusal { code, message });
    }
    if let Some(days) = request.field("PerformanceInsightsRetentionPeriod")
        && !is_valid_retention(&days)
    {
        let code = "InvalidParameterValue";
        let message = format!("Invalid Performance Insights retention period: {days}");
        return Some(Refusal { code, message });
    }
    password_error(&request.field("MasterUserPassword")?)
}

/// Returns the error for an invalid password: "The password can include any printable ASCII character except "/", """, or
/// "@"". The length is 8 to 128.
fn password_error(password: &str) -> Option<Refusal> {
    let printable = |byte: u8| byte.is_ascii_graphic() && !b"/\"@'".contains(&byte);
    let is_valid = (8..=128).contains(&password.len()) && password.bytes().all(printable);
    let message = "The parameter MasterUserPassword is not a valid password.".to_owned();
    (!is_valid).then_some(Refusal {
        code: "InvalidParameterValue",
        message,
    })
}

/// Returns whether an engine publishes a log, according to its page on publishing logs to CloudWatch Logs.
fn is_known_log(engine: &str, export: &str) -> bool {
    match engine {
        "postgres" => ["postgresql", "upgrade", "iam-db-auth-error"].contains(&export),
        "mysql" | "mariadb" => [
            "audit",
            "error",
            "general",
            "slowquery",
            "iam-db-auth-error",
        ]
        .contains(&export),
        _ => true,
    }
}

/// "7, month * 31, where month is a number of months from 1-23, 731".
fn is_valid_retention(days: &str) -> bool {
    match days.parse::<u32>() {
        Ok(7 | 731) => true,
        Ok(days) => days % 31 == 0 && (1..=23).contains(&(days / 31)),
        Err(_) => false,
    }
}

fn refuse(request: &Request, refusal: &Refusal) -> ApiResponse {
    ApiResponse::error(
        request,
        StatusCode::BAD_REQUEST,
        refusal.code,
        &refusal.message,
    )
}
