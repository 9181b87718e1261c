//! Module calls for the parts. Each call follows the calls whose outputs it uses. Must not declare resources.

use tfmodgen::prelude::*;
use tfmodgen::{CallReference, Declared, Local};

use super::{Inputs, Parts, api, autoscaling, cdn, monitoring};
use crate::aws::parts::{access_logs, aurora, gpu_capacity, network, session_table, web_acl};

/// Values that every part receives.
pub(super) struct Common {
    pub(super) prefix: Local<Str>,
    pub(super) account_id: Expr<Str>,
    pub(super) key: Expr<Str>,
    pub(super) certificate: Expr<Str>,
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
    pub(super) api: CallReference<api::Outputs>,
    pub(super) cdn: CallReference<cdn::Outputs>,
    pub(super) database: CallReference<aurora::Outputs>,
    pub(super) monitoring: CallReference<monitoring::Outputs>,
    pub(super) network: CallReference<network::Outputs>,
    pub(super) sessions: CallReference<session_table::Outputs>,
    pub(super) web_acl: CallReference<web_acl::Outputs>,
    pub(super) gpu: CallReference<gpu_capacity::Outputs>,
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
        let sessions = session_table::Inputs {
            name: common.prefix(),
            tags: inputs.tags.forward(),
            kms_key_arn: common.key.clone(),
            deletion_protection: inputs.deletion_protection.forward(),
        };
        let sessions = m.call(parts.session_table.call("session_table", sessions));
        let gpu = gpu_capacity::Inputs {
            name: common.prefix(),
            tags: inputs.tags.forward(),
            vpc_id: network.vpc_id.clone(),
            subnet_ids: in_order(&network.private_subnet_ids),
            gpu: inputs.gpu.forward(),
        };
        let gpu = m.call(parts.gpu_capacity.call("gpu_capacity", gpu));
        let needs = Needs {
            network: &network,
            logs: &logs,
            database: &database,
            sessions: &sessions,
            gpu: &gpu,
        };
        let api = m.call(parts.api.call("api", api(inputs, common, &needs)));
        let front = front(m, parts, inputs, common, &api, &logs);
        let (cdn, web_acl) = front;
        scale(m, parts, inputs, common, &api);
        let monitoring = monitoring(inputs, common, &api, &database, &sessions);
        let monitoring = m.call(parts.monitoring.call("monitoring", monitoring));
        Self {
            api,
            cdn,
            database,
            monitoring,
            network,
            sessions,
            web_acl,
            gpu,
        }
    }
}

/// Calls whose outputs the services use.
struct Needs<'a> {
    network: &'a network::Outputs,
    logs: &'a access_logs::Outputs,
    database: &'a aurora::Outputs,
    sessions: &'a session_table::Outputs,
    gpu: &'a gpu_capacity::Outputs,
}

fn network(inputs: &Inputs<Declared>, common: &Common) -> network::Inputs {
    network::Inputs {
        name: common.prefix(),
        tags: inputs.tags.forward(),
        account_id: common.account_id.clone(),
        cidr_block: inputs.cidr_block.forward(),
        availability_zones: inputs.availability_zones.forward(),
        nat_gateway: inputs.nat_gateway.forward(),
        interface_endpoints: None,
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
        delete_access_logs: Some(!&*inputs.deletion_protection),
    }
}

fn database(
    inputs: &Inputs<Declared>,
    common: &Common,
    network: &network::Outputs,
) -> aurora::Inputs {
    aurora::Inputs {
        name: common.prefix(),
        tags: inputs.tags.forward(),
        vpc_id: network.vpc_id.clone(),
        subnet_ids: in_order(&network.private_subnet_ids),
        kms_key_arn: common.key.clone(),
        database: inputs.database.forward(),
        log_retention_days: inputs.log_retention_days.forward(),
        deletion_protection: inputs.deletion_protection.forward(),
    }
}

fn api(inputs: &Inputs<Declared>, common: &Common, needs: &Needs<'_>) -> api::Inputs {
    api::Inputs {
        name: common.prefix(),
        tags: inputs.tags.forward(),
        production: inputs.production.forward(),
        services: inputs.services.forward(),
        capacity: inputs.capacity.forward(),
        secrets: inputs.secrets.forward(),
        certificate_arn: Some(common.certificate.clone()),
        domain_name: inputs.domain_name.forward(),
        account_id: common.account_id.clone(),
        vpc_id: needs.network.vpc_id.clone(),
        public_subnet_ids: in_order(&needs.network.public_subnet_ids),
        private_subnet_ids: in_order(&needs.network.private_subnet_ids),
        database_client_security_group_id: needs.database.client_security_group_id.clone(),
        database_endpoint: needs.database.endpoint.clone(),
        database_name: needs.database.database_name.clone(),
        database_secret_arn: needs.database.secret_arn.clone(),
        session_table_name: needs.sessions.table_name.clone(),
        session_table_arn: needs.sessions.table_arn.clone(),
        gpu_capacity_providers: Some(needs.gpu.capacity_provider_names.clone()),
        kms_key_arn: common.key.clone(),
        access_logs_bucket: needs.logs.bucket_name.clone(),
        log_retention_days: inputs.log_retention_days.forward(),
        deletion_protection: inputs.deletion_protection.forward(),
        container_insights: inputs.container_insights.forward(),
        images_kept: inputs.images_kept.forward(),
    }
}

/// Calls the parts in front of the services.
fn front(
    m: &mut Module,
    parts: &Parts,
    inputs: &Inputs<Declared>,
    common: &Common,
    api: &api::Outputs,
    logs: &access_logs::Outputs,
) -> (CallReference<cdn::Outputs>, CallReference<web_acl::Outputs>) {
    let acl = web_acl::Inputs {
        name: common.prefix(),
        tags: inputs.tags.forward(),
        scope: None,
        load_balancer_arn: Some(api.load_balancer_arn.clone()),
        rate_limit: inputs.rate_limit.forward(),
        kms_key_arn: common.key.clone(),
        log_retention_days: inputs.log_retention_days.forward(),
    };
    let acl = m.call(parts.web_acl.call("web_acl", acl));
    let has_domain = inputs.domain_name.is_set();
    let cdn = cdn::Inputs {
        name: common.prefix(),
        tags: inputs.tags.forward(),
        bucket_name: common.bucket("error-pages"),
        kms_key_arn: common.key.clone(),
        access_logs_bucket_domain_name: logs.bucket_domain_name.clone(),
        origin_domain_name: conditional(
            &has_domain,
            &*inputs.domain_name,
            &api.load_balancer_dns_name,
        ),
        origin_has_certificate: Some(has_domain),
        cdn: inputs.cdn.forward(),
    };
    (m.call(parts.cdn.call("cdn", cdn)), acl)
}

fn scale(
    m: &mut Module,
    parts: &Parts,
    inputs: &Inputs<Declared>,
    common: &Common,
    api: &api::Outputs,
) {
    let scaling = autoscaling::Inputs {
        name: common.prefix(),
        tags: inputs.tags.forward(),
        services: inputs.services.forward(),
        service_names: api.service_names.clone(),
        cluster_name: api.cluster_name.clone(),
        load_balancer_arn_suffix: api.load_balancer_arn_suffix.clone(),
        target_group_arn_suffixes: api.target_group_arn_suffixes.clone(),
    };
    m.call(parts.autoscaling.call("autoscaling", scaling));
}

fn monitoring(
    inputs: &Inputs<Declared>,
    common: &Common,
    api: &api::Outputs,
    database: &aurora::Outputs,
    sessions: &session_table::Outputs,
) -> monitoring::Inputs {
    monitoring::Inputs {
        name: common.prefix(),
        tags: inputs.tags.forward(),
        alarm_topic_arns: inputs.alarm_topic_arns.forward(),
        cluster_name: api.cluster_name.clone(),
        cluster_arn: api.cluster_arn.clone(),
        service_names: api.service_names.clone(),
        load_balancer_arn_suffix: api.load_balancer_arn_suffix.clone(),
        target_group_arn_suffixes: api.target_group_arn_suffixes.clone(),
        database_cluster_identifier: database.cluster_identifier.clone(),
        session_table_name: sessions.table_name.clone(),
    }
}

/// Returns the map values in key order.
fn in_order(map: &Expr<Map<Str>>) -> Expr<List<Str>> {
    values::<Str>(map)
}
