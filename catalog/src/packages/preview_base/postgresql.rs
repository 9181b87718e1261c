//! PostgreSQL: a managed database, or a pod in the cluster.

use digitalocean_blocks as digitalocean;
use kubernetes_blocks as kubernetes;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local};

use super::cluster::Cluster;
use super::inputs::managed;
use super::{Common, Inputs};
use crate::preview::chart::release;
use crate::preview::conventions::ENVIRONMENT_LABEL;
use crate::preview::job::{metadata, pod_security_context, security_context};

/// Namespace of PostgreSQL in the cluster, and of jobs that create databases.
pub(super) const NAMESPACE: &str = "default";
/// Name of the service.
const SERVICE: &str = "db";
/// Full name of the service. A short name does not resolve in other namespaces.
const HOST: &str = "db.default.svc.cluster.local";
/// Secret with the credentials of the administrator.
const ADMIN_SECRET: &str = "postgresql-admin";
/// Port of PostgreSQL in the cluster.
const PORT: i64 = 5432;
/// User ID of PostgreSQL in its image on Alpine Linux.
const USER: i64 = 70;

/// References to PostgreSQL.
pub(super) struct Postgresql {
    pub(super) host: Expr<Str>,
    pub(super) port: Expr<Num>,
    pub(super) sslmode: Expr<Str>,
    pub(super) database: Expr<Str>,
    pub(super) cidr: Expr<Str>,
    pub(super) admin_secret: Expr<Str>,
}

/// Declares PostgreSQL.
pub(super) fn postgresql(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    cluster: &Cluster,
) -> Postgresql {
    m.file("postgresql");
    let managed = m.local("managed", managed(&inputs.profile, &inputs.postgresql));
    let database = managed_database(m, inputs, common, cluster, &managed);
    let password: Expr<Map<Str>> = [
        (
            "username",
            conditional(&managed, database.one(|one| one.user()), "postgres"),
        ),
        (
            "password",
            conditional(
                &managed,
                database.one(|one| one.password()),
                &inputs.postgresql_password,
            ),
        ),
    ]
    .into_expr();
    let secret = m.resource(
        kubernetes::SecretV1::new(
            "postgresql_admin",
            kubernetes::SecretV1Metadata::new()
                .name(ADMIN_SECRET)
                .namespace(NAMESPACE)
                .labels(&common.labels),
        )
        .comment("Only jobs in this namespace can use the password of the administrator. Environments have their own users.")
        .r#type("Opaque")
        .data_wo(password)
        .data_wo_revision(&inputs.secrets_version),
    );
    let admin_secret: Expr<Str> = secret.metadata().attribute("name");
    m.resource(
        release(
            "postgresql",
            "postgresql",
            NAMESPACE,
            in_cluster(inputs, common, &admin_secret),
        )
        .comment("The volume of the database remains after the release is uninstalled.")
        .wait(true)
        .when(!&*managed),
    );
    let at = |own: Expr<Str>, other: &str| conditional(&managed, own, other);
    Postgresql {
        host: at(database.one(|one| one.private_host()), HOST),
        port: conditional(&managed, database.one(|one| one.port()), PORT),
        sslmode: at("require".into_expr(), "prefer"),
        database: at(database.one(|one| one.database()), "postgres"),
        cidr: conditional(
            &managed,
            inputs.network.attribute::<Str>("vpc_cidr"),
            Expr::null(),
        ),
        admin_secret,
    }
}

fn managed_database(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    cluster: &Cluster,
    managed: &Local<Bool>,
) -> tfmodgen::Maybe<digitalocean::DatabaseClusterReference> {
    let of = |name: &str| inputs.postgresql.attribute::<Str>(name);
    let production = |then: &str, otherwise: &str| conditional(&common.production, then, otherwise);
    let nodes: Expr<Num> = inputs.postgresql.attribute("nodes");
    let database = m.resource(
        digitalocean::DatabaseCluster::new(
            "this",
            "pg",
            &inputs.name,
            conditional(
                nodes.is_null(),
                conditional(&common.production, 2, 1),
                nodes,
            ),
            &inputs.region,
            conditional(
                of("size").is_null(),
                production("db-s-1vcpu-2gb", "db-s-1vcpu-1gb"),
                of("size"),
            ),
        )
        .version(of("version"))
        .private_network_uuid(cluster.vpc.one(|vpc| vpc.id()))
        .maintenance_window(digitalocean::DatabaseClusterMaintenanceWindow::new(
            "sunday", "03:00:00",
        ))
        .precondition(
            !&*common.local,
            "The profile local has no managed database. Set postgresql.managed to false, or omit it.",
        )
        .when(managed),
    );
    m.resource(
        digitalocean::DatabaseFirewall::new(
            "this",
            database.assumed().id(),
            digitalocean::DatabaseFirewallRule::new("k8s", &cluster.id),
        )
        .comment("Only the cluster can connect to the database.")
        .when(managed),
    );
    database
}

/// Returns the objects of PostgreSQL in the cluster.
fn in_cluster(inputs: &Inputs<Declared>, common: &Common, secret: &Expr<Str>) -> Vec<Expr<Object>> {
    let named = || metadata(SERVICE, NAMESPACE, &common.labels);
    let selector = || object_value([entry("app.kubernetes.io/name", "postgresql")]);
    let service = object_value([
        entry("apiVersion", "v1"),
        entry("kind", "Service"),
        entry("metadata", object_value(named())),
        entry(
            "spec",
            object_value([
                entry("selector", selector()),
                entry(
                    "ports",
                    [object_value([
                        entry("name", "postgresql"),
                        entry("port", PORT),
                        entry("targetPort", PORT),
                    ])],
                ),
            ]),
        ),
    ]);
    let clients =
        |key: &str| object_value([entry("matchLabels", object_value([entry(key, "true")]))]);
    let environments = object_value([entry(
        "matchExpressions",
        [object_value([
            entry("key", ENVIRONMENT_LABEL),
            entry("operator", "Exists"),
        ])],
    )]);
    let policy = object_value([
        entry("apiVersion", "networking.k8s.io/v1"),
        entry("kind", "NetworkPolicy"),
        entry("metadata", object_value(named())),
        entry(
            "spec",
            object_value([
                entry(
                    "podSelector",
                    object_value([entry("matchLabels", selector())]),
                ),
                entry("policyTypes", ["Ingress"]),
                entry(
                    "ingress",
                    [object_value([
                        entry(
                            "from",
                            [
                                object_value([entry("podSelector", clients("database-client"))]),
                                object_value([
                                    entry("namespaceSelector", environments),
                                    entry("podSelector", clients("database-client")),
                                ]),
                            ],
                        ),
                        entry(
                            "ports",
                            [object_value([
                                entry("port", PORT),
                                entry("protocol", "TCP"),
                            ])],
                        ),
                    ])],
                ),
            ]),
        ),
    ]);
    vec![
        service,
        policy,
        stateful_set(inputs, object_value(named()), selector(), secret),
    ]
}

fn stateful_set(
    inputs: &Inputs<Declared>,
    metadata: Expr<Object>,
    selector: Expr<Object>,
    secret: &Expr<Str>,
) -> Expr<Object> {
    let storage = template([
        inputs.postgresql.attribute::<Num>("storage_gib").into(),
        "Gi".into(),
    ]);
    let claim = object_value([
        entry("metadata", object_value([entry("name", "data")])),
        entry(
            "spec",
            object_value([
                entry("accessModes", ["ReadWriteOnce"]),
                entry(
                    "resources",
                    object_value([entry("requests", object_value([entry("storage", storage)]))]),
                ),
            ]),
        ),
    ]);
    let empty =
        |name: &str| object_value([entry("name", name), entry("emptyDir", object_value([]))]);
    let pod = object_value([
        entry("automountServiceAccountToken", false),
        entry("enableServiceLinks", false),
        entry("securityContext", pod_security_context(USER)),
        entry("containers", [container(inputs, secret)]),
        entry("volumes", [empty("run"), empty("temporary")]),
    ]);
    object_value([
        entry("apiVersion", "apps/v1"),
        entry("kind", "StatefulSet"),
        entry("metadata", metadata),
        entry(
            "spec",
            object_value([
                entry("serviceName", SERVICE),
                entry("replicas", 1),
                entry(
                    "selector",
                    object_value([entry("matchLabels", selector.clone())]),
                ),
                entry(
                    "template",
                    object_value([
                        entry("metadata", object_value([entry("labels", selector)])),
                        entry("spec", pod),
                    ]),
                ),
                entry("volumeClaimTemplates", [claim]),
            ]),
        ),
    ])
}

fn container(inputs: &Inputs<Declared>, secret: &Expr<Str>) -> Expr<Object> {
    let mount =
        |name: &str, path: &str| object_value([entry("name", name), entry("mountPath", path)]);
    let password = object_value([entry("name", secret), entry("key", "password")]);
    let ready = object_value([
        entry(
            "exec",
            object_value([entry("command", ["pg_isready", "--username=postgres"])]),
        ),
        entry("periodSeconds", 10),
    ]);
    let amount =
        |cpu: &str, memory: &str| object_value([entry("cpu", cpu), entry("memory", memory)]);
    object_value([
        entry("name", "postgresql"),
        entry("image", &inputs.postgresql_image),
        entry("imagePullPolicy", "IfNotPresent"),
        entry(
            "env",
            [
                object_value([
                    entry("name", "PGDATA"),
                    entry("value", "/var/lib/postgresql/data/pgdata"),
                ]),
                object_value([
                    entry("name", "POSTGRES_PASSWORD"),
                    entry("valueFrom", object_value([entry("secretKeyRef", password)])),
                ]),
            ],
        ),
        entry(
            "ports",
            [object_value([
                entry("name", "postgresql"),
                entry("containerPort", PORT),
            ])],
        ),
        entry("readinessProbe", ready.clone()),
        entry("livenessProbe", ready),
        entry(
            "resources",
            object_value([
                entry("requests", amount("250m", "512Mi")),
                entry("limits", amount("1", "1Gi")),
            ]),
        ),
        entry("securityContext", security_context()),
        entry(
            "volumeMounts",
            [
                mount("data", "/var/lib/postgresql/data"),
                mount("run", "/var/run/postgresql"),
                mount("temporary", "/tmp"),
            ],
        ),
    ])
}
