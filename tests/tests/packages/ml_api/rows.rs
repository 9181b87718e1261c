//! The requirements of the API, row by row. Numbers and names are written manually from the requirements.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::LocalAws;
use tfharness::workspace::Stack;

use super::DOMAIN;
use crate::facts::{list, only, pick, text, texts};

/// An API in an account, identified by its prefix.
pub(super) struct Api<'a> {
    pub(super) aws: &'a LocalAws,
    pub(super) prefix: &'a str,
    /// Minimum capacity of the database, as in the response.
    pub(super) min_acu: &'a str,
    /// Whether the cluster has GPU instances.
    pub(super) gpu: bool,
    /// ARN of a secret with rotation.
    pub(super) secret: Option<&'a str>,
    /// ID of the hosted zone that contains the domain.
    pub(super) zone: Option<&'a str>,
}

/// Checks a row and returns the evidence.
type Check<'a> = fn(&Api<'a>) -> Result<String>;

impl<'a> Api<'a> {
    /// Checks every row, and prints each row with its evidence.
    pub(super) fn expect_as_required(&self, stack: &Stack) -> Result<()> {
        let rows: [(&str, Check<'a>); 16] = [
            ("network: 3 zones, at most one NAT gateway", network),
            ("ECS: Fargate Spot at 70 % of the weight", services),
            (
                "autoscaling: 2 to 10 tasks, 1000 requests per task",
                autoscaling,
            ),
            ("ALB: /health every 30 s, path rules", routes),
            ("ALB: certificate validated in DNS, HTTPS only", domain),
            ("ALB: WAF web ACL with a log", web_acl),
            ("Aurora: Serverless v2, encrypted, backups", database),
            ("DynamoDB: on-demand, TTL, recovery, own key", sessions),
            ("CloudFront: pages for 403 and 404", cdn),
            ("secrets: existing entries, rotation", secrets),
            ("encryption: one key that rotates", key),
            ("logs: 30 days, encrypted", logs),
            ("alarms and dashboard", alarms),
            ("IAM: one role per component", roles),
            ("container: a repository for each service", repositories),
            ("GPU: a provider that scales to zero, if asked for", gpu),
        ];
        let mut failed = Vec::new();
        for (row, check) in rows {
            match check(self) {
                Ok(evidence) => println!("{}: {row} → {evidence}", self.prefix),
                Err(error) => failed.push(format!("{row}: {error:#}")),
            }
        }
        match outputs(self, stack) {
            Ok(evidence) => println!("{}: outputs → {evidence}", self.prefix),
            Err(error) => failed.push(format!("outputs: {error:#}")),
        }
        ensure!(failed.is_empty(), "{}:\n{}", self.prefix, failed.join("\n"));
        Ok(())
    }

    fn named(&self, rest: &str) -> String {
        format!("{}{rest}", self.prefix)
    }

    fn balancer(&self) -> Result<Value> {
        let named = json!({ "Names": [self.prefix] });
        let found = list(
            self.aws,
            "elasticloadbalancing",
            "DescribeLoadBalancers",
            named,
            "LoadBalancers",
        )?;
        only("load balancer", found)
    }

    /// Returns the listener for a protocol.
    fn listener(&self, protocol: &str) -> Result<Value> {
        let by_arn = json!({ "LoadBalancerArn": text(&self.balancer()?, "/LoadBalancerArn")? });
        let mut listeners = list(
            self.aws,
            "elasticloadbalancing",
            "DescribeListeners",
            by_arn,
            "Listeners",
        )?;
        listeners.retain(|one| one["Protocol"] == protocol);
        only(&format!("{protocol} listener"), listeners)
    }

    fn service(&self, name: &str) -> Result<Value> {
        let parameters = json!({ "cluster": self.prefix, "services": [self.named(name)] });
        only(
            "service",
            list(self.aws, "ecs", "DescribeServices", parameters, "services")?,
        )
    }

    pub(super) fn key_arn(&self) -> Result<String> {
        let id = json!({ "KeyId": format!("alias/{}", self.prefix) });
        text(
            &self.aws.call("kms", "DescribeKey", id)?,
            "/KeyMetadata/Arn",
        )
    }
}

fn network(api: &Api<'_>) -> Result<String> {
    let named = json!({ "Filter": [{ "Name": "tag:Name", "Value": [api.prefix] }] });
    let vpc = only(
        "VPC",
        list(api.aws, "ec2", "DescribeVpcs", named, "vpcSet")?,
    )?;
    let vpc = text(&vpc, "/vpcId")?;
    let of_vpc = |action: &str, name: &str| -> Result<Vec<Value>> {
        let mut found = list(api.aws, "ec2", action, Value::Null, name)?;
        found.retain(|one| one["vpcId"] == vpc.as_str());
        Ok(found)
    };
    let subnets = of_vpc("DescribeSubnets", "subnetSet")?;
    let public = subnets
        .iter()
        .filter(|one| one["mapPublicIpOnLaunch"] == "true")
        .count();
    let mut zones = texts(&subnets, "/availabilityZone")?;
    zones.dedup();
    let nats = of_vpc("DescribeNatGateways", "natGatewaySet")?.len();
    let endpoints = texts(
        &of_vpc("DescribeVpcEndpoints", "vpcEndpointSet")?,
        "/serviceName",
    )?;
    ensure!(
        zones.len() == 3 && public == 3 && subnets.len() == 6,
        "subnets: {subnets:?}"
    );
    ensure!(nats <= 1, "{nats} NAT gateways");
    for service in ["dynamodb", "s3"] {
        let suffix = format!(".{service}");
        ensure!(
            endpoints.iter().any(|name| name.ends_with(&suffix)),
            "no endpoint for {service}"
        );
    }
    Ok(format!(
        "3 public and 3 private subnets, {nats} NAT gateway, endpoints {endpoints:?}"
    ))
}

fn services(api: &Api<'_>) -> Result<String> {
    for name in ["-v1", "-v2"] {
        let service = api.service(name)?;
        let mut strategy = service["capacityProviderStrategy"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        strategy.sort_by_key(|one| one["capacityProvider"].to_string());
        let expected = json!([
            { "capacityProvider": "FARGATE", "base": 1, "weight": 30 },
            { "capacityProvider": "FARGATE_SPOT", "base": 0, "weight": 70 },
        ]);
        ensure!(json!(strategy) == expected, "{name}: strategy {strategy:?}");
        let breaker = &service["deploymentConfiguration"]["deploymentCircuitBreaker"];
        ensure!(
            breaker["enable"] == true && breaker["rollback"] == true,
            "{name}: {breaker}"
        );
        let id = json!({ "taskDefinition": service["taskDefinition"] });
        let definition = api.aws.call("ecs", "DescribeTaskDefinition", id)?;
        let stop = &definition["taskDefinition"]["containerDefinitions"][0]["stopTimeout"];
        ensure!(
            stop.as_i64().is_some_and(|seconds| seconds < 60),
            "{name}: stopTimeout {stop}"
        );
    }
    Ok("weights 70 (Spot) and 30, base 1 on demand, circuit breaker with rollback, stopTimeout below 60 s".to_owned())
}

fn autoscaling(api: &Api<'_>) -> Result<String> {
    let namespace = json!({ "ServiceNamespace": "ecs" });
    let found = |action: &str, name: &str| -> Result<Vec<Value>> {
        let prefix = format!("service/{}/", api.prefix);
        let mut all = list(
            api.aws,
            "application-autoscaling",
            action,
            namespace.clone(),
            name,
        )?;
        all.retain(|one| {
            one["ResourceId"]
                .as_str()
                .is_some_and(|id| id.starts_with(&prefix))
        });
        Ok(all)
    };
    let targets = found("DescribeScalableTargets", "ScalableTargets")?;
    ensure!(targets.len() == 2, "targets: {targets:?}");
    for target in &targets {
        ensure!(
            target["MinCapacity"] == 2 && target["MaxCapacity"] == 10,
            "{target}"
        );
    }
    let policies = found("DescribeScalingPolicies", "ScalingPolicies")?;
    let metric = "/TargetTrackingScalingPolicyConfiguration/PredefinedMetricSpecification/PredefinedMetricType";
    let value = "/TargetTrackingScalingPolicyConfiguration/TargetValue";
    let of_requests: Vec<_> = policies
        .iter()
        .filter(|policy| policy.pointer(metric) == Some(&json!("ALBRequestCountPerTarget")))
        .collect();
    ensure!(
        of_requests.len() == 2 && policies.len() == 4,
        "policies: {policies:?}"
    );
    for policy in of_requests {
        let target = policy.pointer(value).and_then(Value::as_f64);
        ensure!(target == Some(1000.0), "{policy}");
    }
    let service = api.service("-v1")?;
    ensure!(service["desiredCount"] != 0, "no tasks: {service}");
    Ok("2 scalable targets with 2 to 10 tasks, 1000 requests per target, CPU 60 %".to_owned())
}

fn routes(api: &Api<'_>) -> Result<String> {
    let protocol = if api.zone.is_some() { "HTTPS" } else { "HTTP" };
    let listener = text(&api.listener(protocol)?, "/ListenerArn")?;
    let by_arn = json!({ "ListenerArn": listener });
    let rules = list(
        api.aws,
        "elasticloadbalancing",
        "DescribeRules",
        by_arn,
        "Rules",
    )?;
    let rules: Vec<String> = rules.iter().map(Value::to_string).collect();
    for path in ["/api/v1/*", "/api/v2/*"] {
        ensure!(
            rules.iter().any(|rule| rule.contains(path)),
            "no rule for {path}: {rules:?}"
        );
    }
    for name in ["-v1", "-v2"] {
        let named = json!({ "Names": [api.named(name)] });
        let groups = list(
            api.aws,
            "elasticloadbalancing",
            "DescribeTargetGroups",
            named,
            "TargetGroups",
        )?;
        let group = only("target group", groups)?;
        let check = pick(&group, &["HealthCheckPath", "HealthCheckIntervalSeconds"]);
        let expected = json!({ "HealthCheckPath": "/health", "HealthCheckIntervalSeconds": "30" });
        ensure!(check == expected, "{name}: {check}");
    }
    Ok("GET /health every 30 s; /api/v1/* and /api/v2/*; 404 for other paths".to_owned())
}

/// Checks the certificate, its validation, the redirect to HTTPS, and the record of the domain.
fn domain(api: &Api<'_>) -> Result<String> {
    let Some(zone) = api.zone else {
        api.listener("HTTP")?;
        return Ok("no domain: HTTP behind the CDN".to_owned());
    };
    let https = api.listener("HTTPS")?;
    let arn = text(&https, "/Certificates/0/CertificateArn")?;
    let described = api.aws.call(
        "acm",
        "DescribeCertificate",
        json!({ "CertificateArn": arn }),
    )?;
    let certificate = &described["Certificate"];
    ensure!(
        certificate["DomainName"] == DOMAIN && certificate["Status"] == "ISSUED",
        "{certificate}"
    );
    let redirect = api.listener("HTTP")?;
    let redirect = pick(
        &redirect["DefaultActions"][0]["RedirectConfig"],
        &["Protocol", "Port", "StatusCode"],
    );
    let expected = json!({ "Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301" });
    ensure!(redirect == expected, "{redirect}");
    let path = format!("/2013-04-01/hostedzone/{zone}/rrset");
    let records = api.aws.get("route53", &path)?;
    let records = records["ResourceRecordSets"]
        .as_array()
        .with_context(|| format!("no records: {records}"))?;
    let of_name = |name: &str, kind: &str| {
        let name = format!("{}.", name.trim_end_matches('.'));
        let mut found = records
            .iter()
            .filter(|one| one["Name"] == name.as_str() && one["Type"] == kind);
        found
            .next()
            .with_context(|| format!("no {kind} record {name}: {records:?}"))
    };
    let wanted = &certificate["DomainValidationOptions"][0]["ResourceRecord"];
    let found = of_name(&text(wanted, "/Name")?, &text(wanted, "/Type")?)?;
    ensure!(
        found["ResourceRecords"][0]["Value"] == wanted["Value"],
        "{found}"
    );
    let target = text(of_name(DOMAIN, "A")?, "/AliasTarget/DNSName")?;
    let name = text(&api.balancer()?, "/DNSName")?;
    ensure!(
        target.trim_end_matches('.').ends_with(&name),
        "{target} for {name}"
    );
    Ok(format!("{DOMAIN} with {arn}, 301 to HTTPS"))
}

fn web_acl(api: &Api<'_>) -> Result<String> {
    let balancer = text(&api.balancer()?, "/LoadBalancerArn")?;
    let of = json!({ "ResourceArn": balancer });
    let acl = api.aws.call("wafv2", "GetWebACLForResource", of)?;
    let rules = texts(acl["WebACL"]["Rules"].as_array().context("rules")?, "/Name")?;
    ensure!(rules.iter().any(|rule| rule == "rate-limit"), "{rules:?}");
    ensure!(
        rules
            .iter()
            .any(|rule| rule == "AWSManagedRulesKnownBadInputsRuleSet"),
        "{rules:?}"
    );
    let of = json!({ "ResourceArn": acl["WebACL"]["ARN"] });
    let logging = api.aws.call("wafv2", "GetLoggingConfiguration", of)?;
    let log = logging.pointer("/LoggingConfiguration/LogDestinationConfigs/0");
    let log = log.and_then(Value::as_str).context("log")?;
    ensure!(
        log.contains(&format!("log-group:aws-waf-logs-{}", api.prefix)),
        "{log}"
    );
    Ok(format!("{rules:?}, log {log}"))
}

fn database(api: &Api<'_>) -> Result<String> {
    let id = json!({ "DBClusterIdentifier": api.prefix });
    let cluster = only(
        "cluster",
        list(api.aws, "rds", "DescribeDBClusters", id, "DBClusters")?,
    )?;
    let scaling = &cluster["ServerlessV2ScalingConfiguration"];
    let number = |name: &str| {
        scaling[name]
            .as_str()
            .and_then(|text| text.parse::<f64>().ok())
    };
    let least: f64 = api.min_acu.parse()?;
    ensure!(
        number("MinCapacity") == Some(least) && number("MaxCapacity") == Some(2.0),
        "{scaling}"
    );
    let facts = pick(
        &cluster,
        &[
            "Engine",
            "StorageEncrypted",
            "DeletionProtection",
            "BackupRetentionPeriod",
        ],
    );
    let expected = json!({
        "Engine": "aurora-postgresql",
        "StorageEncrypted": "true",
        "DeletionProtection": "false",
        "BackupRetentionPeriod": "7",
    });
    ensure!(facts == expected, "{facts}");
    let secret = text(&cluster, "/MasterUserSecret/SecretArn")?;
    Ok(format!(
        "{} to 2 ACU, encrypted, backups for 7 days, password in {secret}",
        api.min_acu
    ))
}

fn sessions(api: &Api<'_>) -> Result<String> {
    let name = json!({ "TableName": api.named("-sessions") });
    let table = api.aws.call("dynamodb", "DescribeTable", name.clone())?;
    let table = &table["Table"];
    ensure!(
        table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST",
        "{table}"
    );
    ensure!(
        table["SSEDescription"]["KMSMasterKeyArn"] == api.key_arn()?.as_str(),
        "{table}"
    );
    let ttl = api
        .aws
        .call("dynamodb", "DescribeTimeToLive", name.clone())?;
    ensure!(
        ttl["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED",
        "{ttl}"
    );
    let backups = api
        .aws
        .call("dynamodb", "DescribeContinuousBackups", name)?;
    let status =
        "/ContinuousBackupsDescription/PointInTimeRecoveryDescription/PointInTimeRecoveryStatus";
    ensure!(
        backups.pointer(status) == Some(&json!("ENABLED")),
        "{backups}"
    );
    Ok("PAY_PER_REQUEST, TTL, point-in-time recovery, and the key of the API".to_owned())
}

fn cdn(api: &Api<'_>) -> Result<String> {
    let all = api.aws.get("cloudfront", "/2020-05-31/distribution")?;
    let comment = format!("API of {}.", api.prefix);
    let mut own = all["Items"].as_array().context("distributions")?.clone();
    own.retain(|one| one["Comment"] == comment.as_str());
    let distribution = only("distribution", own)?;
    let pages = distribution["CustomErrorResponses"].to_string();
    for page in ["/errors/403.html", "/errors/404.html"] {
        ensure!(pages.contains(page), "{pages}");
    }
    for status in [403, 404] {
        let bucket = format!("{}-error-pages-{}", api.prefix, api.aws.id());
        api.aws
            .get("s3", &format!("/{bucket}/errors/{status}.html?tagging"))?;
    }
    Ok(format!(
        "{} serves /errors/403.html and /errors/404.html",
        distribution["DomainName"]
    ))
}

fn secrets(api: &Api<'_>) -> Result<String> {
    let Some(arn) = api.secret else {
        return Ok("no secrets given".to_owned());
    };
    let secret = api.aws.call(
        "secretsmanager",
        "DescribeSecret",
        json!({ "SecretId": arn }),
    )?;
    ensure!(secret["RotationEnabled"] == true, "{secret}");
    let service = api.service("-v1")?;
    let id = json!({ "taskDefinition": service["taskDefinition"] });
    let definition = api.aws.call("ecs", "DescribeTaskDefinition", id)?;
    let secrets = &definition["taskDefinition"]["containerDefinitions"][0]["secrets"];
    ensure!(
        secrets == &json!([{ "name": "MODEL_KEY", "valueFrom": arn }]),
        "{secrets}"
    );
    Ok(format!(
        "{arn} is MODEL_KEY in the tasks, and rotation is enabled"
    ))
}

fn key(api: &Api<'_>) -> Result<String> {
    let key = api.key_arn()?;
    let id = json!({ "KeyId": key });
    let rotation = api.aws.call("kms", "GetKeyRotationStatus", id)?;
    ensure!(rotation["KeyRotationEnabled"] == true, "{rotation}");
    Ok(key)
}

fn logs(api: &Api<'_>) -> Result<String> {
    let key = api.key_arn()?;
    let mut groups = list(api.aws, "logs", "DescribeLogGroups", json!({}), "logGroups")?;
    groups.retain(|group| {
        let arn = group["kmsKeyId"].as_str();
        arn == Some(key.as_str())
    });
    let names = texts(&groups, "/logGroupName")?;
    ensure!(
        groups.iter().all(|group| group["retentionInDays"] == 30),
        "{groups:?}"
    );
    ensure!(names.len() >= 6, "{names:?}");
    Ok(format!("{names:?}"))
}

fn alarms(api: &Api<'_>) -> Result<String> {
    let prefix = json!({ "AlarmNamePrefix": api.named("-"), "AlarmTypes": ["MetricAlarm"] });
    let alarms = list(
        api.aws,
        "monitoring",
        "DescribeAlarms",
        prefix,
        "MetricAlarms",
    )?;
    let names = texts(&alarms, "/AlarmName")?;
    for rest in [
        "-database-capacity",
        "-failed-requests",
        "-latency",
        "-session-reads",
        "-session-writes",
        "-spot-interruptions",
        "-v1-cpu",
        "-v1-memory",
        "-v1-unhealthy",
        "-v2-cpu",
    ] {
        ensure!(
            names.contains(&api.named(rest)),
            "no alarm {rest}: {names:?}"
        );
    }
    let name = json!({ "DashboardName": api.prefix });
    let dashboard = api.aws.call("monitoring", "GetDashboard", name)?;
    let body: Value = serde_json::from_str(&text(&dashboard, "/DashboardBody")?)?;
    let graphs = body["widgets"].as_array().map_or(0, Vec::len);
    ensure!(graphs == 10, "{graphs} graphs");
    Ok(format!(
        "{} alarms, dashboard with {graphs} graphs",
        names.len()
    ))
}

fn roles(api: &Api<'_>) -> Result<String> {
    let mut roles = list(api.aws, "iam", "ListRoles", Value::Null, "Roles")?;
    let prefix = api.named("-");
    roles.retain(|role| {
        role["RoleName"]
            .as_str()
            .is_some_and(|name| name.starts_with(&prefix))
    });
    let names = texts(&roles, "/RoleName")?;
    for rest in ["-execution", "-flow-logs", "-v1-task", "-v2-task"] {
        ensure!(
            names.contains(&api.named(rest)),
            "no role {rest}: {names:?}"
        );
    }
    Ok(format!("{names:?}"))
}

fn repositories(api: &Api<'_>) -> Result<String> {
    let names = [api.named("-v1"), api.named("-v2")];
    let parameters = json!({ "repositoryNames": names });
    let found = list(
        api.aws,
        "ecr",
        "DescribeRepositories",
        parameters,
        "repositories",
    )?;
    for repository in &found {
        ensure!(
            repository["encryptionConfiguration"]["encryptionType"] == "KMS",
            "{repository}"
        );
    }
    Ok(format!("{names:?}, encrypted with KMS"))
}

fn gpu(api: &Api<'_>) -> Result<String> {
    let name = json!({ "AutoScalingGroupNames": [api.named("-gpu")] });
    let groups = list(
        api.aws,
        "autoscaling",
        "DescribeAutoScalingGroups",
        name,
        "AutoScalingGroups",
    )?;
    ensure!(groups.len() == usize::from(api.gpu), "{groups:?}");
    let Some(group) = groups.first() else {
        return Ok("no GPU instances".to_owned());
    };
    let size = pick(group, &["MinSize", "DesiredCapacity"]);
    ensure!(
        size == json!({ "MinSize": "0", "DesiredCapacity": "0" }),
        "{size}"
    );
    Ok(format!("{} with {size}", api.named("-gpu")))
}

fn outputs(api: &Api<'_>, stack: &Stack) -> Result<String> {
    let url: String = stack.output("cloudfront_url")?;
    let balancer: String = stack.output("load_balancer_dns_name")?;
    let endpoint: String = stack.output("database_endpoint")?;
    ensure!(url.starts_with("https://"), "{url}");
    ensure!(
        balancer == text(&api.balancer()?, "/DNSName")?,
        "{balancer}"
    );
    ensure!(endpoint.contains(api.prefix), "{endpoint}");
    Ok(format!("{balancer}, {url}, {endpoint}"))
}
