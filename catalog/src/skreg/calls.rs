//! The calls of the parts, and what the package gives of theirs. Must not declare resources.

use tfmodgen::prelude::*;
use tfmodgen::{CallReference, Local};

use super::{Inputs, Parts};

/// What every part is given.
pub(super) struct Common {
    pub(super) prefix: Local<Str>,
    pub(super) account_id: Expr<Str>,
    pub(super) key: Expr<Str>,
}

impl Common {
    /// A call of a part, with what every part is given.
    fn call(&self, name: &str, part: &Module, inputs: &Inputs) -> Call {
        self.tagged_call(name, part, inputs)
            .input("name", &self.prefix)
    }

    /// A call of a part that is not named after the registry.
    fn tagged_call(&self, name: &str, part: &Module, inputs: &Inputs) -> Call {
        let source = format!("./modules/{}", part.name());
        Call::new(name, part, &source).input("tags", &inputs.tags)
    }

    /// The name of a bucket: unique in the world by the account.
    fn bucket(&self, suffix: &str) -> Expr<Str> {
        template([
            (&self.prefix).into(),
            format!("-{suffix}-").into(),
            (&self.account_id).into(),
        ])
    }
}

/// Which part an output is of.
#[derive(Clone, Copy)]
enum Part {
    Compute,
    Database,
    Github,
    Network,
    Pki,
    Store,
}

/// Outputs that are texts: the name, the part and its output, and what it is.
const TEXTS: [(&str, Part, &str, &str); 30] = [
    (
        "api_url",
        Part::Compute,
        "service_url",
        "Where the API answers.",
    ),
    (
        "service_url",
        Part::Compute,
        "service_url",
        "Where the API answers.",
    ),
    (
        "cdn_base_url",
        Part::Store,
        "cdn_base_url",
        "Where the world gets packages.",
    ),
    (
        "cdn_distribution_id",
        Part::Store,
        "cdn_distribution_id",
        "The CloudFront distribution, to invalidate what it has cached.",
    ),
    (
        "cdn_domain_name",
        Part::Store,
        "cdn_domain_name",
        "Host name of the CDN, for the DNS record of its domain.",
    ),
    (
        "cdn_zone_id",
        Part::Store,
        "cdn_zone_id",
        "Hosted zone of the CDN, for an alias record.",
    ),
    (
        "bucket_name",
        Part::Store,
        "bucket_name",
        "The bucket for packages.",
    ),
    (
        "storage_service_account_secret_name",
        Part::Store,
        "service_account_secret_name",
        "Secret that says how to reach the bucket.",
    ),
    (
        "root_ca_cert",
        Part::Pki,
        "root_ca_cert_pem",
        "Certificate of the root, PEM. Give it to everyone who verifies.",
    ),
    (
        "root_ca_cert_pem",
        Part::Pki,
        "root_ca_cert_pem",
        "Certificate of the root, PEM. Give it to everyone who verifies.",
    ),
    (
        "root_ca_cert_sha256",
        Part::Pki,
        "root_ca_cert_sha256",
        "Fingerprint of the certificate, to compare over a second channel.",
    ),
    (
        "root_ca_key_secret_name",
        Part::Pki,
        "root_ca_key_secret_name",
        "Secret that holds the key of the root.",
    ),
    (
        "root_ca_cert_secret_name",
        Part::Pki,
        "root_ca_cert_secret_name",
        "Secret that holds the certificate of the root.",
    ),
    (
        "oidc_role_arn",
        Part::Github,
        "role_arn",
        "The role that pushes images, for the variable AWS_ROLE_ARN of the repository.",
    ),
    (
        "oidc_provider_arn",
        Part::Github,
        "oidc_provider_arn",
        "The identity provider of GitHub.",
    ),
    (
        "connection_secret_name",
        Part::Database,
        "connection_secret_name",
        "Secret whose whole value is the connection URL of the database.",
    ),
    (
        "connection_secret_arn",
        Part::Database,
        "connection_secret_arn",
        "ARN of the secret with the connection URL.",
    ),
    (
        "database_host",
        Part::Database,
        "host",
        "Host name of the database.",
    ),
    (
        "database_name",
        Part::Database,
        "database_name",
        "Name of the database.",
    ),
    (
        "database_client_security_group_id",
        Part::Database,
        "client_security_group_id",
        "ID of the security group whose members can connect to the database.",
    ),
    ("vpc_id", Part::Network, "vpc_id", "The VPC."),
    (
        "cluster_name",
        Part::Compute,
        "cluster_name",
        "The ECS cluster.",
    ),
    (
        "api_service_name",
        Part::Compute,
        "api_service_name",
        "The ECS service of the API.",
    ),
    (
        "worker_service_name",
        Part::Compute,
        "worker_service_name",
        "The ECS service of the worker.",
    ),
    (
        "load_balancer_arn",
        Part::Compute,
        "load_balancer_arn",
        "ARN of the load balancer, to associate a web ACL with it.",
    ),
    (
        "load_balancer_dns_name",
        Part::Compute,
        "load_balancer_dns_name",
        "Host name of the load balancer, for the DNS record of the domain.",
    ),
    (
        "load_balancer_zone_id",
        Part::Compute,
        "load_balancer_zone_id",
        "Hosted zone of the load balancer, for an alias record.",
    ),
    (
        "load_balancer_security_group_id",
        Part::Compute,
        "load_balancer_security_group_id",
        "The group of the load balancer.",
    ),
    (
        "api_security_group_id",
        Part::Compute,
        "api_security_group_id",
        "The group of the API.",
    ),
    (
        "worker_security_group_id",
        Part::Compute,
        "worker_security_group_id",
        "The group of the worker.",
    ),
];

/// The calls.
pub(super) struct Calls {
    compute: CallReference,
    database: CallReference,
    github: CallReference,
    network: CallReference,
    store: CallReference,
    pki: CallReference,
}

impl Calls {
    /// Every part is called once, in an order in which a reader can follow what each is given.
    pub(super) fn of(m: &mut Module, parts: &Parts, inputs: &Inputs, common: &Common) -> Self {
        let network = m.call(Self::network(common, parts, inputs));
        let logs = m.call(Self::logs(common, parts, inputs));
        let database = m.call(Self::database(common, parts, inputs, &network));
        let pki = m.call(Self::pki(common, parts, inputs));
        let store = Self::store(common, parts, inputs, &logs)
            .input(
                "deleted_after_bucket",
                holding_data(&network, &database, &pki, &m.later_call("compute")),
            )
            .because("All objects that hold data, with the network of the database. Each is available after everything that it consists of exists.");
        let store = m.call(store);
        let compute = common.call("compute", &parts.compute, inputs);
        let compute = Self::compute(compute, inputs, common)
            .input("vpc_id", network.output::<Str>("vpc_id"))
            .input("public_subnet_ids", in_order(&network, "public_subnet_ids"))
            .input(
                "private_subnet_ids",
                in_order(&network, "private_subnet_ids"),
            )
            .input("access_logs_bucket", logs.output::<Str>("bucket_name"))
            .input("package_bucket_name", store.output::<Str>("bucket_name"))
            .input("package_bucket_arn", store.output::<Str>("bucket_arn"))
            .input("cdn_base_url", store.output::<Str>("cdn_base_url"))
            .input(
                "storage_secret_arn",
                store.output::<Str>("service_account_secret_arn"),
            )
            .input(
                "database_client_security_group_id",
                database.output::<Str>("client_security_group_id"),
            )
            .input(
                "database_url_secret_arn",
                database.output::<Str>("connection_secret_arn"),
            )
            .input(
                "database_url_secret_version_id",
                database.output::<Str>("connection_secret_version_id"),
            );
        let compute = m.call(compute);
        let github = m.call(Self::github(common, parts, inputs, &compute));
        Self {
            compute,
            database,
            github,
            network,
            store,
            pki,
        }
    }

    fn network(common: &Common, parts: &Parts, inputs: &Inputs) -> Call {
        common
            .call("network", &parts.network, inputs)
            .input("account_id", &common.account_id)
            .input("cidr_block", &inputs.cidr_block)
            .input("availability_zones", &inputs.availability_zones)
            .input("nat_gateway", &inputs.nat_gateway)
            .input("interface_endpoints", &inputs.interface_endpoints)
            .input("flow_logs", &inputs.flow_logs)
            .input("log_retention_days", &inputs.log_retention_days)
            .input("kms_key_arn", &common.key)
    }

    fn logs(common: &Common, parts: &Parts, inputs: &Inputs) -> Call {
        common
            .tagged_call("access_logs", &parts.access_logs, inputs)
            .input("bucket_name", common.bucket("access-logs"))
            .input("account_id", &common.account_id)
            .input("log_retention_days", &inputs.log_retention_days)
            .input("delete_access_logs", &inputs.delete_access_logs)
    }

    fn store(common: &Common, parts: &Parts, inputs: &Inputs, logs: &CallReference) -> Call {
        common
            .call("package_store", &parts.package_store, inputs)
            .input("bucket_name", common.bucket("packages"))
            .input("access_logs_bucket", logs.output::<Str>("bucket_name"))
            .input(
                "access_logs_bucket_domain_name",
                logs.output::<Str>("bucket_domain_name"),
            )
            .input("cdn", &inputs.cdn)
            .input("kms_key_arn", &common.key)
            .input("deletion_protection", &inputs.deletion_protection)
            .input("force_destroy", &inputs.force_destroy)
    }

    fn database(common: &Common, parts: &Parts, inputs: &Inputs, network: &CallReference) -> Call {
        common
            .call("database", &parts.database, inputs)
            .input("account_id", &common.account_id)
            .input("vpc_id", network.output::<Str>("vpc_id"))
            .input("subnet_ids", in_order(network, "private_subnet_ids"))
            .input("database", &inputs.database)
            .input(
                "database_password_version",
                &inputs.database_password_version,
            )
            .input("multi_az", &inputs.multi_az)
            .input("log_retention_days", &inputs.log_retention_days)
            .input("kms_key_arn", &common.key)
            .input("deletion_protection", &inputs.deletion_protection)
            .input("force_destroy", &inputs.force_destroy)
            .input("final_snapshot", &inputs.final_snapshot)
            .input("database_kms_key_arn", &inputs.kms_key_arn)
    }

    fn pki(common: &Common, parts: &Parts, inputs: &Inputs) -> Call {
        common
            .call("pki", &parts.pki, inputs)
            .input("account_id", &common.account_id)
            .input("root_ca", &inputs.root_ca)
            .input("kms_key_arn", &common.key)
            .input("deletion_protection", &inputs.deletion_protection)
            .input("force_destroy", &inputs.force_destroy)
    }

    fn github(common: &Common, parts: &Parts, inputs: &Inputs, compute: &CallReference) -> Call {
        let repositories: Expr<Map<Str>> = compute.output("ecr_repository_arns");
        common
            .call("github_identity", &parts.github_identity, inputs)
            .input("account_id", &common.account_id)
            .input("github_repository", &inputs.github_repository)
            .input("github_oidc_provider_arn", &inputs.github_oidc_provider_arn)
            .input("ecr_repository_arns", values::<Str>(repositories))
    }

    fn compute(call: Call, inputs: &Inputs, common: &Common) -> Call {
        call.input("account_id", &common.account_id)
            .input("api_image_uri", &inputs.api_image_uri)
            .input("worker_image_uri", &inputs.worker_image_uri)
            .input("api", &inputs.api)
            .input("worker", &inputs.worker)
            .input("domain_name", &inputs.domain_name)
            .input("certificate_arn", &inputs.certificate_arn)
            .input("log_retention_days", &inputs.log_retention_days)
            .input("kms_key_arn", &common.key)
            .input("deletion_protection", &inputs.deletion_protection)
            .input("delete_images", &inputs.delete_images)
            .input("container_insights", &inputs.container_insights)
            .input("images_kept", &inputs.images_kept)
            .input("release", &inputs.release)
    }

    fn part(&self, part: Part) -> &CallReference {
        match part {
            Part::Compute => &self.compute,
            Part::Database => &self.database,
            Part::Github => &self.github,
            Part::Network => &self.network,
            Part::Pki => &self.pki,
            Part::Store => &self.store,
        }
    }

    /// What the package gives.
    pub(super) fn outputs(&self, m: &mut Module, common: &Common) {
        for (name, part, output, description) in TEXTS {
            m.output(name, self.part(part).output::<Str>(output))
                .describe(description);
        }
        let repositories: Expr<Map<Str>> = self.compute.output("ecr_repository_urls");
        m.output("ecr_api_repo", repositories.get("api"))
            .describe("Where images of the API are pushed to.");
        m.output("ecr_worker_repo", repositories.get("worker"))
            .describe("Where images of the worker are pushed to.");
        m.output("database_port", self.database.output::<Num>("port"))
            .describe("Port of the database.");
        m.output(
            "public_subnet_ids",
            self.network.output::<Map<Str>>("public_subnet_ids"),
        )
        .describe("Subnets of the load balancer, by zone.");
        m.output(
            "private_subnet_ids",
            self.network.output::<Map<Str>>("private_subnet_ids"),
        )
        .describe("Subnets of the tasks and the database, by zone.");
        m.output(
            "nat_public_ips",
            self.network.output::<Map<Str>>("nat_public_ips"),
        )
        .describe("Addresses from which tasks reach the internet, by zone.");
        m.output("kms_key_arn", &common.key)
            .describe("ARN of the key that encrypts everything that is stored.");
    }
}

/// One attribute of each object that holds data, of the parts that do not need the bucket to be there. The cluster is there
/// after the log group of its Container Insights.
fn holding_data(
    network: &CallReference,
    database: &CallReference,
    pki: &CallReference,
    compute: &CallReference,
) -> Expr<List<Str>> {
    concat([
        [
            database.output::<Str>("connection_secret_version_id"),
            pki.output("root_ca_key_secret_arn"),
            pki.output("root_ca_cert_secret_name"),
            compute.output("cluster_name"),
        ]
        .into_expr(),
        compact([network.output::<Str>("flow_log_group_name")]),
        values::<Str>(compute.output::<Map<Str>>("ecr_repository_arns")),
        values::<Str>(compute.output::<Map<Str>>("log_group_names")),
    ])
}

/// Subnets of all zones, in the order of their zones' names.
fn in_order(network: &CallReference, output: &str) -> Expr<List<Str>> {
    values::<Str>(network.output::<Map<Str>>(output))
}
