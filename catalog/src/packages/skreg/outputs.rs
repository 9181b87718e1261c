//! Outputs of the package.

use tfmodgen::prelude::*;

use super::calls::{Calls, Common};

tfmodgen::outputs! {
    /// Outputs of the package.
    pub(super) struct Outputs {
        /// Where the API answers.
        api_url: Str,
        /// Where the API answers.
        service_url: Str,
        /// Where the world gets packages.
        cdn_base_url: Str,
        /// The CloudFront distribution, to invalidate what it has cached.
        cdn_distribution_id: Str,
        /// Host name of the CDN, for the DNS record of its domain.
        cdn_domain_name: Str,
        /// Hosted zone of the CDN, for an alias record.
        cdn_zone_id: Str,
        /// The bucket for packages.
        bucket_name: Str,
        /// Secret that says how to reach the bucket.
        storage_service_account_secret_name: Str,
        /// Certificate of the root, PEM. Give it to everyone who verifies.
        root_ca_cert: Str,
        /// Certificate of the root, PEM. Give it to everyone who verifies.
        root_ca_cert_pem: Str,
        /// Fingerprint of the certificate, to compare over a second channel.
        root_ca_cert_sha256: Str,
        /// Secret that holds the key of the root.
        root_ca_key_secret_name: Str,
        /// Secret that holds the certificate of the root.
        root_ca_cert_secret_name: Str,
        /// The role that pushes images, for the variable AWS_ROLE_ARN of the repository.
        oidc_role_arn: Str,
        /// The identity provider of GitHub.
        oidc_provider_arn: Str,
        /// Secret whose whole value is the connection URL of the database.
        connection_secret_name: Str,
        /// ARN of the secret with the connection URL.
        connection_secret_arn: Str,
        /// Host name of the database.
        database_host: Str,
        /// Name of the database.
        database_name: Str,
        /// ID of the security group whose members can connect to the database.
        database_client_security_group_id: Str,
        /// The VPC.
        vpc_id: Str,
        /// The ECS cluster.
        cluster_name: Str,
        /// The ECS service of the API.
        api_service_name: Str,
        /// The ECS service of the worker.
        worker_service_name: Str,
        /// ARN of the load balancer, to associate a web ACL with it.
        load_balancer_arn: Str,
        /// Host name of the load balancer, for the DNS record of the domain.
        load_balancer_dns_name: Str,
        /// Hosted zone of the load balancer, for an alias record.
        load_balancer_zone_id: Str,
        /// The group of the load balancer.
        load_balancer_security_group_id: Str,
        /// The group of the API.
        api_security_group_id: Str,
        /// The group of the worker.
        worker_security_group_id: Str,
        /// Where images of the API are pushed to.
        ecr_api_repo: Str,
        /// Where images of the worker are pushed to.
        ecr_worker_repo: Str,
        /// Port of the database.
        database_port: Num,
        /// Subnets of the load balancer, by zone.
        public_subnet_ids: Map<Str>,
        /// Subnets of the tasks and the database, by zone.
        private_subnet_ids: Map<Str>,
        /// Addresses from which tasks reach the internet, by zone.
        nat_public_ips: Map<Str>,
        /// ARN of the key that encrypts everything that is stored.
        kms_key_arn: Str,
    }
}

/// Takes the outputs from those of the parts.
pub(super) fn outputs(calls: &Calls, common: &Common) -> Outputs<tfmodgen::Declared> {
    Outputs {
        api_url: output(&calls.compute.service_url),
        service_url: output(&calls.compute.service_url),
        cdn_base_url: output(&calls.store.cdn_base_url),
        cdn_distribution_id: output(&calls.store.cdn_distribution_id),
        cdn_domain_name: output(&calls.store.cdn_domain_name),
        cdn_zone_id: output(&calls.store.cdn_zone_id),
        bucket_name: output(&calls.store.bucket_name),
        storage_service_account_secret_name: output(&calls.store.service_account_secret_name),
        root_ca_cert: output(&calls.pki.root_ca_cert_pem),
        root_ca_cert_pem: output(&calls.pki.root_ca_cert_pem),
        root_ca_cert_sha256: output(&calls.pki.root_ca_cert_sha256),
        root_ca_key_secret_name: output(&calls.pki.root_ca_key_secret_name),
        root_ca_cert_secret_name: output(&calls.pki.root_ca_cert_secret_name),
        oidc_role_arn: output(&calls.github.role_arn),
        oidc_provider_arn: output(&calls.github.oidc_provider_arn),
        connection_secret_name: output(&calls.database.connection_secret_name),
        connection_secret_arn: output(&calls.database.connection_secret_arn),
        database_host: output(&calls.database.host),
        database_name: output(&calls.database.database_name),
        database_client_security_group_id: output(&calls.database.client_security_group_id),
        vpc_id: output(&calls.network.vpc_id),
        cluster_name: output(&calls.compute.cluster_name),
        api_service_name: output(&calls.compute.api_service_name),
        worker_service_name: output(&calls.compute.worker_service_name),
        load_balancer_arn: output(&calls.compute.load_balancer_arn),
        load_balancer_dns_name: output(&calls.compute.load_balancer_dns_name),
        load_balancer_zone_id: output(&calls.compute.load_balancer_zone_id),
        load_balancer_security_group_id: output(&calls.compute.load_balancer_security_group_id),
        api_security_group_id: output(&calls.compute.api_security_group_id),
        worker_security_group_id: output(&calls.compute.worker_security_group_id),
        ecr_api_repo: output(calls.compute.ecr_repository_urls.get("api")),
        ecr_worker_repo: output(calls.compute.ecr_repository_urls.get("worker")),
        database_port: output(&calls.database.port),
        public_subnet_ids: output(&calls.network.public_subnet_ids),
        private_subnet_ids: output(&calls.network.private_subnet_ids),
        nat_public_ips: output(&calls.network.nat_public_ips),
        kms_key_arn: output(&common.key),
    }
}
