//! A machine-learning API on AWS: the package `ml-api`.

mod api;
mod autoscaling;
mod calls;
mod cdn;
mod certificate;
mod encryption;
mod monitoring;
mod outputs;

use aws_blocks::data;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Package, Variable};

use crate::aws::conventions::{Conventions, MAIN, TARGET, module};
use crate::aws::inputs::{RESERVED, is_reserved};
use crate::aws::mocks::{Mock, mock};
use crate::aws::parts::network::endpoints::{GatewayEndpoint, InterfaceEndpoints};
use crate::aws::parts::{access_logs, aurora, gpu_capacity, network, session_table, web_acl};
use crate::provider;

use calls::{Calls, Common};
use outputs::{Outputs, outputs};

/// Package-specific facts for the parts.
const CONVENTIONS: Conventions = Conventions {
    package: "ml-api",
    noun: ["API", "APIs"],
    deletion_protection: "Whether to prevent deletion of the database, the session table, the load balancer, the services, and the KMS key, and to keep images, logs, and error pages. If `false`, you can destroy the API at once.",
    force_destroy: "Whether destroying the API deletes its data.",
};

/// Prefix for load balancer access logs.
const LOAD_BALANCER: &str = "load-balancer";
/// Prefix for CDN access logs.
const CDN: &str = "cdn/";

/// Mocks for root module tests.
const MOCKS: [Mock; 22] = [
    Mock::AvailabilityZones,
    Mock::CallerIdentity,
    Mock::Partition,
    Mock::Region,
    Mock::DatabaseCluster,
    Mock::Distribution,
    Mock::Group,
    Mock::InstanceProfile,
    Mock::LogGroup,
    Mock::Repository,
    Mock::Cluster,
    Mock::Role,
    Mock::Key,
    Mock::Listener,
    Mock::LoadBalancer,
    Mock::TargetGroup,
    Mock::Bucket,
    Mock::SecurityGroup,
    Mock::Subnet,
    Mock::Table,
    Mock::Vpc,
    Mock::WebAcl,
];

/// Returns the package and its parts.
pub(super) fn package() -> Package {
    let parts = Parts::declare(&CONVENTIONS);
    let root = root(&parts);
    Package::new(TARGET, root)
        .part(parts.access_logs)
        .part(parts.api)
        .part(parts.autoscaling)
        .part(parts.cdn)
        .part(parts.database)
        .part(parts.gpu_capacity)
        .part(parts.monitoring)
        .part(parts.network)
        .part(parts.session_table)
        .part(parts.web_acl)
}

/// Parts that the package calls.
struct Parts {
    access_logs: Part<access_logs::Inputs, access_logs::Outputs>,
    api: Part<api::Inputs, api::Outputs>,
    autoscaling: Part<autoscaling::Inputs, autoscaling::Outputs>,
    cdn: Part<cdn::Inputs, cdn::Outputs>,
    database: Part<aurora::Inputs, aurora::Outputs>,
    gpu_capacity: Part<gpu_capacity::Inputs, gpu_capacity::Outputs>,
    monitoring: Part<monitoring::Inputs, monitoring::Outputs>,
    network: Part<network::Inputs, network::Outputs>,
    session_table: Part<session_table::Inputs, session_table::Outputs>,
    web_acl: Part<web_acl::Inputs, web_acl::Outputs>,
}

impl Parts {
    fn declare(to: &Conventions) -> Self {
        let access_logs = access_logs::Options {
            purpose: "A bucket for access logs from the load balancer and the CDN.",
            load_balancers: LOAD_BALANCER,
            buckets: &[],
        };
        let database = aurora::Options {
            database_name: "api",
            user_name: "api",
        };
        let network = network::Options {
            zones: network::DefaultZones::Three,
            gateway_endpoints: vec![
                GatewayEndpoint::S3 {
                    carries: "image layers",
                },
                GatewayEndpoint::DynamoDb,
            ],
            interface_endpoints: InterfaceEndpoints(&[
                ("ecr.api", "ECR"),
                ("ecr.dkr", "ECR"),
                ("logs", "CloudWatch Logs"),
                ("secretsmanager", "Secrets Manager"),
            ]),
        };
        let api = api::api(to);
        let autoscaling = autoscaling::autoscaling(to, api.inputs());
        Self {
            access_logs: access_logs::access_logs(to, &access_logs),
            api,
            autoscaling,
            cdn: cdn::cdn(to),
            database: aurora::aurora(to, &database),
            gpu_capacity: gpu_capacity::gpu_capacity(to),
            monitoring: monitoring::monitoring(to),
            network: network::network(to, &network),
            session_table: session_table::session_table(to),
            web_acl: web_acl::web_acl(to),
        }
    }
}

fn root(parts: &Parts) -> Part<Inputs, Outputs> {
    let mut m = module(
        "ml-api",
        "A machine-learning API on AWS: services on Fargate Spot behind a load balancer and a CDN, an Aurora Serverless v2 database, a session table, autoscaling, a web ACL, alarms, and a dashboard.",
    );
    provider::require(&mut m);
    let inputs = Inputs::declare(&mut m, parts);
    let name = &inputs.name;
    let prefix = m
        .local("prefix", self::prefix(name, &inputs.environment_suffix))
        .comment("Prefix for all names, so that environments can share an account.");
    let account = m.data(data::CallerIdentity::new("current"));
    let account_id = account.account_id();
    let key = encryption::key(&mut m, &inputs, &prefix, &account_id);
    let certificate = certificate::certificate(&mut m, &inputs);
    m.file(MAIN);
    let common = Common {
        prefix,
        account_id,
        key: (*key).clone(),
        certificate,
    };
    let calls = Calls::of(&mut m, parts, &inputs, &common);
    certificate::record(&mut m, &inputs, &calls.api);
    mock(&mut m, &CONVENTIONS, &MOCKS);
    scenarios(&mut m, &inputs, &common);
    Part::new(m, inputs, outputs(&calls, &common))
}

tfmodgen::inputs! {
    /// Inputs for the package.
    struct Inputs(input, parts: &Parts) {
        required environment_suffix: Str = environment_suffix(input),
        optional name: Str = name(input, &environment_suffix),
        optional production: Bool = input.copy(&parts.api.inputs().production),
        optional services: Map<Object> = input
            .copy(&parts.api.inputs().services)
            .validate(
                |services| api::names_fit(services, prefix(&name, &environment_suffix)),
                "The name, environment_suffix, and the name of a service, joined by hyphens, must have at most 32 characters together, because target groups have these names.",
            )
            .refuses([("service-name-of-21-as", api::sample(""))]),
        optional capacity: Object = input.copy(&parts.api.inputs().capacity),
        optional gpu: Object = input.copy(&parts.gpu_capacity.inputs().gpu),
        optional secrets: Map<Object> = input.copy(&parts.api.inputs().secrets),
        optional database: Object = input.copy(&parts.database.inputs().database),
        optional hosted_zone_id: Str = certificate::hosted_zone_id(input),
        optional certificate_arn: Str = input.copy(&parts.api.inputs().certificate_arn),
        optional domain_name: Str =
            certificate::domain_name(input, &hosted_zone_id, &certificate_arn),
        optional cdn: Object = input.copy(&parts.cdn.inputs().cdn),
        optional rate_limit: Num = input.copy(&parts.web_acl.inputs().rate_limit),
        optional availability_zones: List<Str> =
            input.copy(&parts.network.inputs().availability_zones),
        optional cidr_block: Str = input.copy(&parts.network.inputs().cidr_block),
        optional nat_gateway: Str = input
            .copy(&parts.network.inputs().nat_gateway)
            .validate(
                |nat| nat.differs("none").or(api::needs_no_placeholder(&services)),
                "Without a NAT gateway, tasks cannot pull the placeholder image from a public registry. Set image_uri of every service to an image in an ECR repository in this region.",
            )
            .refuses("none"),
        optional flow_logs: Bool = input.copy(&parts.network.inputs().flow_logs),
        optional alarm_topic_arns: List<Str> =
            input.copy(&parts.monitoring.inputs().alarm_topic_arns),
        optional container_insights: Str = input.copy(&parts.api.inputs().container_insights),
        optional log_retention_days: Num =
            input.copy(&parts.network.inputs().log_retention_days),
        optional images_kept: Num = input.copy(&parts.api.inputs().images_kept),
        optional deletion_protection: Bool = input
            .declare(bool())
            .describe(CONVENTIONS.deletion_protection)
            .default(false),
        optional kms_key_arn: Str = encryption::kms_key_arn(input, &CONVENTIONS),
        optional tags: Map<Str> = input.copy(&parts.network.inputs().tags),
    }
}

/// Longest prefix: the parts add suffixes to it, and names of load balancers have at most 32 characters.
const LONGEST_PREFIX: i32 = 28;

fn environment_suffix(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Suffix that identifies the environment. All names contain it, so that environments can share an account.")
        .validate(
            |suffix| matches("^[a-z0-9](-?[a-z0-9])*$", suffix).and(length(suffix).at_most(26)),
            "Must be 1 to 26 lowercase letters, digits, and single hyphens, and not start or end with a hyphen.",
        )
        .refuses("")
        .refuses("Blue")
        .refuses("a--b")
        .refuses("a-suffix-with-27-characters")
        .example("blue")
}

fn name(input: NewInput<'_>, suffix: &Variable<Str>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Name of the API. All names start with it.")
        .default("ml-api")
        .validate(
            |name| matches("^[a-z](-?[a-z0-9])*$", name),
            "Must be lowercase letters, digits, and single hyphens, start with a letter, and not end with a hyphen.",
        )
        .refuses("Api")
        .refuses("")
        .validate(
            |name| length(prefix(name, suffix)).at_most(LONGEST_PREFIX),
            "The name, a hyphen, and environment_suffix must have at most 28 characters together, because load balancers and target groups have names with at most 32 characters.",
        )
        .refuses("a-name-that-has-25-letter")
        .validate(|name| !is_reserved(name), RESERVED)
        .refuses("internal")
}

/// Returns the prefix for all names.
fn prefix(name: impl Into<TemplatePart>, suffix: &Variable<Str>) -> Expr<Str> {
    template([name.into(), "-".into(), suffix.into()])
}

/// Declares the scenarios.
fn scenarios(m: &mut Module, inputs: &Inputs<Declared>, common: &Common) {
    m.scenario("prefix_contains_the_suffix", |plan| {
        plan.given(&inputs.environment_suffix, "green").expect(
            common.prefix.equals("ml-api-green"),
            "The prefix must be the name and the suffix.",
        )
    });
    m.scenario("api_without_nat_gateway_plans", |plan| {
        let image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/api:v1.0.0";
        plan.given(&inputs.nat_gateway, "none")
            .given(&inputs.services, [("v1", api::sample(image))])
            .expect(
                inputs.nat_gateway.equals("none"),
                "The NAT gateway must be disabled.",
            )
    });
}
