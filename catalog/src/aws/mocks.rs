//! Mocks: values in AWS formats for data sources and resources in module tests. OpenTofu checks the values against the
//! validations of called modules.

use tfmodgen::Entry;
use tfmodgen::prelude::*;

use super::conventions::Conventions;

/// A self-signed certificate that is valid until 2126. Its private key no longer exists.
const ROOT_CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\n\
MIIBeTCCASCgAwIBAgIUXbw0y0sIe4Gini+wY+NbKuxYsDIwCgYIKoZIzj0EAwIw\n\
GjEYMBYGA1UEAwwPRXhhbXBsZSBSb290IENBMCAXDTI2MTEyOTIxMDMzOFoYDzIx\n\
MjYxMTA1MjEwMzM4WjAaMRgwFgYDVQQDDA9FeGFtcGxlIFJvb3QgQ0EwWTATBgcq\n\
hkjOPQIBBggqhkjOPQMBBwNCAAQomnZVn16e4nhOm2Hkz4dTs3iOIMFD8xnapM67\n\
hm3LJ/b7gkNcB3ku0h6FzbuPcx7T4guGztnSmOaLVDrTG0oZo0IwQDAPBgNVHRMB\n\
Af8EBTADAQH/MA4GA1UdDwEB/wQEAwIBBjAdBgNVHQ4EFgQUzG5UzRuRWiobUkl6\n\
v14zf8Dz/aAwCgYIKoZIzj0EAwIDRwAwRAIgCG5i+vpgNnPXloUvk5tMAcL/toBP\n\
BAcaonXuui1BX2gCIB9OFucjMOal/+QMJ/4yxgo4wcrdnqnC+Ox1cz09lFiY\n\
-----END CERTIFICATE-----\n";

/// Service and region of load balancers in ARNs.
const BALANCING: &str = "elasticloadbalancing:eu-central-1";

/// A type with mocked values.
#[derive(Clone, Copy)]
pub(crate) enum Mock {
    AvailabilityZones,
    Bucket,
    BuildProject,
    CallerIdentity,
    Certificate,
    Cluster,
    Connection,
    DatabaseCluster,
    Distribution,
    Group,
    InstanceProfile,
    IntermediateCa,
    Key,
    Listener,
    LoadBalancer,
    LogGroup,
    Partition,
    Pipeline,
    Region,
    Repository,
    Role,
    RootCa,
    Secret,
    SecretVersion,
    SecurityGroup,
    Subnet,
    TargetGroup,
    Topic,
    Table,
    Vpc,
    WebAcl,
}

/// Adds mocks for module tests.
pub(crate) fn mock(m: &mut Module, to: &Conventions, types: &[Mock]) {
    for ty in types {
        match ty.values(to.package) {
            Mocked::Data(source, values) => m.mock_data(source, object_value(values)),
            Mocked::Resource(ty, values) => m.mock_resource(ty, object_value(values)),
        }
    }
}

/// A type and its mocked values.
enum Mocked {
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

/// Returns the ARN of the secret of a resource with a stored key.
fn key_document(package: &str, name: &str) -> Vec<Entry> {
    let secret =
        format!("arn:aws:secretsmanager:eu-central-1:123456789012:secret:{package}/pki/{name}");
    vec![entry("secret_arn", secret)]
}

/// Returns the name, the ARN, and the domain name of a bucket.
fn bucket(package: &str) -> Vec<Entry> {
    vec![
        entry("id", format!("{package}-bucket")),
        entry("arn", format!("arn:aws:s3:::{package}-bucket")),
        entry(
            "bucket_domain_name",
            format!("{package}-bucket.s3.amazonaws.com"),
        ),
    ]
}

/// Returns the secret of a root CA and a certificate that parses.
fn root_ca(package: &str) -> Vec<Entry> {
    let mut values = key_document(package, "root-ca-key");
    values.push(entry("certificate_pem", ROOT_CERTIFICATE));
    values
}

/// Returns the secret of a cluster whose password RDS manages.
fn database_cluster(package: &str) -> Vec<Entry> {
    let secret = format!(
        "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!cluster-{package}-AbCdEf"
    );
    let secret = object_value([
        entry("kms_key_id", "01234567-89ab-cdef-0123-456789abcdef"),
        entry("secret_arn", secret),
        entry("secret_status", "active"),
    ]);
    let endpoint = format!("{package}.cluster-0123456789ab.eu-central-1.rds.amazonaws.com");
    vec![
        entry("endpoint", endpoint),
        entry("master_user_secret", [secret]),
    ]
}

fn table(package: &str) -> Vec<Entry> {
    arn(
        "dynamodb:eu-central-1",
        &format!("table/{package}-sessions"),
    )
}

fn web_acl(package: &str) -> Vec<Entry> {
    let acl = format!("regional/webacl/{package}/01234567-89ab-cdef-0123-456789abcdef");
    arn("wafv2:eu-central-1", &acl)
}

fn load_balancer(package: &str) -> Vec<Entry> {
    let name = format!("{package}.eu-central-1.elb.amazonaws.com");
    let balancer = format!("loadbalancer/app/{package}/0");
    let mut values = arn_and(BALANCING, &balancer, "dns_name", &name);
    values.push(entry("arn_suffix", format!("app/{package}/0")));
    values
}

impl Mock {
    fn values(self, package: &str) -> Mocked {
        use Mocked::Resource;
        match self {
            Self::AvailabilityZones | Self::CallerIdentity | Self::Partition | Self::Region => {
                self.of_account()
            }
            Self::Bucket => Resource("aws_s3_bucket", bucket(package)),
            Self::BuildProject | Self::Connection | Self::Pipeline | Self::Topic => {
                self.of_pipeline(package)
            }
            Self::Cluster => {
                let values = arn("ecs:eu-central-1", &format!("cluster/{package}"));
                Resource("aws_ecs_cluster", values)
            }
            Self::DatabaseCluster => Resource("aws_rds_cluster", database_cluster(package)),
            Self::Group => {
                let group = "autoScalingGroup:0:autoScalingGroupName/gpu";
                let values = arn("autoscaling:eu-central-1", group);
                Resource("aws_autoscaling_group", values)
            }
            Self::InstanceProfile => {
                let values = arn("iam:", &format!("instance-profile/{package}"));
                Resource("aws_iam_instance_profile", values)
            }
            Self::Table => Resource("aws_dynamodb_table", table(package)),
            Self::WebAcl => Resource("aws_wafv2_web_acl", web_acl(package)),
            Self::Distribution => {
                let domain = "d111111abcdef8.cloudfront.net";
                let values = arn_and("cloudfront:", "distribution/E123", "domain_name", domain);
                Resource("aws_cloudfront_distribution", values)
            }
            Self::Key => {
                let values = arn(
                    "kms:eu-central-1",
                    "key/01234567-89ab-cdef-0123-456789abcdef",
                );
                Resource("aws_kms_key", values)
            }
            Self::Listener => {
                let listener = format!("listener/app/{package}/0/0");
                Resource("aws_lb_listener", arn(BALANCING, &listener))
            }
            Self::LoadBalancer => Resource("aws_lb", load_balancer(package)),
            Self::LogGroup => {
                let values = arn("logs:eu-central-1", &format!("log-group:{package}"));
                Resource("aws_cloudwatch_log_group", values)
            }
            Self::Repository => {
                let values = arn("ecr:eu-central-1", &format!("repository/{package}"));
                Resource("aws_ecr_repository", values)
            }
            Self::Role => Resource("aws_iam_role", arn("iam:", &format!("role/{package}"))),
            Self::Certificate => Resource(
                "skreg_pki_certificate",
                key_document(package, "signing-key"),
            ),
            Self::IntermediateCa => Resource(
                "skreg_pki_intermediate_ca",
                key_document(package, "intermediate-ca-key"),
            ),
            Self::RootCa => Resource("skreg_pki_root_ca", root_ca(package)),
            Self::Secret => {
                let values = arn("secretsmanager:eu-central-1", &format!("secret:{package}"));
                Resource("aws_secretsmanager_secret", values)
            }
            Self::SecretVersion => {
                let version = entry("version_id", "01234567-89ab-cdef-0123-456789abcdef");
                Resource("aws_secretsmanager_secret_version", vec![version])
            }
            Self::SecurityGroup => Resource("aws_security_group", id("sg-0123456789abcdef0")),
            Self::Subnet => Resource("aws_subnet", id("subnet-0123456789abcdef0")),
            Self::TargetGroup => {
                let group = format!("targetgroup/{package}-api/0");
                let values = arn_and(BALANCING, &group, "arn_suffix", &group);
                Resource("aws_lb_target_group", values)
            }
            Self::Vpc => Resource("aws_vpc", id("vpc-0123456789abcdef0")),
        }
    }

    /// Returns the values of data sources that describe an account and a region.
    fn of_account(self) -> Mocked {
        use Mocked::Data;
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
            _ => Data("aws_region", id("eu-central-1")),
        }
    }

    /// Returns the values for types that only pipelines use.
    fn of_pipeline(self, package: &str) -> Mocked {
        use Mocked::Resource;
        match self {
            Self::BuildProject => {
                let values = arn("codebuild:eu-central-1", &format!("project/{package}"));
                Resource("aws_codebuild_project", values)
            }
            Self::Connection => {
                let id = "connection/01234567-89ab-cdef-0123-456789abcdef";
                let service = "codeconnections:eu-central-1";
                let values = arn_and(service, id, "connection_status", "AVAILABLE");
                Resource("aws_codeconnections_connection", values)
            }
            Self::Pipeline => Resource(
                "aws_codepipeline",
                arn("codepipeline:eu-central-1", package),
            ),
            _ => Resource("aws_sns_topic", arn("sns:eu-central-1", package)),
        }
    }
}
