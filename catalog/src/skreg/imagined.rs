//! What data sources and resources answer in the module tests, which ask no account: texts of the form that AWS gives them,
//! because OpenTofu hands what it imagines to the rules of the next part.

use tfmodgen::prelude::*;

/// What a module's tests need, by type. Data sources begin with `data.`.
pub(crate) fn imagine(m: &mut Module, types: &[&str]) {
    for ty in types {
        match ty.strip_prefix("data.") {
            Some(source) => m.imagine_data(source, data(source)),
            None => m.imagine_resource(ty, resource(ty)),
        }
    }
}

/// Everything that the package has, for the tests of its root module.
pub(crate) const ALL: [&str; 19] = [
    "data.aws_availability_zones",
    "data.aws_caller_identity",
    "data.aws_partition",
    "data.aws_region",
    "aws_cloudfront_distribution",
    "aws_cloudwatch_log_group",
    "aws_ecr_repository",
    "aws_ecs_cluster",
    "aws_iam_openid_connect_provider",
    "aws_iam_role",
    "aws_kms_key",
    "aws_lb",
    "aws_lb_target_group",
    "aws_s3_bucket",
    "aws_secretsmanager_secret",
    "aws_secretsmanager_secret_version",
    "aws_security_group",
    "aws_subnet",
    "aws_vpc",
];

fn data(source: &str) -> Expr<Object> {
    object_value([match source {
        "aws_availability_zones" => {
            entry("names", ["eu-central-1c", "eu-central-1a", "eu-central-1b"])
        }
        "aws_caller_identity" => entry("account_id", "123456789012"),
        "aws_region" => entry("id", "eu-central-1"),
        _ => entry("partition", "aws"),
    }])
}

fn resource(ty: &str) -> Expr<Object> {
    let arn = |service: &str, resource: &str| {
        entry(
            "arn",
            format!("arn:aws:{service}:123456789012:{resource}").as_str(),
        )
    };
    let entries = match ty {
        "aws_cloudfront_distribution" => vec![
            arn("cloudfront:", "distribution/E123"),
            entry("domain_name", "d111111abcdef8.cloudfront.net"),
        ],
        "aws_cloudwatch_log_group" => vec![arn("logs:eu-central-1", "log-group:skreg")],
        "aws_ecr_repository" => vec![arn("ecr:eu-central-1", "repository/skreg")],
        "aws_ecs_cluster" => vec![arn("ecs:eu-central-1", "cluster/skreg")],
        "aws_iam_openid_connect_provider" => vec![arn(
            "iam:",
            "oidc-provider/token.actions.githubusercontent.com",
        )],
        "aws_iam_role" => vec![arn("iam:", "role/skreg")],
        "aws_kms_key" => vec![arn("kms:eu-central-1", "key/skreg")],
        "aws_lb" => vec![
            arn(
                "elasticloadbalancing:eu-central-1",
                "loadbalancer/app/skreg/0",
            ),
            entry("dns_name", "skreg.eu-central-1.elb.amazonaws.com"),
        ],
        "aws_lb_target_group" => vec![arn(
            "elasticloadbalancing:eu-central-1",
            "targetgroup/skreg-api/0",
        )],
        "aws_s3_bucket" => vec![
            entry("id", "skreg-bucket"),
            entry("arn", "arn:aws:s3:::skreg-bucket"),
            entry("bucket_domain_name", "skreg-bucket.s3.amazonaws.com"),
        ],
        "aws_secretsmanager_secret" => vec![arn("secretsmanager:eu-central-1", "secret:skreg")],
        "aws_secretsmanager_secret_version" => {
            vec![entry("version_id", "01234567-89ab-cdef-0123-456789abcdef")]
        }
        "aws_security_group" => vec![entry("id", "sg-0123456789abcdef0")],
        "aws_subnet" => vec![entry("id", "subnet-0123456789abcdef0")],
        _ => vec![entry("id", "vpc-0123456789abcdef0")],
    };
    object_value(entries)
}
