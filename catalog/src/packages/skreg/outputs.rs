//! Outputs of the package.

use tfmodgen::prelude::*;

use super::calls::{Calls, Common};

tfmodgen::outputs! {
    /// Outputs of the package.
    pub(super) struct Outputs {
        /// URL of the API.
        api_url: Str,
        /// URL of the API. Same value as `api_url`.
        service_url: Str,
        /// Base URL for packages on the CDN.
        cdn_base_url: Str,
        /// ID of the CloudFront distribution, for example to invalidate its cache.
        cdn_distribution_id: Str,
        /// Domain name of the CloudFront distribution, for the DNS record of the CDN domain.
        cdn_domain_name: Str,
        /// Hosted zone ID of the CloudFront distribution, for an alias record.
        cdn_zone_id: Str,
        /// Name of the package bucket.
        bucket_name: Str,
        /// Name of the secret with the connection settings for the bucket.
        storage_service_account_secret_name: Str,
        /// Certificate of the root CA in PEM format. Clients verify packages with it.
        root_ca_cert: Str,
        /// Certificate of the root CA in PEM format. Same value as `root_ca_cert`.
        root_ca_cert_pem: Str,
        /// SHA-256 fingerprint of the root certificate. Verify it over an independent channel.
        root_ca_cert_sha256: Str,
        /// Name of the secret that contains the key document of the root CA.
        root_ca_key_secret_name: Str,
        /// Name of the secret that contains the certificate of the root CA.
        root_ca_cert_secret_name: Str,
        /// Location of the keys of the authorities: `hsm` (AWS KMS) or `software` (Secrets Manager).
        hsm_backend: Str,
        /// ID of the root key: the ID of the KMS key, or the ARN of the secret if `hsm_backend` is `software`.
        hsm_key_id: Str,
        /// Certificate of the intermediate CA in PEM format.
        intermediate_ca_cert_pem: Str,
        /// Name of the secret that contains the certificate of the intermediate CA.
        intermediate_ca_cert_secret_name: Str,
        /// The intermediate CA as the `issuer` argument of `skreg_pki_certificate`. The object does not contain the private key.
        issuer: Object,
        /// Name of the secret that contains the signing key and its certificate.
        signing_key_secret_name: Str,
        /// Certificate for signing in PEM format.
        signing_cert_pem: Str,
        /// S3 URI of the certificate revocation list in PEM format.
        crl_bucket_path: Str,
        /// URL of the certificate revocation list in DER format.
        crl_url: Str,
        /// URL of the trust bundle in PEM format.
        trust_bundle_url: Str,
        /// ARN of the role that pushes images. Set the `AWS_ROLE_ARN` variable in the GitHub repository to this ARN.
        oidc_role_arn: Str,
        /// ARN of the identity provider for GitHub.
        oidc_provider_arn: Str,
        /// Name of the secret that contains the connection URL of the database.
        connection_secret_name: Str,
        /// ARN of the secret that contains the connection URL of the database.
        connection_secret_arn: Str,
        /// Host name of the database.
        database_host: Str,
        /// Name of the database.
        database_name: Str,
        /// ID of the security group whose members can connect to the database.
        database_client_security_group_id: Str,
        /// ID of the VPC.
        vpc_id: Str,
        /// Name of the ECS cluster.
        cluster_name: Str,
        /// Name of the ECS service for the API.
        api_service_name: Str,
        /// Name of the ECS service for the worker.
        worker_service_name: Str,
        /// ARN of the load balancer, for example to associate a web ACL.
        load_balancer_arn: Str,
        /// DNS name of the load balancer, for the DNS record of the API domain.
        load_balancer_dns_name: Str,
        /// Hosted zone ID of the load balancer, for an alias record.
        load_balancer_zone_id: Str,
        /// ID of the load balancer security group.
        load_balancer_security_group_id: Str,
        /// ID of the API security group.
        api_security_group_id: Str,
        /// ID of the worker security group.
        worker_security_group_id: Str,
        /// URL of the image repository for the API.
        ecr_api_repo: Str,
        /// URL of the image repository for the worker.
        ecr_worker_repo: Str,
        /// Port of the database.
        database_port: Num,
        /// IDs of the public subnets by Availability Zone.
        public_subnet_ids: Map<Str>,
        /// IDs of the private subnets by Availability Zone.
        private_subnet_ids: Map<Str>,
        /// Public IP addresses of the NAT gateways by Availability Zone.
        nat_public_ips: Map<Str>,
        /// ARN of the KMS key that encrypts stored data.
        kms_key_arn: Str,
    }
}

/// Returns the package outputs. Their values are part outputs.
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
        hsm_backend: output(&calls.pki.hsm_backend),
        hsm_key_id: output(&calls.pki.hsm_key_id),
        intermediate_ca_cert_pem: output(&calls.pki.intermediate_ca_cert_pem),
        intermediate_ca_cert_secret_name: output(&calls.pki.intermediate_ca_cert_secret_name),
        issuer: output(&calls.pki.issuer),
        signing_key_secret_name: output(&calls.pki.signing_key_secret_name),
        signing_cert_pem: output(&calls.pki.signing_cert_pem),
        crl_bucket_path: output(&calls.pki.crl_bucket_path),
        crl_url: output(&calls.pki.crl_url),
        trust_bundle_url: output(&calls.pki.trust_bundle_url),
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
