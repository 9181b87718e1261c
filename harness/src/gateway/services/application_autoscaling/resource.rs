//! Resources that can be scaled: the format of their IDs, their dimensions, and their existence. Must not store anything.
//!
//! Follows the API Reference, page RegisterScalableTarget (`ResourceId`, `ScalableDimension`), and the User Guide, page
//! "Service-linked roles".

use serde_json::{Value, json};

use super::super::super::request::Request;
use super::super::{Backend, Failure, text};
use super::invalid;

/// A namespace with its dimensions and the names of its predefined metrics.
struct Namespace {
    name: &'static str,
    dimensions: &'static [&'static str],
    metrics: &'static [&'static str],
    /// Suffix of the service-linked role.
    role: &'static str,
}

/// Namespaces of services in the local AWS.
const NAMESPACES: [Namespace; 3] = [
    Namespace {
        name: "ecs",
        dimensions: &["ecs:service:DesiredCount"],
        metrics: &[
            "ECSServiceAverageCPUUtilization",
            "ECSServiceAverageMemoryUtilization",
            "ALBRequestCountPerTarget",
        ],
        role: "ECSService",
    },
    Namespace {
        name: "rds",
        dimensions: &["rds:cluster:ReadReplicaCount"],
        metrics: &[
            "RDSReaderAverageCPUUtilization",
            "RDSReaderAverageDatabaseConnections",
        ],
        role: "RDSCluster",
    },
    Namespace {
        name: "dynamodb",
        dimensions: &[
            "dynamodb:table:ReadCapacityUnits",
            "dynamodb:table:WriteCapacityUnits",
            "dynamodb:index:ReadCapacityUnits",
            "dynamodb:index:WriteCapacityUnits",
        ],
        metrics: &[
            "DynamoDBReadCapacityUtilization",
            "DynamoDBWriteCapacityUtilization",
        ],
        role: "DynamoDBTable",
    },
];

fn namespace(name: &str) -> Option<&'static Namespace> {
    NAMESPACES.iter().find(|namespace| namespace.name == name)
}

/// Returns the ARN of the service-linked role for a namespace.
pub(super) fn service_linked_role(account: &str, name: &str) -> String {
    let role = namespace(name).map_or(name, |namespace| namespace.role);
    format!(
        "arn:aws:iam::{account}:role/aws-service-role/{name}.application-autoscaling.amazonaws.com/\
         AWSServiceRoleForApplicationAutoScaling_{role}"
    )
}

/// Returns whether a predefined metric belongs to a namespace.
pub(super) fn has_metric(name: &str, metric: &str) -> bool {
    namespace(name).is_some_and(|namespace| namespace.metrics.contains(&metric))
}

/// Checks that the namespace has the dimension, and that the resource exists.
pub(super) async fn check(
    request: &Request,
    body: &Value,
    backend: &Backend<'_>,
) -> Result<(), Failure> {
    let (name, id) = (text(body, "ServiceNamespace"), text(body, "ResourceId"));
    let dimension = text(body, "ScalableDimension");
    let Some(namespace) = namespace(name) else {
        return invalid(format!(
            "the local AWS does not support the namespace {name}"
        ));
    };
    let parts: Vec<_> = id.split(['/', ':']).collect();
    let object = match (name, parts.as_slice()) {
        ("ecs", ["service", _, _]) => "ecs:service:",
        ("rds", ["cluster", _]) => "rds:cluster:",
        ("dynamodb", ["table", _]) => "dynamodb:table:",
        ("dynamodb", ["table", _, "index", _]) => "dynamodb:index:",
        _ => return invalid(format!("Unsupported resource ID: {id}")),
    };
    if !namespace.dimensions.contains(&dimension) || !dimension.starts_with(object) {
        return invalid("Unsupported service namespace, resource type or scalable dimension");
    }
    match (name, parts.as_slice()) {
        ("ecs", [_, cluster, service]) => {
            if ecs_service(request, cluster, service, backend)
                .await?
                .is_null()
            {
                return invalid(format!("ECS service doesn't exist: {id}"));
            }
        }
        ("rds", [_, cluster]) => {
            let fields = [("DBClusterIdentifier", *cluster)];
            let call = request.for_query("rds", "2014-10-31", "DescribeDBClusters", fields);
            if !backend.send(&call).await?.status.is_success() {
                return invalid(format!("DB cluster doesn't exist: {id}"));
            }
        }
        (_, [_, table, ..]) => {
            let parameters = json!({ "TableName": table });
            let call =
                request.for_service("dynamodb", "DynamoDB_20120810.DescribeTable", &parameters);
            if !backend.send(&call).await?.status.is_success() {
                return invalid(format!("DynamoDB table does not exist: {id}"));
            }
        }
        _ => {}
    }
    Ok(())
}

/// Returns an active ECS service, or `Null`.
pub(super) async fn ecs_service(
    request: &Request,
    cluster: &str,
    service: &str,
    backend: &Backend<'_>,
) -> Result<Value, Failure> {
    let parameters = json!({ "cluster": cluster, "services": [service] });
    let target = "AmazonEC2ContainerServiceV20141113.DescribeServices";
    let call = request.for_service("ecs", target, &parameters);
    let described = backend.send(&call).await?.value();
    let service = described["services"][0].clone();
    Ok(match service["status"] == "ACTIVE" {
        true => service,
        false => Value::Null,
    })
}
