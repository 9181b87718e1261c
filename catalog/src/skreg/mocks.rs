//! What data sources and resources answer in the module tests, which ask no account: texts of the form that AWS gives them,
//! because OpenTofu hands what it imagines to the rules of the next part.

use tfmodgen::Entry;
use tfmodgen::prelude::*;

/// A type that the tests imagine an answer of. Each has an answer of its own: a type that has none cannot be named.
#[derive(Clone, Copy)]
pub(crate) enum Mock {
    AvailabilityZones,
    Bucket,
    CallerIdentity,
    Cluster,
    Distribution,
    Key,
    LoadBalancer,
    LogGroup,
    Partition,
    Region,
    Repository,
    Role,
    RootCa,
    Secret,
    SecretVersion,
    SecurityGroup,
    Subnet,
    TargetGroup,
    Vpc,
}

/// Everything that the package has, for the tests of its root module.
pub(crate) const ALL: [Mock; 19] = [
    Mock::AvailabilityZones,
    Mock::CallerIdentity,
    Mock::Partition,
    Mock::Region,
    Mock::Distribution,
    Mock::LogGroup,
    Mock::Repository,
    Mock::Cluster,
    Mock::Role,
    Mock::RootCa,
    Mock::Key,
    Mock::LoadBalancer,
    Mock::TargetGroup,
    Mock::Bucket,
    Mock::Secret,
    Mock::SecretVersion,
    Mock::SecurityGroup,
    Mock::Subnet,
    Mock::Vpc,
];

/// What a module's tests need.
pub(crate) fn mock(m: &mut Module, types: &[Mock]) {
    for ty in types {
        match ty.answer() {
            Answer::Data(source, values) => m.mock_data(source, object_value(values)),
            Answer::Resource(ty, values) => m.mock_resource(ty, object_value(values)),
        }
    }
}

/// A type, and what is imagined of it.
enum Answer {
    Data(&'static str, Vec<Entry>),
    Resource(&'static str, Vec<Entry>),
}

fn id(id: &str) -> Vec<Entry> {
    vec![entry("id", id)]
}

fn arn(service: &str, resource: &str) -> Vec<Entry> {
    let arn = format!("arn:aws:{service}:123456789012:{resource}");
    vec![entry("arn", arn.as_str())]
}

fn arn_and(service: &str, resource: &str, name: &str, value: &str) -> Vec<Entry> {
    let mut entries = arn(service, resource);
    entries.push(entry(name, value));
    entries
}

impl Mock {
    fn answer(self) -> Answer {
        use Answer::{Data, Resource};
        let balancing = "elasticloadbalancing:eu-central-1";
        match self {
            Self::AvailabilityZones => {
                let names = ["eu-central-1c", "eu-central-1a", "eu-central-1b"];
                Data("aws_availability_zones", vec![entry("names", names)])
            }
            Self::CallerIdentity => {
                let account = entry("account_id", "123456789012");
                Data("aws_caller_identity", vec![account])
            }
            Self::Partition => Data("aws_partition", vec![entry("partition", "aws")]),
            Self::Region => Data("aws_region", id("eu-central-1")),
            Self::Bucket => Resource(
                "aws_s3_bucket",
                vec![
                    entry("id", "skreg-bucket"),
                    entry("arn", "arn:aws:s3:::skreg-bucket"),
                    entry("bucket_domain_name", "skreg-bucket.s3.amazonaws.com"),
                ],
            ),
            Self::Cluster => Resource("aws_ecs_cluster", arn("ecs:eu-central-1", "cluster/skreg")),
            Self::Distribution => {
                let domain = "d111111abcdef8.cloudfront.net";
                let values = arn_and("cloudfront:", "distribution/E123", "domain_name", domain);
                Resource("aws_cloudfront_distribution", values)
            }
            Self::Key => Resource("aws_kms_key", arn("kms:eu-central-1", "key/skreg")),
            Self::LoadBalancer => {
                let name = "skreg.eu-central-1.elb.amazonaws.com";
                let values = arn_and(balancing, "loadbalancer/app/skreg/0", "dns_name", name);
                Resource("aws_lb", values)
            }
            Self::LogGroup => {
                let values = arn("logs:eu-central-1", "log-group:skreg");
                Resource("aws_cloudwatch_log_group", values)
            }
            Self::Repository => {
                let values = arn("ecr:eu-central-1", "repository/skreg");
                Resource("aws_ecr_repository", values)
            }
            Self::Role => Resource("aws_iam_role", arn("iam:", "role/skreg")),
            Self::RootCa => {
                let secret =
                    "arn:aws:secretsmanager:eu-central-1:123456789012:secret:skreg/pki/root-ca-key";
                Resource("skreg_pki_root_ca", vec![entry("secret_arn", secret)])
            }
            Self::Secret => {
                let values = arn("secretsmanager:eu-central-1", "secret:skreg");
                Resource("aws_secretsmanager_secret", values)
            }
            Self::SecretVersion => {
                let version = entry("version_id", "01234567-89ab-cdef-0123-456789abcdef");
                Resource("aws_secretsmanager_secret_version", vec![version])
            }
            Self::SecurityGroup => Resource("aws_security_group", id("sg-0123456789abcdef0")),
            Self::Subnet => Resource("aws_subnet", id("subnet-0123456789abcdef0")),
            Self::TargetGroup => {
                let values = arn(balancing, "targetgroup/skreg-api/0");
                Resource("aws_lb_target_group", values)
            }
            Self::Vpc => Resource("aws_vpc", id("vpc-0123456789abcdef0")),
        }
    }
}
