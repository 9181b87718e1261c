//! An application stack on Scaleway: the package `scaleway-app`.

mod bucket;
mod container;
mod database;
mod identity;
mod inputs;
mod monitoring;
mod network;
mod profiles;
mod rules;
mod secrets;

use scaleway_blocks as scaleway;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local, Package};

use crate::aws::conventions::MAIN;
use crate::scaleway::conventions::{TARGET, module, tag_list};
use crate::scaleway::deletion_protection::DeletionProtection;
use crate::scaleway::private_bucket::PrivateBucketReference;
use inputs::Inputs;
use profiles::Settings;

/// Keys of the tags that the module sets.
const OWN_TAGS: [&str; 3] = ["application", "environment", "managed-by"];

/// Values that every file of the module uses.
struct Common {
    /// Prefix for all names.
    prefix: Local<Str>,
    /// Tags of buckets.
    labels: Local<Map<Str>>,
    /// Tags of other resources.
    tags: Local<List<Str>>,
}

/// Returns the package, which has no parts.
pub(super) fn package() -> Package {
    Package::new(TARGET, root())
}

fn root() -> Part<Inputs, Outputs> {
    let mut m = module(
        "scaleway-app",
        "An application stack on Scaleway: a serverless container, a PostgreSQL database in a private network, a bucket, secrets, IAM applications, and monitoring.",
    );
    let inputs = Inputs::declare(&mut m);
    let settings = Settings::declare(&mut m, &inputs);
    let common = Common::declare(&mut m, &inputs);
    let stack = Stack::declare(&mut m, &inputs, &common, &settings);
    stack.protect(&mut m, &inputs, &common);
    m.file(MAIN);
    let resources = rules::Resources::declare(
        &mut m,
        &stack.container.id(),
        &stack.database.instance.id(),
        stack.bucket.bucket.name(),
    );
    let outputs = stack.outputs(&common, &settings, &resources);
    scenarios(&mut m, &inputs, &stack.alerts.manager);
    Part::new(m, inputs, outputs)
}

/// The objects of the stack.
struct Stack {
    network: network::Network,
    identity: identity::Identity,
    database: database::Database,
    bucket: PrivateBucketReference,
    secrets: secrets::Secrets,
    sources: monitoring::Sources,
    alerts: monitoring::Alerts,
    namespace: scaleway::ContainerNamespaceReference,
    container: scaleway::ContainerReference,
}

impl Stack {
    fn declare(
        m: &mut Module,
        inputs: &Inputs<Declared>,
        common: &Common,
        settings: &Settings,
    ) -> Self {
        let network = network::network(m, common);
        let monitored = settings.bool("monitoring");
        let identity = identity::identity(m, inputs, common, &network, &monitored);
        let database = database::database(m, inputs, common, settings, &network);
        let bucket = bucket::bucket(m, inputs, common, settings, &identity.container_id);
        let secrets = secrets::secrets(m, inputs, common, &database);
        let sources = monitoring::sources(m, common, settings);
        let alerts = monitoring::alerts(m, inputs, settings);
        let (namespace, container) = container::container(
            m,
            inputs,
            common,
            settings,
            &container::Uses {
                network: &network,
                database: &database,
                bucket: &bucket,
                secrets: &secrets,
                identity: &identity,
                sources: &sources,
            },
        );
        Self {
            network,
            identity,
            database,
            bucket,
            secrets,
            sources,
            alerts,
            namespace,
            container,
        }
    }

    /// Declares the protection of the container, the database, and the bucket.
    fn protect(&self, m: &mut Module, inputs: &Inputs<Declared>, common: &Common) {
        DeletionProtection {
            prefix: (*common.prefix).clone(),
            enabled: inputs.deletion_protection.forward(),
            tags: (*common.tags).clone(),
            replaced: vec![
                self.container.id(),
                self.database.instance.id(),
                self.bucket.bucket.id(),
            ],
            depends_on: &|secret| {
                secret
                    .depends_on(&self.container)
                    .depends_on(&self.database.instance)
                    .depends_on(&self.bucket.policy)
                    .depends_on(&self.identity.monitoring_policy)
                    .depends_on(&self.alerts.manager)
            },
        }
        .declare(m);
    }

    fn outputs(
        &self,
        common: &Common,
        settings: &Settings,
        resources: &rules::Resources,
    ) -> Outputs<Declared> {
        let groups: Expr<Map<Str>> = rules::groups(common, resources).into_expr();
        let endpoint = self.container.public_endpoint();
        Outputs {
            api_endpoint: output(&endpoint),
            health_endpoint: output(template([(&endpoint).into(), container::HEALTH.into()])),
            container_id: output(self.container.id()),
            container_namespace_id: output(self.namespace.id()),
            database_host: output(&self.database.host),
            database_port: output(&self.database.port),
            database_name: output(&self.database.name),
            database_user: output(&self.database.user),
            database_certificate: output(self.database.instance.certificate()),
            database_password_secrets: output(&self.database.passwords),
            bucket_name: output(self.bucket.bucket.name()),
            bucket_endpoint: output(self.bucket.bucket.api_endpoint()),
            secrets: output(&self.secrets.ids),
            private_network_id: output(&self.network.private_network_id),
            container_application_id: output(&self.identity.container_id),
            monitoring_application_id: output(&self.identity.monitoring_id),
            cockpit_push_urls: output(&self.sources.push_urls),
            metrics_urls: output(IntoExpr::<Map<Str>>::into_expr([
                ("products", self.sources.product_metrics_url.clone()),
                ("application", self.sources.metrics_url.clone()),
            ])),
            grafana_url: output(&self.sources.grafana_url),
            alert_manager_url: output(
                self.alerts
                    .manager
                    .one(|manager| manager.alert_manager_url()),
            ),
            alert_rules: output(groups),
            alert_webhook: output(&self.alerts.webhook).sensitive(),
            dashboard: output(rules::dashboard(common, resources)),
            audit_log_url: output(template([
                "https://api.scaleway.com/audit-trail/v1alpha1/regions/".into(),
                (&self.network.region).into(),
                "/events?organization_id=".into(),
                (&self.network.organization_id).into(),
                "&project_id=".into(),
                (&self.network.project_id).into(),
            ])),
            settings: output(settings.all()),
        }
    }
}

impl Common {
    fn declare(m: &mut Module, inputs: &Inputs<Declared>) -> Self {
        let prefix = m
            .local(
                "prefix",
                template([
                    (&inputs.name).into(),
                    "-".into(),
                    (&inputs.environment).into(),
                ]),
            )
            .comment("All names start with this prefix.");
        let own: Expr<Map<Str>> = [
            (OWN_TAGS[0], inputs.name.forward::<Expr<Str>>()),
            (OWN_TAGS[1], inputs.environment.forward()),
            (OWN_TAGS[2], "terraform".into_expr()),
        ]
        .into_expr();
        let labels = m.local("labels", merge([inputs.tags.forward(), own]));
        let tags = m.local("tags", tag_list(&labels));
        Self {
            prefix,
            labels,
            tags,
        }
    }
}

/// ID of a mocked object.
const MOCKED_ID: &str = "fr-par/11111111-1111-1111-1111-111111111111";

/// Declares the scenarios, and the IDs of mocked objects in the form of Scaleway.
fn scenarios(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    manager: &tfmodgen::Maybe<scaleway::CockpitAlertManagerReference>,
) {
    for ty in ["scaleway_container", "scaleway_rdb_instance"] {
        m.mock_resource(ty, object_value([entry("id", MOCKED_ID)]));
    }
    m.scenario("development_has_no_monitoring", |plan| {
        plan.given(&inputs.environment, "dev").expect(
            length(manager.object()).equals(0),
            "The environment dev must have no alert manager.",
        )
    });
}

tfmodgen::outputs! {
    /// Outputs of the package.
    struct Outputs {
        /// URL of the container.
        api_endpoint: Str,
        /// URL of the health check.
        health_endpoint: Str,
        /// ID of the container.
        container_id: Str,
        /// ID of the namespace of the container.
        container_namespace_id: Str,
        /// IP address of the database in the private network.
        database_host: Str,
        /// Port of the database.
        database_port: Num,
        /// Name of the database.
        database_name: Str,
        /// Database user that the container uses.
        database_user: Str,
        /// Certificate of the database in PEM format.
        database_certificate: Str,
        /// Secret version with the password of each database user: region, secret ID, and revision. Migrations require the user `administrator`.
        database_password_secrets: Map<Str>,
        /// Name of the bucket.
        bucket_name: Str,
        /// Endpoint of the bucket for S3 clients.
        bucket_endpoint: Str,
        /// Secret version with each secret of the application: region, secret ID, and revision.
        secrets: Map<Str>,
        /// ID of the private network.
        private_network_id: Str,
        /// ID of the IAM application of the container.
        container_application_id: Str,
        /// ID of the IAM application that can write alert rules and dashboards. Null without monitoring.
        monitoring_application_id: Str,
        /// URLs to which the application pushes logs, metrics, and traces. Empty without monitoring.
        cockpit_push_urls: Map<Str>,
        /// URLs of the data sources that evaluate the groups of alert rules. Null without monitoring.
        metrics_urls: Map<Str>,
        /// URL of Grafana. Null without monitoring.
        grafana_url: Str,
        /// URL of the alert manager. Null without monitoring.
        alert_manager_url: Str,
        /// Group of alert rules for each data source, as JSON, which is valid YAML.
        alert_rules: Map<Str>,
        /// Contact and route of the webhook for the alert manager, as JSON. Null without `alert_webhook_url`.
        alert_webhook: Str,
        /// Dashboard for the API of Grafana, as JSON.
        dashboard: Str,
        /// URL of the Audit Trail API, which returns the changes in the project.
        audit_log_url: Str,
        /// Values of the profile after the overrides.
        settings: Object,
    }
}
