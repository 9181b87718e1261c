//! Outputs of the package.

use tfmodgen::prelude::*;

use super::calls::{Calls, Common};

tfmodgen::outputs! {
    /// Outputs of the package.
    pub(super) struct Outputs {
        /// DNS name of the load balancer.
        load_balancer_dns_name: Str,
        /// ARN of the load balancer.
        load_balancer_arn: Str,
        /// URL of the load balancer.
        load_balancer_url: Str,
        /// URL of the CloudFront distribution.
        cloudfront_url: Str,
        /// ID of the CloudFront distribution, for example to invalidate its cache.
        cloudfront_distribution_id: Str,
        /// Domain name of the CloudFront distribution, for the DNS record of the CDN domain.
        cloudfront_domain_name: Str,
        /// Hosted zone ID of the CloudFront distribution, for an alias record.
        cloudfront_zone_id: Str,
        /// Name of the bucket for error pages.
        error_pages_bucket: Str,
        /// Host name of the database writer.
        database_endpoint: Str,
        /// Host name for read-only connections to the database.
        database_reader_endpoint: Str,
        /// Name of the database.
        database_name: Str,
        /// ARN of the secret with the user name and the password of the database.
        database_secret_arn: Str,
        /// ID of the security group whose members can connect to the database.
        database_client_security_group_id: Str,
        /// Name of the table for sessions.
        session_table_name: Str,
        /// Name of the ECS cluster.
        cluster_name: Str,
        /// Names of the ECS services.
        service_names: Map<Str>,
        /// URLs of the image repositories by service.
        ecr_repository_urls: Map<Str>,
        /// ARNs of the task roles by service.
        task_role_arns: Map<Str>,
        /// Names of the log groups by service.
        log_group_names: Map<Str>,
        /// Names of the capacity providers with GPU instances.
        gpu_capacity_provider_names: List<Str>,
        /// ARN of the web ACL of the load balancer.
        web_acl_arn: Str,
        /// Name of the CloudWatch dashboard.
        dashboard_name: Str,
        /// ID of the VPC.
        vpc_id: Str,
        /// IDs of the private subnets by Availability Zone.
        private_subnet_ids: Map<Str>,
        /// ARN of the KMS key that encrypts stored data.
        kms_key_arn: Str,
    }
}

/// Returns the package outputs. Their values are part outputs.
pub(super) fn outputs(calls: &Calls, common: &Common) -> Outputs<tfmodgen::Declared> {
    Outputs {
        load_balancer_dns_name: output(&calls.api.load_balancer_dns_name),
        load_balancer_arn: output(&calls.api.load_balancer_arn),
        load_balancer_url: output(&calls.api.url),
        cloudfront_url: output(&calls.cdn.url),
        cloudfront_distribution_id: output(&calls.cdn.distribution_id),
        cloudfront_domain_name: output(&calls.cdn.domain_name),
        cloudfront_zone_id: output(&calls.cdn.zone_id),
        error_pages_bucket: output(&calls.cdn.error_pages_bucket),
        database_endpoint: output(&calls.database.endpoint),
        database_reader_endpoint: output(&calls.database.reader_endpoint),
        database_name: output(&calls.database.database_name),
        database_secret_arn: output(&calls.database.secret_arn),
        database_client_security_group_id: output(&calls.database.client_security_group_id),
        session_table_name: output(&calls.sessions.table_name),
        cluster_name: output(&calls.api.cluster_name),
        service_names: output(&calls.api.service_names),
        ecr_repository_urls: output(&calls.api.ecr_repository_urls),
        task_role_arns: output(&calls.api.task_role_arns),
        log_group_names: output(&calls.api.log_group_names),
        gpu_capacity_provider_names: output(&calls.gpu.capacity_provider_names),
        web_acl_arn: output(&calls.web_acl.web_acl_arn),
        dashboard_name: output(&calls.monitoring.dashboard_name),
        vpc_id: output(&calls.network.vpc_id),
        private_subnet_ids: output(&calls.network.private_subnet_ids),
        kms_key_arn: output(&common.key),
    }
}
