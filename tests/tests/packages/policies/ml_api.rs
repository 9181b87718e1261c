//! Least privilege of a machine-learning API: a table of the requests that each role needs, and of the requests that the
//! policies of its resources allow. The needs are from the Service Authorization Reference, the ECS developer guide,
//! pages "Amazon ECS task execution IAM role" and "Amazon ECS container instance IAM role", and the VPC user guide, page
//! "IAM role for publishing flow logs to CloudWatch Logs".

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tfharness::LocalAws;

use super::documents::of_key_with_arn;
use super::evaluate::{Caller, Request, Verdict};
use super::expect_verdicts;
use super::needs::{Need, Role, expect_roles, need, role};
use crate::facts::{all, list, only, text};

/// Service that assumes the roles of tasks.
const TASKS: &str = "ecs-tasks.amazonaws.com";
/// Actions of `AmazonECSTaskExecutionRolePolicy`.
const EXECUTION: &[&str] = &[
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
];
/// Actions of `AmazonEC2ContainerServiceforEC2Role` that the tables contain.
const INSTANCE: &[&str] = &[
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
    "ecs:DiscoverPollEndpoint",
    "ecs:Poll",
    "ecs:RegisterContainerInstance",
    "ecs:StartTelemetrySession",
    "ecs:SubmitTaskStateChange",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
];

/// ARNs of an API.
struct Names<'a> {
    aws: &'a LocalAws,
    prefix: &'a str,
    key: String,
    /// ARN of the secret with the database password.
    password: String,
    /// ARN of the secret that the tasks receive.
    secret: &'a str,
    table: String,
}

/// Checks every role of an API with GPU instances and a secret, and the policies of its resources.
pub(crate) fn expect_ml_api(aws: &LocalAws, prefix: &str, key: &str, secret: &str) -> Result<()> {
    let id = json!({ "DBClusterIdentifier": prefix });
    let cluster = only(
        "cluster",
        list(aws, "rds", "DescribeDBClusters", id, "DBClusters")?,
    )?;
    let names = Names {
        aws,
        prefix,
        key: key.to_owned(),
        password: text(&cluster, "/MasterUserSecret/SecretArn")?,
        secret,
        table: format!(
            "arn:aws:dynamodb:us-east-1:{}:table/{prefix}-sessions",
            aws.id()
        ),
    };
    all(&[
        ("roles", &|| {
            expect_roles(aws, prefix, &names.roles(), &names.surplus())
        }),
        ("key policy", &|| names.key_policy()),
        ("policy of the error pages", &|| names.error_pages()),
        ("policy of the access logs", &|| names.access_logs()),
    ])
}

impl Names<'_> {
    fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:us-east-1:{}:{resource}", self.aws.id())
    }

    /// Returns a decryption on behalf of a service.
    fn decrypt(&self, service: &str, context: (&'static str, &str)) -> Need {
        let via = format!("{service}.us-east-1.amazonaws.com");
        let context = vec![("kms:ViaService", via), (context.0, context.1.to_owned())];
        ("kms:Decrypt", self.key.clone(), context)
    }

    fn decrypt_secret(&self, arn: &str) -> Need {
        self.decrypt("secretsmanager", ("kms:EncryptionContext:SecretARN", arn))
    }

    fn decrypt_table(&self, name: &str) -> Need {
        let context = "kms:EncryptionContext:aws:dynamodb:tableName";
        self.decrypt("dynamodb", (context, name))
    }

    fn roles(&self) -> Vec<Role> {
        let image = self.arn("ecr", &format!("repository/{}-v1", self.prefix));
        let log = self.arn(
            "logs",
            &format!("log-group:/ecs/{}-v1:log-stream:x", self.prefix),
        );
        let of_aws = |actions: &[&'static str]| -> Vec<Need> {
            let resource = |action: &str| match action.split(':').next() {
                _ if action == "ecr:GetAuthorizationToken" => "*".to_owned(),
                Some("ecr") => image.clone(),
                Some("logs") => log.clone(),
                _ => self.arn("ecs", &format!("cluster/{}", self.prefix)),
            };
            let actions = actions.iter();
            actions.map(|one| need(one, resource(one))).collect()
        };
        let mut execution = of_aws(EXECUTION);
        execution.push(need("secretsmanager:GetSecretValue", self.secret));
        execution.push(self.decrypt_secret(self.secret));
        let group = self.arn("logs", &format!("log-group:/vpc/{}", self.prefix));
        let stream = format!("{group}:log-stream:x");
        let flow_logs = vec![
            need("logs:CreateLogStream", &stream),
            need("logs:PutLogEvents", &stream),
            need("logs:DescribeLogStreams", &group),
            need("logs:DescribeLogGroups", "*"),
        ];
        vec![
            Role {
                managed: Some(("AmazonECSTaskExecutionRolePolicy", EXECUTION)),
                ..role("execution", TASKS, execution)
            },
            Role {
                managed: Some(("AmazonEC2ContainerServiceforEC2Role", INSTANCE)),
                checks_account: false,
                ..role("gpu", "ec2.amazonaws.com", of_aws(INSTANCE))
            },
            role("flow-logs", "vpc-flow-logs.amazonaws.com", flow_logs),
            role("v1-task", TASKS, self.task()),
            role("v2-task", TASKS, self.task()),
        ]
    }

    /// Returns the needs of a task: sessions and the password of the database.
    fn task(&self) -> Vec<Need> {
        let mut needs: Vec<_> = [
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        ]
        .map(|action| need(action, &self.table))
        .into();
        needs.push(self.decrypt_table(&format!("{}-sessions", self.prefix)));
        needs.push(need("secretsmanager:GetSecretValue", &self.password));
        needs.push(self.decrypt_secret(&self.password));
        needs
    }

    /// Returns requests that no role of an API needs.
    fn surplus(&self) -> Vec<Need> {
        let other = self.arn("secretsmanager", "secret:other-AbCdEf");
        vec![
            need("dynamodb:DeleteTable", &self.table),
            need("dynamodb:Scan", &self.table),
            need("dynamodb:GetItem", self.arn("dynamodb", "table/other")),
            need("dynamodb:PutItem", format!("{}-other", self.table)),
            need("kms:Decrypt", &self.key),
            need("kms:GenerateDataKey", &self.key),
            need("kms:ScheduleKeyDeletion", &self.key),
            self.decrypt_table("other"),
            self.decrypt_secret(&other),
            self.decrypt("s3", ("kms:EncryptionContext:aws:s3:arn", "arn:aws:s3:::x")),
            need("secretsmanager:GetSecretValue", &other),
            need("secretsmanager:PutSecretValue", &self.password),
            need("secretsmanager:RotateSecret", self.secret),
            need(
                "rds:DeleteDBCluster",
                self.arn("rds", &format!("cluster:{}", self.prefix)),
            ),
            need(
                "s3:GetObject",
                format!("arn:aws:s3:::{}/errors/404.html", self.error_page_bucket()),
            ),
            need(
                "ecr:PutImage",
                self.arn("ecr", &format!("repository/{}-v1", self.prefix)),
            ),
            need("ecs:RunTask", "*"),
            need(
                "ecs:UpdateService",
                self.arn("ecs", &format!("service/{0}/{0}-v1", self.prefix)),
            ),
            need("iam:PassRole", "*"),
            need("iam:CreateRole", "*"),
            need("logs:DeleteLogGroup", "*"),
            need("wafv2:UpdateWebACL", "*"),
        ]
    }

    fn error_page_bucket(&self) -> String {
        format!("{}-error-pages-{}", self.prefix, self.aws.id())
    }

    /// Checks that CloudWatch Logs and CloudFront can use the key only on behalf of the account.
    fn key_policy(&self) -> Result<()> {
        let logs = |account: &str| {
            let group = format!("arn:aws:logs:us-east-1:{account}:log-group:/ecs/x");
            by(
                "logs.us-east-1.amazonaws.com",
                "kms:GenerateDataKey",
                &self.key,
            )
            .with("kms:EncryptionContext:aws:logs:arn", &group)
        };
        let cdn = |action: &str, account: &str| {
            let distribution = format!("arn:aws:cloudfront::{account}:distribution/E1");
            by("cloudfront.amazonaws.com", action, &self.key).with("aws:SourceArn", &distribution)
        };
        let (own, other) = (self.aws.id(), "999999999999");
        expect_verdicts(
            &of_key_with_arn(self.aws, &self.key)?,
            &[
                ("own log group", logs(own), Verdict::Allowed),
                ("foreign log group", logs(other), Verdict::NotAllowed),
                ("own CDN", cdn("kms:Decrypt", own), Verdict::Allowed),
                (
                    "foreign CDN",
                    cdn("kms:Decrypt", other),
                    Verdict::NotAllowed,
                ),
                (
                    "encryption by the CDN",
                    cdn("kms:Encrypt", own),
                    Verdict::NotAllowed,
                ),
            ],
        )
    }

    /// Checks that only the distribution of the API can read the error pages.
    fn error_pages(&self) -> Result<()> {
        let bucket = self.error_page_bucket();
        let page = format!("arn:aws:s3:::{bucket}/errors/404.html");
        let all = self.aws.get("cloudfront", "/2020-05-31/distribution")?;
        let all = all["Items"].as_array().context("distributions")?;
        let comment = format!("API of {}.", self.prefix);
        let own = all.iter().find(|one| one["Comment"] == comment.as_str());
        let own = text(own.context("distribution")?, "/ARN")?;
        let other = format!("arn:aws:cloudfront::{}:distribution/E1", self.aws.id());
        let cdn = |action: &str, source: &str| {
            by("cloudfront.amazonaws.com", action, &page).with("aws:SourceArn", source)
        };
        let anonymous = Request::new(Caller::Anonymous, "s3:GetObject", &page);
        expect_verdicts(
            &self.policy_of(&bucket)?,
            &[
                ("own CDN", cdn("s3:GetObject", &own), Verdict::Allowed),
                (
                    "another CDN",
                    cdn("s3:GetObject", &other),
                    Verdict::NotAllowed,
                ),
                (
                    "a write by the CDN",
                    cdn("s3:PutObject", &own),
                    Verdict::NotAllowed,
                ),
                ("anonymous", anonymous, Verdict::NotAllowed),
                (
                    "without TLS",
                    cdn("s3:GetObject", &own).with("aws:SecureTransport", "false"),
                    Verdict::Denied,
                ),
            ],
        )
    }

    /// Checks that load balancers can write logs of this account only.
    fn access_logs(&self) -> Result<()> {
        let bucket = format!("{}-access-logs-{}", self.prefix, self.aws.id());
        let service = "logdelivery.elasticloadbalancing.amazonaws.com";
        let log = |account: &str| {
            format!("arn:aws:s3:::{bucket}/load-balancer/AWSLogs/{account}/x.log.gz")
        };
        let own = log(self.aws.id());
        let write = |path: &str| by(service, "s3:PutObject", path);
        expect_verdicts(
            &self.policy_of(&bucket)?,
            &[
                ("own log", write(&own), Verdict::Allowed),
                (
                    "foreign log",
                    write(&log("999999999999")),
                    Verdict::NotAllowed,
                ),
                (
                    "a read of a log",
                    by(service, "s3:GetObject", &own),
                    Verdict::NotAllowed,
                ),
                (
                    "another service",
                    by("ec2.amazonaws.com", "s3:PutObject", &own),
                    Verdict::NotAllowed,
                ),
                (
                    "without TLS",
                    write(&own).with("aws:SecureTransport", "false"),
                    Verdict::Denied,
                ),
            ],
        )
    }

    fn policy_of(&self, bucket: &str) -> Result<Value> {
        Ok(self.aws.get("s3", &format!("/{bucket}?policy"))?)
    }
}

fn by(service: &str, action: &str, resource: &str) -> Request {
    Request::new(Caller::Service(service.to_owned()), action, resource)
}
