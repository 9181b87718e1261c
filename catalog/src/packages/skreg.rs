//! The registry for signed skill packages on AWS: the package `skreg`.

mod calls;
mod compute;
mod encryption;
mod outputs;
mod package_store;

use aws_blocks::data;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Package, Variable};

use crate::aws::conventions::{Conventions, MAIN, TARGET, module};
use crate::aws::inputs::services::tasks;
use crate::aws::inputs::short_name;
use crate::aws::mocks::{Mock, mock};
use crate::aws::parts::network::endpoints::{GatewayEndpoint, InterfaceEndpoints};
use crate::aws::parts::{
    access_logs, database, github_identity, github_oidc_provider, network, pki,
};
use crate::provider;

use calls::{Calls, Common};
use outputs::{Outputs, outputs};

/// Package-specific facts for the parts.
const CONVENTIONS: Conventions = Conventions {
    package: "skreg",
    noun: ["registry", "registries"],
    deletion_protection: "Whether to prevent deletion of the database, the load balancer, the services, and the keys of the certificate authorities. Set this input to `false` and apply before you destroy the registry. If both `deletion_protection` and `force_destroy` are `false`, an apply fails while the package bucket contains packages.",
    force_destroy: "Whether destroying the registry deletes the packages, the database without a final snapshot, and the keys of the certificate authorities without a recovery window.",
};

/// Prefix for load balancer access logs.
const LOAD_BALANCER: &str = "load-balancer";
/// Prefix for CDN access logs.
const CDN: &str = "cdn/";
/// Prefix for package bucket access logs.
const PACKAGES: &str = "packages/";

/// Name suffixes of the roles that the parts create.
const OWN_ROLES: [&str; 6] = [
    "api-task",
    "database-monitoring",
    "execution",
    "flow-logs",
    "github-push",
    "worker-task",
];

/// Mocks for root module tests.
const MOCKS: [Mock; 21] = [
    Mock::AvailabilityZones,
    Mock::CallerIdentity,
    Mock::Certificate,
    Mock::IntermediateCa,
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

/// Returns the package and its parts.
pub(super) fn package() -> Package {
    let parts = Parts::declare(&CONVENTIONS);
    let root = root(&parts);
    Package::new(TARGET, root)
        .part(parts.access_logs)
        .part(parts.compute)
        .part(parts.database)
        .part(parts.github_identity)
        .part(github_oidc_provider::github_oidc_provider(&CONVENTIONS))
        .part(parts.network)
        .part(parts.package_store)
        .part(parts.pki)
}

/// Parts that the package calls.
struct Parts {
    access_logs: Part<access_logs::Inputs, access_logs::Outputs>,
    compute: Part<compute::Inputs, compute::Outputs>,
    database: Part<database::Inputs, database::Outputs>,
    github_identity: Part<github_identity::Inputs, github_identity::Outputs>,
    network: Part<network::Inputs, network::Outputs>,
    package_store: Part<package_store::Inputs, package_store::Outputs>,
    pki: Part<pki::Inputs, pki::Outputs>,
}

impl Parts {
    fn declare(to: &Conventions) -> Self {
        let access_logs = access_logs::Options {
            purpose: "A bucket for access logs from the load balancer, the CDN, and the package bucket.",
            load_balancers: LOAD_BALANCER,
            buckets: &[("PackageBucket", PACKAGES)],
        };
        let database = database::Options {
            database_name: "skillpkg",
            user_name: "skreg",
            url_variable: "DATABASE_URL",
            secrets: ["/database/password", "/database/url"],
        };
        let network = network::Options {
            zones: network::DefaultZones::Two,
            gateway_endpoints: vec![GatewayEndpoint::S3 {
                carries: "packages and image layers",
            }],
            interface_endpoints: InterfaceEndpoints(&[
                ("ecr.api", "ECR"),
                ("ecr.dkr", "ECR"),
                ("logs", "CloudWatch Logs"),
                ("secretsmanager", "Secrets Manager"),
            ]),
        };
        let pki = pki::Options {
            roles: &OWN_ROLES,
            signing_role: Some("worker-task"),
            purpose: "Package Signing",
            secrets: pki::Secrets {
                root_key: "/pki/root-ca-key",
                root_certificate: "/pki/root-ca-cert",
                intermediate_key: "/pki/intermediate-ca-key",
                intermediate_certificate: "/pki/intermediate-ca-cert",
                signing_key: "/pki/package-signing-key",
            },
        };
        Self {
            access_logs: access_logs::access_logs(to, &access_logs),
            compute: compute::compute(to),
            database: database::database(to, &database),
            github_identity: github_identity::github_identity(to),
            network: network::network(to, &network),
            package_store: package_store::package_store(to),
            pki: pki::pki(to, &pki),
        }
    }
}

fn root(parts: &Parts) -> Part<Inputs, Outputs> {
    let mut m = module(
        "skreg",
        "A registry for signed skill packages on AWS: API, worker, package store with CDN, PostgreSQL database, and certificate authorities.",
    );
    provider::require(&mut m);
    let inputs = Inputs::declare(&mut m, parts);

    let prefix = m
        .local(
            "prefix",
            conditional(
                inputs.environment.equals("prod"),
                &inputs.name,
                template([
                    (&inputs.name).into(),
                    "-".into(),
                    (&inputs.environment).into(),
                ]),
            ),
        )
        .comment("Prefix for all names, so that environments can share an account.");
    let account = m.data(data::CallerIdentity::new("current"));
    let account_id = account.account_id();
    let key = encryption::key(&mut m, &inputs, &prefix, &account_id);
    m.file(MAIN);
    let common = Common {
        prefix,
        account_id,
        key: (*key).clone(),
    };
    let calls = Calls::of(&mut m, parts, &inputs, &common);
    mock(&mut m, &CONVENTIONS, &MOCKS);
    scenarios(&mut m, &inputs, &common);
    Part::new(m, inputs, outputs(&calls, &common))
}

tfmodgen::inputs! {
    /// Inputs for the package.
    struct Inputs(input, parts: &Parts) {
        required github_repository: Str =
            input.copy(&parts.github_identity.inputs().github_repository),
        optional cloud: Str = cloud(input),
        optional name: Str = short_name(
            input,
            "Name of the registry. Must be unique within the account.",
            CONVENTIONS.package,
        ),
        optional environment: Str = environment(input),
        optional api_image_uri: Str = input.copy(&parts.compute.inputs().api_image_uri),
        optional worker_image_uri: Str = input.copy(&parts.compute.inputs().worker_image_uri),
        optional api: Object = input.copy(&parts.compute.inputs().api),
        optional worker: Object = input.copy(&parts.compute.inputs().worker),
        optional certificate_arn: Str = input.copy(&parts.compute.inputs().certificate_arn),
        optional domain_name: Str = input.copy(&parts.compute.inputs().domain_name),
        optional availability_zones: List<Str> =
            input.copy(&parts.network.inputs().availability_zones),
        optional cidr_block: Str = input.copy(&parts.network.inputs().cidr_block),
        optional release: Object = input.copy(&parts.compute.inputs().release),
        optional nat_gateway: Str = input
            .copy(&parts.network.inputs().nat_gateway)
            .validate(
                |nat| {
                    let services = [(&api_image_uri, &api), (&worker_image_uri, &worker)];
                    nat.differs("none").or(compute::needs_no_placeholder(&services))
                },
                "Without a NAT gateway, tasks cannot pull images from public registries. Set api_image_uri and worker_image_uri to images in ECR repositories in this region, or set desired_count = 0 until you push them.",
            )
            .refuses("none"),
        optional multi_az: Bool = input.copy(&parts.database.inputs().multi_az),
        optional cdn: Object = input.copy(&parts.package_store.inputs().cdn),
        optional github_oidc_provider_arn: Str =
            input.copy(&parts.github_identity.inputs().github_oidc_provider_arn),
        optional interface_endpoints: Bool =
            input.copy(&parts.network.inputs().interface_endpoints),
        optional flow_logs: Bool = input.copy(&parts.network.inputs().flow_logs),
        optional database: Object = input.copy(&parts.database.inputs().database),
        optional database_password_version: Num =
            input.copy(&parts.database.inputs().database_password_version),
        optional hsm_backend: Str = input.copy(&parts.pki.inputs().hsm_backend),
        optional root_ca: Object = input.copy(&parts.pki.inputs().root_ca),
        optional intermediate_ca: Object = input.copy(&parts.pki.inputs().intermediate_ca),
        optional signing_certificate: Object =
            input.copy(&parts.pki.inputs().signing_certificate),
        optional crl: Object = input.copy(&parts.pki.inputs().crl),
        optional revoked_certificates: Map<Object> =
            input.copy(&parts.pki.inputs().revoked_certificates),
        optional revoked_intermediates: Map<Object> =
            input.copy(&parts.pki.inputs().revoked_intermediates),
        optional log_retention_days: Num =
            input.copy(&parts.network.inputs().log_retention_days),
        optional deletion_protection: Bool =
            input.copy(&parts.database.inputs().deletion_protection),
        optional force_destroy: Bool = input.copy(&parts.database.inputs().force_destroy),
        optional final_snapshot: Bool = input.copy(&parts.database.inputs().final_snapshot),
        optional delete_access_logs: Bool =
            input.copy(&parts.access_logs.inputs().delete_access_logs),
        optional delete_images: Bool = input.copy(&parts.compute.inputs().delete_images),
        optional container_insights: Str =
            input.copy(&parts.compute.inputs().container_insights),
        optional images_kept: Num = input.copy(&parts.compute.inputs().images_kept),
        optional kms_key_arn: Str = encryption::kms_key_arn(input, &CONVENTIONS),
        optional tags: Map<Str> = input.copy(&parts.network.inputs().tags),
    }
}

/// Declares the cloud for the registry. Validation rejects a configuration for any other cloud.
fn cloud(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Cloud provider for the registry.")
        .default("aws")
        .only_validated()
        .validate(
            |cloud| cloud.equals("aws"),
            "Must be aws. This module supports only AWS.",
        )
        .refuses("gcp")
}

fn environment(input: NewInput<'_>) -> Variable<Str> {
    input.declare(string())
        .describe("Environment of the registry. All resource names contain the environment, except in `prod`.")
        .default("prod")
        .validate(
            |environment| one_of(environment, ["prod", "staging", "dev"]),
            "Must be prod, staging, or dev.",
        )
        .refuses("production")
}

/// Declares the scenarios.
fn scenarios(m: &mut Module, inputs: &Inputs<Declared>, common: &Common) {
    m.scenario("prefix_in_production_is_the_name", |plan| {
        plan.expect(
            common.prefix.equals("skreg"),
            "The prefix must be the name.",
        )
    });
    m.scenario(
        "prefix_of_other_environments_contains_the_environment",
        |plan| {
            plan.given(&inputs.name, "a-20-letter-registry")
                .given(&inputs.environment, "staging")
                .expect(
                    common.prefix.equals("a-20-letter-registry-staging"),
                    "The prefix must be the name and the environment.",
                )
        },
    );
    m.scenario(
        "registry_without_nat_gateway_and_tasks_needs_no_images",
        |plan| {
            plan.given(&inputs.nat_gateway, "none")
                .given(&inputs.api, tasks(512, 1024, 0))
                .given(&inputs.worker, tasks(256, 512, 0))
                .expect(
                    inputs.nat_gateway.equals("none"),
                    "The NAT gateway must be disabled.",
                )
        },
    );
}
