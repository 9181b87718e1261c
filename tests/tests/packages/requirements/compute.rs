//! "Compute": repositories, cluster, services, load balancer, and log groups. Other tests check security groups
//! (reachability) and roles (policies).

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::Registry;
use crate::facts::{by_key, expect as same, list, only, pick, text};

/// The placeholder image that runs until the first push.
const PLACEHOLDER: &str = "public.ecr.aws/amazonlinux/amazonlinux:2023";

pub(super) fn expect_repositories(registry: &Registry<'_>) -> Result<()> {
    for service in ["api", "worker"] {
        let name = format!("{}-{service}", registry.prefix);
        let named = json!({ "repositoryNames": [name] });
        let found = list(
            registry.aws,
            "ecr",
            "DescribeRepositories",
            named,
            "repositories",
        )?;
        let found = pick(
            &only("repository", found)?,
            &[
                "repositoryName",
                "imageScanningConfiguration",
                "encryptionConfiguration",
            ],
        );
        let expected = json!({
            "repositoryName": name,
            "imageScanningConfiguration": { "scanOnPush": true },
            "encryptionConfiguration": { "encryptionType": "KMS", "kmsKey": registry.key_arn()? },
        });
        same(&name, &found, &expected)?;
        let asked = json!({ "repositoryName": name });
        let policy = registry.aws.call("ecr", "GetLifecyclePolicy", asked)?;
        let policy: Value = serde_json::from_str(&text(&policy, "/lifecyclePolicyText")?)?;
        let counted = ["tagStatus", "countType", "countNumber"];
        let rules = policy["rules"].as_array().context("rules")?;
        let rules = rules.iter().map(|rule| pick(&rule["selection"], &counted));
        let expected = json!([
            { "tagStatus": "untagged", "countType": "sinceImagePushed", "countNumber": 14 },
            { "tagStatus": "tagged", "countType": "imageCountMoreThan", "countNumber": 100 },
        ]);
        same("expiring images", &Value::Array(rules.collect()), &expected)?;
    }
    Ok(())
}

pub(super) fn expect_services(registry: &Registry<'_>) -> Result<()> {
    let asked = json!({ "clusters": [registry.prefix], "include": ["SETTINGS"] });
    let cluster = only(
        "cluster",
        list(registry.aws, "ecs", "DescribeClusters", asked, "clusters")?,
    )?;
    let insights = json!([{ "name": "containerInsights", "value": "enabled" }]);
    same("cluster settings", &cluster["settings"], &insights)?;
    let asked = json!({ "cluster": registry.prefix });
    let services = list(registry.aws, "ecs", "ListServices", asked, "serviceArns")?;
    ensure!(
        services.len() == 2,
        "expected two services, found {services:?}"
    );

    let port = json!([{ "containerPort": 8080, "protocol": "tcp" }]);
    let api = Expected {
        name: "api",
        size: ["512", "1024"],
        ports: port,
        binds: Some("0.0.0.0:8080"),
    };
    api.expect(registry)?;
    Expected {
        name: "worker",
        size: ["256", "512"],
        ports: Value::Null,
        binds: None,
    }
    .expect(registry)?;

    let (service, _) = registry.service("api")?;
    let group = target_group(registry)?;
    let balanced = json!([{ "targetGroupArn": group["TargetGroupArn"], "containerName": "api", "containerPort": 8080 }]);
    same(
        "load balancing for the API",
        &service["loadBalancers"],
        &balanced,
    )?;
    let (service, _) = registry.service("worker")?;
    same(
        "load balancing for the worker",
        &service["loadBalancers"],
        &json!([]),
    )
}

/// Expected properties of a service and its only container.
struct Expected<'a> {
    name: &'a str,
    /// CPU units, and memory in MiB.
    size: [&'a str; 2],
    ports: Value,
    binds: Option<&'a str>,
}

impl Expected<'_> {
    fn expect(&self, registry: &Registry<'_>) -> Result<()> {
        let (service, definition) = registry.service(self.name)?;
        self.expect_service(registry, &service)?;
        let sized = ["cpu", "memory", "networkMode", "requiresCompatibilities"];
        let expected = json!({
            "cpu": self.size[0], "memory": self.size[1], "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        });
        same(self.name, &pick(&definition, &sized), &expected)?;
        let containers = definition["containerDefinitions"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let container = only("container", containers)?;
        same(self.name, &container["image"], &json!(PLACEHOLDER))?;
        same(self.name, &container["portMappings"], &self.ports)?;
        let environment = container["environment"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let environment = by_key(&environment, "name", "value");
        same(self.name, &environment["BIND_ADDR"], &json!(self.binds))?;
        let logs = json!({ "logDriver": "awslogs", "options": {
            "awslogs-group": format!("/ecs/{}-{}", registry.prefix, self.name),
            "awslogs-region": "us-east-1",
            "awslogs-stream-prefix": "ecs",
        } });
        same(self.name, &container["logConfiguration"], &logs)
    }

    fn expect_service(&self, registry: &Registry<'_>, service: &Value) -> Result<()> {
        let counted = ["desiredCount", "runningCount", "launchType", "status"];
        let one = json!({ "desiredCount": 1, "runningCount": 1, "launchType": "FARGATE", "status": "ACTIVE" });
        same(self.name, &pick(service, &counted), &one)?;
        let breaker = json!({ "enable": true, "rollback": true });
        let found = &service["deploymentConfiguration"]["deploymentCircuitBreaker"];
        same(self.name, found, &breaker)?;
        let network = &service["networkConfiguration"]["awsvpcConfiguration"];
        same(self.name, &network["assignPublicIp"], &json!("DISABLED"))?;
        let subnets = registry.in_vpc("DescribeSubnets", "subnetSet")?;
        let members = network["subnets"].as_array().context("subnets")?;
        let mut ranges: Vec<_> = subnets
            .iter()
            .filter(|subnet| members.contains(&subnet["subnetId"]))
            .map(|subnet| subnet["cidrBlock"].clone())
            .collect();
        ranges.sort_by_key(Value::to_string);
        same(
            "its subnets",
            &Value::Array(ranges),
            &json!(["10.0.10.0/24", "10.0.20.0/24"]),
        )
    }
}

fn target_group(registry: &Registry<'_>) -> Result<Value> {
    let named = json!({ "Names": [format!("{}-api", registry.prefix)] });
    let action = "DescribeTargetGroups";
    only(
        "target group",
        list(
            registry.aws,
            "elasticloadbalancing",
            action,
            named,
            "TargetGroups",
        )?,
    )
}

pub(super) fn expect_load_balancer(registry: &Registry<'_>) -> Result<()> {
    let balancer = registry.load_balancer()?;
    let kind = json!({ "Scheme": "internet-facing", "Type": "application" });
    same(
        "load balancer",
        &pick(&balancer, &["Scheme", "Type"]),
        &kind,
    )?;
    let zones = balancer["AvailabilityZones"].as_array().context("zones")?;
    let mut ranges: Vec<_> = registry
        .in_vpc("DescribeSubnets", "subnetSet")?
        .into_iter()
        .filter(|subnet| {
            zones
                .iter()
                .any(|zone| zone["SubnetId"] == subnet["subnetId"])
        })
        .map(|subnet| subnet["cidrBlock"].clone())
        .collect();
    ranges.sort_by_key(Value::to_string);
    same(
        "its subnets",
        &Value::Array(ranges),
        &json!(["10.0.1.0/24", "10.0.2.0/24"]),
    )?;

    let group = target_group(registry)?;
    let asked = [
        "Protocol",
        "Port",
        "TargetType",
        "HealthCheckPath",
        "HealthCheckProtocol",
    ];
    let expected = json!({
        "Protocol": "HTTP", "Port": "8080", "TargetType": "ip", "HealthCheckPath": "/healthz", "HealthCheckProtocol": "HTTP",
    });
    same("target group", &pick(&group, &asked), &expected)?;

    let of = json!({ "LoadBalancerArn": text(&balancer, "/LoadBalancerArn")? });
    let listeners = list(
        registry.aws,
        "elasticloadbalancing",
        "DescribeListeners",
        of,
        "Listeners",
    )?;
    let mut found: Vec<_> = listeners.iter().map(listener).collect();
    found.sort_by_key(Value::to_string);
    let forward = json!({ "Type": "forward", "TargetGroupArn": group["TargetGroupArn"] });
    let redirect = json!({
        "Type": "redirect", "RedirectConfig": { "Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301" },
    });
    let expected = match registry.domain.map(|domain| domain.certificate) {
        None => json!([{ "Port": "80", "Protocol": "HTTP", "does": forward }]),
        Some(certificate) => json!([
            { "Port": "443", "Protocol": "HTTPS", "Certificates": [certificate], "does": forward },
            { "Port": "80", "Protocol": "HTTP", "does": redirect },
        ]),
    };
    same("listeners", &Value::Array(found), &expected)
}

/// Returns the protocol, port, and action of a listener.
fn listener(listener: &Value) -> Value {
    let action = &listener["DefaultActions"][0];
    let mut shown = pick(listener, &["Port", "Protocol"]);
    let certificates = listener["Certificates"].as_array();
    if let Some(certificates) = certificates.filter(|all| !all.is_empty()) {
        let arns = certificates.iter().map(|one| one["CertificateArn"].clone());
        shown["Certificates"] = Value::Array(arns.collect());
    }
    shown["does"] = if action["Type"] == "redirect" {
        json!({
            "Type": "redirect",
            "RedirectConfig": pick(&action["RedirectConfig"], &["Protocol", "Port", "StatusCode"]),
        })
    } else {
        pick(action, &["Type", "TargetGroupArn"])
    };
    shown
}

pub(super) fn expect_log_groups(registry: &Registry<'_>) -> Result<()> {
    let insights = format!("/aws/ecs/containerinsights/{}/performance", registry.prefix);
    let services = ["api", "worker"].map(|service| format!("/ecs/{}-{service}", registry.prefix));
    for name in services.into_iter().chain([insights]) {
        let named = json!({ "logGroupNamePrefix": name });
        let groups = list(
            registry.aws,
            "logs",
            "DescribeLogGroups",
            named,
            "logGroups",
        )?;
        let group = pick(
            &only("log group", groups)?,
            &["logGroupName", "retentionInDays", "kmsKeyId"],
        );
        let expected =
            json!({ "logGroupName": name, "retentionInDays": 30, "kmsKeyId": registry.key_arn()? });
        same("log group", &group, &expected)?;
    }
    Ok(())
}
