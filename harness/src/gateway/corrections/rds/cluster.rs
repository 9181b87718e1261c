//! RDS: Aurora clusters with Serverless v2 scaling, log exports, and final snapshots.
//!
//! Follows the API Reference, pages CreateDBCluster, ModifyDBCluster, DeleteDBCluster, DBCluster,
//! ServerlessV2ScalingConfiguration, and CreateDBInstance, and the Aurora User Guide, pages "Scaling to zero ACUs with
//! automatic pause and resume" and "Publishing Aurora PostgreSQL logs to CloudWatch Logs". Stores attributes that the
//! emulator does not store, after the documented checks.

use serde_json::{Value, json};

use super::super::super::request::Request;
use super::super::super::response::ApiResponse;
use super::super::super::services::stored::Stored;
use super::super::super::upstream::{Upstream, UpstreamError};
use super::super::super::xml::Node;
use super::{Refusal, Responded, key_arn, password_error, refuse};

const SCALING: &str = "ServerlessV2ScalingConfiguration";
/// `MaxCapacity`: "The largest value that you can use is 256".
const MOST: f64 = 256.0;
/// "Specify a value between 300 seconds (five minutes) and 86,400 seconds (one day)."
const PAUSE: std::ops::RangeInclusive<u64> = 300..=86_400;
/// First minor version of each major version of Aurora PostgreSQL that supports automatic pause.
const PAUSABLE: [(u32, u32); 4] = [(13, 15), (14, 12), (15, 7), (16, 3)];

/// Cluster attributes that the emulator does not store.
#[derive(Default)]
pub(super) struct Clusters {
    clusters: Stored,
}

type Checked = Result<Result<Value, Refusal>, UpstreamError>;

impl Clusters {
    /// Responds to a call for clusters. Returns `None` for other calls.
    pub(super) async fn respond(
        &self,
        request: &Request,
        upstream: &Upstream,
    ) -> Option<Responded> {
        Some(match request.action.as_str() {
            "CreateDBCluster" => self.create(request, upstream).await,
            "ModifyDBCluster" => self.modify(request, upstream).await,
            "DeleteDBCluster" => self.delete(request, upstream).await,
            action if action.ends_with("DBCluster") || action == "DescribeDBClusters" => {
                let response = upstream.forward(request).await;
                response.map(|response| self.with_stored_fields(request, response))
            }
            _ => return None,
        })
    }

    async fn create(&self, request: &Request, upstream: &Upstream) -> Responded {
        if let Some(refusal) = credentials_error(request) {
            return Ok(refuse(request, &refusal));
        }
        let mut cluster = json!({ "exports": [], "engine": request.field("Engine") });
        cluster["exports"] = json!(request.list("EnableCloudwatchLogsExports.member"));
        let version = request.field("EngineVersion");
        match self
            .change(cluster, version.as_deref(), request, upstream)
            .await?
        {
            Err(refusal) => Ok(refuse(request, &refusal)),
            Ok(cluster) => self.forward(request, cluster, upstream).await,
        }
    }

    async fn modify(&self, request: &Request, upstream: &Upstream) -> Responded {
        let Some(mut cluster) = self.clusters.get(request, &identifier(request)) else {
            return upstream.forward(request).await;
        };
        let list =
            |kind: &str| request.list(&format!("CloudwatchLogsExportConfiguration.{kind}.member"));
        if let Some(exports) = cluster["exports"].as_array_mut() {
            let disabled = list("DisableLogTypes");
            exports.retain(|export| !disabled.iter().any(|name| export == name));
            for export in list("EnableLogTypes") {
                if !exports.contains(&json!(export)) {
                    exports.push(json!(export));
                }
            }
        }
        match self.change(cluster, None, request, upstream).await? {
            Err(refusal) => Ok(refuse(request, &refusal)),
            Ok(cluster) => self.forward(request, cluster, upstream).await,
        }
    }

    /// Forwards a call, and stores the cluster if the emulator accepts the call.
    async fn forward(
        &self,
        request: &Request,
        mut cluster: Value,
        upstream: &Upstream,
    ) -> Responded {
        let response = upstream.forward(request).await?;
        if response.status.is_success() {
            // The emulator replaces the endpoints when an instance is created. On AWS, they never change.
            let tree = response.xml().unwrap_or_default();
            for name in ["Endpoint", "ReaderEndpoint"] {
                if let (Value::Null, [endpoint]) = (&cluster[name], tree.texts(name).as_slice()) {
                    cluster[name] = json!(endpoint);
                }
            }
            self.clusters.insert(request, &identifier(request), cluster);
        }
        Ok(self.with_stored_fields(request, response))
    }

    /// Applies the attributes in a call after the checks.
    async fn change(
        &self,
        mut cluster: Value,
        version: Option<&str>,
        request: &Request,
        upstream: &Upstream,
    ) -> Checked {
        let engine = cluster["engine"].as_str().unwrap_or_default().to_owned();
        for export in cluster["exports"].as_array().into_iter().flatten() {
            let export = export.as_str().unwrap_or_default();
            if !is_known_log(&engine, export) {
                let message =
                    format!("You cannot use the log types '{export}' with engine {engine}.");
                return Ok(refused("InvalidParameterCombination", message));
            }
        }
        let field = |name: &str| request.field(&format!("{SCALING}.{name}"));
        for name in ["MinCapacity", "MaxCapacity"] {
            if let Some(value) = field(name) {
                cluster[SCALING][name] = json!(value.parse::<f64>().unwrap_or(-1.0));
            }
        }
        if let Some(value) = field("SecondsUntilAutoPause") {
            cluster[SCALING]["SecondsUntilAutoPause"] = json!(value.parse::<u32>().unwrap_or(0));
        }
        let scaling = &cluster[SCALING];
        if !scaling.is_null()
            && let Some(message) = scaling_error(scaling, &engine, version)
        {
            return Ok(refused("InvalidParameterValue", message));
        }
        if scaling["MinCapacity"] == 0.0 && scaling["SecondsUntilAutoPause"].is_null() {
            cluster[SCALING]["SecondsUntilAutoPause"] = json!(300);
        }
        if let Some(password) = request.field("MasterUserPassword")
            && let Some(refusal) = password_error(&password)
        {
            return Ok(Err(refusal));
        }
        for (parameter, stored) in [
            ("KmsKeyId", "key"),
            ("MasterUserSecretKmsKeyId", "secret_key"),
        ] {
            let Some(key) = request.field(parameter) else {
                continue;
            };
            match key_arn(request, upstream, &key).await? {
                Some(arn) => cluster[stored] = arn.into(),
                None => {
                    let message = format!("The KMS key {key} is not accessible");
                    return Ok(refused("KMSKeyNotAccessibleFault", message));
                }
            }
        }
        if let Some(refusal) = references(request, upstream).await? {
            return Ok(Err(refusal));
        }
        Ok(Ok(cluster))
    }

    /// DeleteDBCluster, `SkipFinalSnapshot`: "If SkipFinalSnapshot is not specified, a DB cluster snapshot is created
    /// before the DB cluster is deleted", and `FinalDBSnapshotIdentifier` is required.
    async fn delete(&self, request: &Request, upstream: &Upstream) -> Responded {
        let skips = request.field("SkipFinalSnapshot").as_deref() == Some("true");
        let snapshot = request.field("FinalDBSnapshotIdentifier");
        let code = "InvalidParameterCombination";
        match (skips, snapshot) {
            (false, None) => {
                let message =
                    "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.";
                let message = message.to_owned();
                return Ok(refuse(request, &Refusal { code, message }));
            }
            (true, Some(_)) => {
                let message =
                    "FinalDBSnapshotIdentifier can not be specified when deleting a cluster with \
                               SkipFinalSnapshot enabled."
                        .to_owned();
                return Ok(refuse(request, &Refusal { code, message }));
            }
            (false, Some(snapshot)) => {
                let described = self.described(request, upstream).await?;
                let ready = described.texts("DeletionProtection") != ["true"]
                    && described.texts("IsClusterWriter").is_empty();
                if ready {
                    let fields = [
                        ("DBClusterIdentifier", identifier(request)),
                        ("DBClusterSnapshotIdentifier", snapshot),
                    ];
                    let create = request.query("CreateDBClusterSnapshot", fields);
                    let created = upstream.forward(&create).await?;
                    if !created.status.is_success() {
                        return Ok(created);
                    }
                }
            }
            (true, None) => {}
        }
        let response = upstream.forward(request).await?;
        if !response.status.is_success() {
            return Ok(response);
        }
        let response = self.with_stored_fields(request, response);
        self.clusters.remove(request, &identifier(request));
        Ok(response)
    }

    /// Returns the description of the cluster, without the corrections.
    async fn described(
        &self,
        request: &Request,
        upstream: &Upstream,
    ) -> Result<Node, UpstreamError> {
        let fields = [("DBClusterIdentifier", identifier(request))];
        let call = request.query("DescribeDBClusters", fields);
        Ok(upstream.forward(&call).await?.xml().unwrap_or_default())
    }

    /// CreateDBInstance: an instance of class `db.serverless` requires a cluster with a scaling configuration.
    pub(super) fn instance_error(&self, request: &Request) -> Option<Refusal> {
        let cluster = request.field("DBClusterIdentifier")?.to_lowercase();
        let serverless = request.field("DBInstanceClass").as_deref() == Some("db.serverless");
        let cluster = self.clusters.get(request, &cluster)?;
        (serverless && cluster[SCALING].is_null()).then(|| Refusal {
            code: "InvalidDBClusterStateFault",
            message: "Set the Serverless v2 scaling configuration on the parent DB cluster before creating a \
                      Serverless v2 DB instance."
                .to_owned(),
        })
    }

    fn with_stored_fields(&self, request: &Request, response: ApiResponse) -> ApiResponse {
        response.changed(|tree| {
            tree.visit_with("DBClusterArn", &mut |node| {
                let identifier = node.text_of("DBClusterIdentifier").to_lowercase();
                if let Some(known) = self.clusters.get(request, &identifier) {
                    show(&known, node);
                }
            });
        })
    }
}

/// Adds the stored attributes to a description.
fn show(known: &Value, node: &mut Node) {
    let exports = known["exports"].as_array().into_iter().flatten();
    let exports = exports.filter_map(Value::as_str);
    node.set(Node::list(
        "EnabledCloudwatchLogsExports",
        "member",
        exports,
    ));
    if let Some(scaling) = known[SCALING].as_object() {
        let members = scaling
            .iter()
            .map(|(name, value)| Node::leaf(name, &value.to_string()));
        node.set(Node::branch(SCALING, members));
    }
    for name in ["Endpoint", "ReaderEndpoint"] {
        if let Some(endpoint) = known[name].as_str() {
            node.set(Node::leaf(name, endpoint));
        }
    }
    // The default group belongs to the major version of the engine (CreateDBCluster, `DBClusterParameterGroupName`).
    let group = node.text_of("DBClusterParameterGroup").to_owned();
    let version = node.text_of("EngineVersion").split('.').next();
    if group == "default.aurora-postgresql"
        && let Some(major) = version
    {
        let group = format!("{group}{major}");
        node.set(Node::leaf("DBClusterParameterGroup", &group));
    }
    if let Some(key) = known["key"].as_str() {
        node.set(Node::leaf("KmsKeyId", key));
    }
    if let Some(key) = known["secret_key"].as_str()
        && let Some(mut secret) = node.child("MasterUserSecret").cloned()
    {
        secret.set(Node::leaf("KmsKeyId", key));
        node.set(secret);
    }
}

/// Returns the message of the error for an invalid scaling configuration.
fn scaling_error(scaling: &Value, engine: &str, version: Option<&str>) -> Option<String> {
    if !engine.starts_with("aurora") {
        return Some(format!(
            "The engine {engine} does not support Serverless v2"
        ));
    }
    let (Some(least), Some(most)) = (
        scaling["MinCapacity"].as_f64(),
        scaling["MaxCapacity"].as_f64(),
    ) else {
        return Some("Serverless v2 requires a minimum and a maximum capacity".to_owned());
    };
    // "You can specify capacity values in half-step increments, such as 40, 40.5, 41, and so on."
    let is_step = |value: f64| (value * 2.0).fract() == 0.0;
    if !is_step(least) || !is_step(most) {
        return Some(format!(
            "Serverless v2 capacity {least} to {most} is not in half-step increments"
        ));
    }
    if !(0.0..=MOST).contains(&least) || !(1.0..=MOST).contains(&most) || least > most {
        return Some(format!(
            "Serverless v2 capacity {least} to {most} isn't valid: the minimum is 0 to {MOST}, the maximum 1 to {MOST}"
        ));
    }
    let pause = scaling["SecondsUntilAutoPause"].as_u64();
    if pause.is_some_and(|seconds| !PAUSE.contains(&seconds)) {
        return Some("SecondsUntilAutoPause must be between 300 and 86400".to_owned());
    }
    if least == 0.0 && version.is_some_and(|version| !can_pause(engine, version)) {
        return Some("The engine version does not support a minimum capacity of 0 ACUs".to_owned());
    }
    None
}

/// Returns whether a version of Aurora PostgreSQL supports automatic pause. Versions of other engines are not checked.
fn can_pause(engine: &str, version: &str) -> bool {
    let mut parts = version.split('.').map(str::parse::<u32>);
    let (Some(Ok(major)), Some(Ok(minor))) = (parts.next(), parts.next()) else {
        return true;
    };
    let first = PAUSABLE.iter().find(|(known, _)| *known == major);
    engine != "aurora-postgresql" || major > 16 || first.is_some_and(|(_, first)| minor >= *first)
}

/// A cluster requires a user, and either a password or a managed password.
fn credentials_error(request: &Request) -> Option<Refusal> {
    let restored = ["GlobalClusterIdentifier", "ReplicationSourceIdentifier"];
    if restored.iter().any(|name| request.field(name).is_some()) {
        return None;
    }
    let managed = request.field("ManageMasterUserPassword").as_deref() == Some("true");
    let password = request.field("MasterUserPassword").is_some();
    let message = match (request.field("MasterUsername"), managed, password) {
        (None, _, _) => "The parameter MasterUsername must be provided and must not be blank.",
        (_, false, false) => {
            "The parameter MasterUserPassword must be provided and must not be blank."
        }
        _ => return None,
    };
    Some(Refusal {
        code: "InvalidParameterValue",
        message: message.to_owned(),
    })
}

/// The subnet group and the parameter group of a cluster must exist.
async fn references(
    request: &Request,
    upstream: &Upstream,
) -> Result<Option<Refusal>, UpstreamError> {
    for (parameter, action, code) in [
        (
            "DBSubnetGroupName",
            "DescribeDBSubnetGroups",
            "DBSubnetGroupNotFoundFault",
        ),
        (
            "DBClusterParameterGroupName",
            "DescribeDBClusterParameterGroups",
            "DBClusterParameterGroupNotFound",
        ),
    ] {
        let Some(name) = request.field(parameter) else {
            continue;
        };
        let call = request.query(action, [(parameter, &name)]);
        let found = upstream.forward(&call).await?;
        if !found.status.is_success() && !name.starts_with("default.") {
            let message = format!("{parameter} doesn't exist: {name}");
            return Ok(Some(Refusal { code, message }));
        }
    }
    Ok(None)
}

/// Returns whether a cluster of an engine publishes a log.
fn is_known_log(engine: &str, export: &str) -> bool {
    match engine {
        "aurora-postgresql" => ["postgresql", "instance", "iam-db-auth-error"].contains(&export),
        "aurora-mysql" => {
            let names = [
                "audit",
                "error",
                "general",
                "slowquery",
                "instance",
                "iam-db-auth-error",
            ];
            names.contains(&export)
        }
        _ => true,
    }
}

fn refused(code: &'static str, message: String) -> Result<Value, Refusal> {
    Err(Refusal { code, message })
}

/// RDS stores identifiers in lowercase.
fn identifier(request: &Request) -> String {
    let identifier = request.field("DBClusterIdentifier").unwrap_or_default();
    identifier.to_lowercase()
}
