//! Module calls for the parts. Each call follows the calls whose outputs it uses. Must not declare resources.

use tfmodgen::prelude::*;
use tfmodgen::{CallReference, Declared, Local};

use super::{Inputs, Parts, compute, package_store};
use crate::aws::parts::{access_logs, database, github_identity, network, pki};

/// Values that every part receives.
pub(super) struct Common {
    pub(super) prefix: Local<Str>,
    pub(super) account_id: Expr<Str>,
    pub(super) key: Expr<Str>,
}

impl Common {
    /// Returns the prefix for all names.
    fn prefix(&self) -> Expr<Str> {
        (*self.prefix).clone()
    }

    /// Returns a bucket name that is globally unique because it contains the account ID.
    fn bucket(&self, suffix: &str) -> Expr<Str> {
        template([
            (&self.prefix).into(),
            format!("-{suffix}-").into(),
            (&self.account_id).into(),
        ])
    }
}

/// References to the calls.
pub(super) struct Calls {
    pub(super) compute: CallReference<compute::Outputs>,
    pub(super) database: CallReference<database::Outputs>,
    pub(super) github: CallReference<github_identity::Outputs>,
    pub(super) network: CallReference<network::Outputs>,
    pub(super) store: CallReference<package_store::Outputs>,
    pub(super) pki: CallReference<pki::Outputs>,
}

impl Calls {
    /// Calls every part once.
    pub(super) fn of(
        m: &mut Module,
        parts: &Parts,
        inputs: &Inputs<Declared>,
        common: &Common,
    ) -> Self {
        let network = m.call(parts.network.call("network", network(inputs, common)));
        let logs = access_logs(inputs, common);
        let logs = m.call(parts.access_logs.call("access_logs", logs));
        let database = database(inputs, common, &network);
        let database = m.call(parts.database.call("database", database));
        let later = Later {
            compute: parts.compute.later(m, "compute"),
            pki: parts.pki.later(m, "pki"),
        };
        let store = package_store::Inputs {
            deleted_after_bucket: Some(data_attributes(&network, &database, &later)),
            ..package_store(inputs, common, &logs)
        };
        let store = parts
            .package_store
            .call("package_store", store)
            .argument_comment(
                |inputs| inputs.deleted_after_bucket,
                "All objects that store data, and the network for the database. Each attribute is available after the whole object exists.",
            );
        let store = m.call(store);
        let pki = m.call(parts.pki.call("pki", pki(inputs, common, &store)));
        let compute = compute::Inputs {
            vpc_id: network.vpc_id.clone(),
            public_subnet_ids: in_order(&network.public_subnet_ids),
            private_subnet_ids: in_order(&network.private_subnet_ids),
            access_logs_bucket: logs.bucket_name.clone(),
            package_bucket_name: store.bucket_name.clone(),
            package_bucket_arn: store.bucket_arn.clone(),
            cdn_base_url: store.cdn_base_url.clone(),
            storage_secret_arn: store.service_account_secret_arn.clone(),
            signing_key_secret_arn: pki.signing_key_secret_arn.clone(),
            database_client_security_group_id: database.client_security_group_id.clone(),
            database_url_secret_arn: database.connection_secret_arn.clone(),
            database_url_secret_version_id: database.connection_secret_version_id.clone(),
            name: common.prefix(),
            tags: inputs.tags.forward(),
            account_id: common.account_id.clone(),
            api_image_uri: inputs.api_image_uri.forward(),
            worker_image_uri: inputs.worker_image_uri.forward(),
            api: inputs.api.forward(),
            worker: inputs.worker.forward(),
            domain_name: inputs.domain_name.forward(),
            certificate_arn: inputs.certificate_arn.forward(),
            log_retention_days: inputs.log_retention_days.forward(),
            kms_key_arn: common.key.clone(),
            deletion_protection: inputs.deletion_protection.forward(),
            delete_images: inputs.delete_images.forward(),
            container_insights: inputs.container_insights.forward(),
            images_kept: inputs.images_kept.forward(),
            release: inputs.release.forward(),
        };
        let compute = m.call(parts.compute.call("compute", compute));
        let github = github_identity::Inputs {
            name: common.prefix(),
            tags: inputs.tags.forward(),
            account_id: common.account_id.clone(),
            github_repository: inputs.github_repository.forward(),
            github_oidc_provider_arn: inputs.github_oidc_provider_arn.forward(),
            ecr_repository_arns: in_order(&compute.ecr_repository_arns),
        };
        let github = m.call(parts.github_identity.call("github_identity", github));
        Self {
            compute,
            database,
            github,
            network,
            store,
            pki,
        }
    }
}

fn network(inputs: &Inputs<Declared>, common: &Common) -> network::Inputs {
    network::Inputs {
        name: common.prefix(),
        tags: inputs.tags.forward(),
        account_id: common.account_id.clone(),
        cidr_block: inputs.cidr_block.forward(),
        availability_zones: inputs.availability_zones.forward(),
        nat_gateway: inputs.nat_gateway.forward(),
        interface_endpoints: inputs.interface_endpoints.forward(),
        flow_logs: inputs.flow_logs.forward(),
        log_retention_days: inputs.log_retention_days.forward(),
        kms_key_arn: common.key.clone(),
    }
}

fn access_logs(inputs: &Inputs<Declared>, common: &Common) -> access_logs::Inputs {
    access_logs::Inputs {
        tags: inputs.tags.forward(),
        bucket_name: common.bucket("access-logs"),
        account_id: common.account_id.clone(),
        log_retention_days: inputs.log_retention_days.forward(),
        delete_access_logs: inputs.delete_access_logs.forward(),
    }
}

fn database(
    inputs: &Inputs<Declared>,
    common: &Common,
    network: &network::Outputs,
) -> database::Inputs {
    database::Inputs {
        name: common.prefix(),
        tags: inputs.tags.forward(),
        account_id: common.account_id.clone(),
        vpc_id: network.vpc_id.clone(),
        subnet_ids: in_order(&network.private_subnet_ids),
        database: inputs.database.forward(),
        database_password_version: inputs.database_password_version.forward(),
        multi_az: inputs.multi_az.forward(),
        log_retention_days: inputs.log_retention_days.forward(),
        kms_key_arn: common.key.clone(),
        deletion_protection: inputs.deletion_protection.forward(),
        force_destroy: inputs.force_destroy.forward(),
        final_snapshot: inputs.final_snapshot.forward(),
        database_kms_key_arn: inputs.kms_key_arn.forward(),
    }
}

fn pki(inputs: &Inputs<Declared>, common: &Common, store: &package_store::Outputs) -> pki::Inputs {
    pki::Inputs {
        name: common.prefix(),
        tags: inputs.tags.forward(),
        hsm_backend: inputs.hsm_backend.forward(),
        root_ca: inputs.root_ca.forward(),
        intermediate_ca: inputs.intermediate_ca.forward(),
        signing_certificate: inputs.signing_certificate.forward(),
        crl: inputs.crl.forward(),
        revoked_certificates: inputs.revoked_certificates.forward(),
        revoked_intermediates: inputs.revoked_intermediates.forward(),
        account_id: common.account_id.clone(),
        kms_key_arn: common.key.clone(),
        bucket_name: store.bucket_name.clone(),
        well_known_url: store.well_known_url.clone(),
        deletion_protection: inputs.deletion_protection.forward(),
        force_destroy: inputs.force_destroy.forward(),
    }
}

fn package_store(
    inputs: &Inputs<Declared>,
    common: &Common,
    logs: &access_logs::Outputs,
) -> package_store::Inputs {
    package_store::Inputs {
        name: common.prefix(),
        tags: inputs.tags.forward(),
        bucket_name: common.bucket("packages"),
        access_logs_bucket: logs.bucket_name.clone(),
        access_logs_bucket_domain_name: logs.bucket_domain_name.clone(),
        cdn: inputs.cdn.forward(),
        kms_key_arn: common.key.clone(),
        deletion_protection: inputs.deletion_protection.forward(),
        force_destroy: inputs.force_destroy.forward(),
        deleted_after_bucket: None,
    }
}

/// References to calls that follow the call of the package store because they use its outputs.
struct Later {
    compute: CallReference<compute::Outputs>,
    pki: CallReference<pki::Outputs>,
}

/// Returns one attribute from each object that stores data and does not use the bucket. The cluster is created after its
/// Container Insights log group. The intermediate CA is not in the list because its certificate contains a URL of the CDN,
/// which uses the bucket.
fn data_attributes(
    network: &network::Outputs,
    database: &database::Outputs,
    later: &Later,
) -> Expr<List<Str>> {
    let Later { compute, pki } = later;
    concat([
        [
            &database.connection_secret_version_id,
            &pki.root_ca_key_secret_arn,
            &pki.root_ca_cert_secret_name,
            &compute.cluster_name,
        ]
        .into_expr(),
        compact([&network.flow_log_group_name]),
        in_order(&compute.ecr_repository_arns),
        in_order(&compute.log_group_names),
        pki.hsm_key_arns.clone(),
    ])
}

/// Returns the map values in key order.
fn in_order(map: &Expr<Map<Str>>) -> Expr<List<Str>> {
    values::<Str>(map)
}
