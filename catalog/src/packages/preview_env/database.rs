//! The database of the environment and its user. A job creates them. The database of a pull request is dropped when the
//! environment is destroyed.

use kubernetes_blocks as kubernetes;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Entry};

use kubernetes::{
    JobV1SpecTemplateSpecContainer as Container, JobV1SpecTemplateSpecContainerEnv as Env,
    JobV1SpecTemplateSpecContainerEnvValueFrom as ValueFrom,
    JobV1SpecTemplateSpecContainerEnvValueFromSecretKeyRef as SecretKey,
};

use super::names::Names;
use super::namespace::first;
use super::{Inputs, in_production};
use crate::preview::chart::release;
use crate::preview::job::{
    LIMITS, POSTGRESQL_USER, REQUESTS, metadata, pod_security_context, security_context,
};

/// Commands that create the user and the database, or change the password of the user. `\gexec` runs the result of a query.
/// Source: "psql", PostgreSQL documentation: meta-commands.
const CREATE: &str = r"\set ON_ERROR_STOP on
\getenv name DATABASE_NAME
\getenv password DATABASE_PASSWORD
SELECT format('CREATE ROLE %I LOGIN', :'name') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', :'name', :'password') \gexec
SELECT format('GRANT %I TO CURRENT_USER', :'name') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'name') \gexec
";
/// Commands that close the connections to the database, and drop it and its user.
const DROP: &str = r"\set ON_ERROR_STOP on
\getenv name DATABASE_NAME
SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', :'name') \gexec
SELECT format('DROP ROLE IF EXISTS %I', :'name') \gexec
";

/// Declares the database, and returns the job that creates it.
pub(super) fn database(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    names: &Names,
) -> kubernetes::JobV1Reference {
    m.file("database");
    let removal = m.resource(
        release(
            "database_removal",
            suffixed(names, "-database-removal"),
            inputs.base.attribute::<Str>("postgresql_namespace"),
            [removal(inputs, names)],
        )
        .comment("Destroying the environment uninstalls this release. Helm first runs the job, which drops the database, and waits for it. If the job fails, the release remains, and destroy fails until the job succeeds.")
        .when(!in_production(inputs)),
    );
    let password: Expr<Map<Str>> =
        [("password", inputs.database_password.forward::<Expr<Str>>())].into_expr();
    let secret = m.resource(
        kubernetes::SecretV1::new(
            "database",
            kubernetes::SecretV1Metadata::new()
                .name(suffixed(names, "-database"))
                .namespace(inputs.base.attribute::<Str>("postgresql_namespace"))
                .labels(&names.labels),
        )
        .r#type("Opaque")
        .data_wo(password)
        .data_wo_revision(&inputs.secrets_version),
    );
    let job = job(inputs, names, &first(&secret.metadata()));
    m.resource(job.depends_on(&removal))
}

fn suffixed(names: &Names, suffix: &str) -> Expr<Str> {
    template([(&names.environment).into(), suffix.into()])
}

/// Returns the job that creates the database and its user.
fn job(inputs: &Inputs<Declared>, names: &Names, secret: &Expr<Str>) -> kubernetes::JobV1 {
    let base = &inputs.base;
    let admin = base.attribute::<Str>("postgresql_admin_secret");
    let of_secret = |name: &str, secret: &Expr<Str>, key: &str| {
        let key = SecretKey::new().name(secret).key(key);
        Env::new(name).value_from(ValueFrom::new().secret_key_ref(key))
    };
    let container = Container::new("database")
        .image(base.attribute::<Str>("postgresql_image"))
        .image_pull_policy("IfNotPresent")
        .command(command(CREATE))
        .resources(
            kubernetes::JobV1SpecTemplateSpecContainerResources::new()
                .requests(quantities(REQUESTS))
                .limits(quantities(LIMITS)),
        )
        .security_context(
            kubernetes::JobV1SpecTemplateSpecContainerSecurityContext::new()
                .allow_privilege_escalation(false)
                .read_only_root_filesystem(true)
                .capabilities(
                    kubernetes::JobV1SpecTemplateSpecContainerSecurityContextCapabilities::new()
                        .drop(["ALL"]),
                ),
        );
    let container = plain(inputs, names)
        .into_iter()
        .fold(container, |container, (name, value)| {
            container.env(Env::new(name).value(value))
        });
    let container = container
        .env(of_secret("PGUSER", &admin, "username"))
        .env(of_secret("PGPASSWORD", &admin, "password"))
        .env(of_secret("DATABASE_PASSWORD", secret, "password"));
    let pod = kubernetes::JobV1SpecTemplateSpec::new()
        .automount_service_account_token(false)
        .enable_service_links(false)
        .restart_policy("Never")
        .security_context(
            kubernetes::JobV1SpecTemplateSpecSecurityContext::new()
                .run_as_non_root(true)
                .run_as_user(POSTGRESQL_USER)
                .seccomp_profile(
                    kubernetes::JobV1SpecTemplateSpecSecurityContextSeccompProfile::new()
                        .r#type("RuntimeDefault"),
                ),
        )
        .container(container);
    let labels = merge([(*names.labels).clone(), client_labels()]);
    let template = kubernetes::JobV1SpecTemplate::new(
        kubernetes::JobV1SpecTemplateMetadata::new().labels(&labels),
    )
    .spec(pod);
    kubernetes::JobV1::new(
        "database",
        kubernetes::JobV1Metadata::new()
            .name(tfmodgen::template([
                (&names.environment).into(),
                "-database-".into(),
                (&inputs.secrets_version).into(),
            ]))
            .namespace(base.attribute::<Str>("postgresql_namespace"))
            .labels(&names.labels),
        kubernetes::JobV1Spec::new(template)
            .backoff_limit(3)
            .active_deadline_seconds(180),
    )
    .comment("The job runs in the namespace of the database, so the namespace of the environment does not contain the password of the administrator. A new number of the secret values runs the job again.")
    .wait_for_completion(true)
    .timeouts(kubernetes::JobV1Timeouts::new().create("4m").update("4m"))
}

/// Returns the labels of a pod that connects to the database.
fn client_labels() -> Expr<Map<Str>> {
    [
        ("app.kubernetes.io/name", "database"),
        ("database-client", "true"),
    ]
    .into_expr()
}

fn quantities(pairs: [(&str, &str); 2]) -> Expr<Map<Str>> {
    pairs.into_expr()
}

/// Returns the command that runs SQL commands.
fn command(script: &str) -> Expr<List<Str>> {
    let run = format!("psql --no-psqlrc --quiet <<'SQL'\n{script}SQL\n");
    ["sh", "-ec"]
        .map(str::to_owned)
        .into_iter()
        .chain([run])
        .collect::<Vec<_>>()
        .into_expr()
}

/// Returns the environment variables that are not secret.
fn plain(inputs: &Inputs<Declared>, names: &Names) -> [(&'static str, Expr<Str>); 5] {
    let base = &inputs.base;
    [
        ("PGHOST", base.attribute("postgresql_host")),
        (
            "PGPORT",
            tostring(base.attribute::<Num>("postgresql_port").any()),
        ),
        ("PGSSLMODE", base.attribute("postgresql_sslmode")),
        ("PGDATABASE", base.attribute("postgresql_database")),
        ("DATABASE_NAME", (*names.database).clone()),
    ]
}

/// Returns the job that Helm runs before it deletes the release.
fn removal(inputs: &Inputs<Declared>, names: &Names) -> Expr<Object> {
    let pod = object_value([
        entry("automountServiceAccountToken", false),
        entry("enableServiceLinks", false),
        entry("restartPolicy", "Never"),
        entry("securityContext", pod_security_context(70)),
        entry("containers", [removal_container(inputs, names)]),
    ]);
    let labels = merge([(*names.labels).clone(), client_labels()]);
    let hooks = object_value([
        entry("helm.sh/hook", "pre-delete"),
        entry(
            "helm.sh/hook-delete-policy",
            "before-hook-creation,hook-succeeded",
        ),
    ]);
    let own = metadata(
        suffixed(names, "-database-removal"),
        inputs.base.attribute::<Str>("postgresql_namespace"),
        &names.labels,
    )
    .into_iter()
    .chain([entry("annotations", hooks)])
    .collect::<Vec<Entry>>();
    let template = object_value([
        entry("metadata", object_value([entry("labels", labels)])),
        entry("spec", pod),
    ]);
    object_value([
        entry("apiVersion", "batch/v1"),
        entry("kind", "Job"),
        entry("metadata", object_value(own)),
        entry(
            "spec",
            object_value([
                entry("backoffLimit", 3),
                entry("activeDeadlineSeconds", 180),
                entry("template", template),
            ]),
        ),
    ])
}

fn removal_container(inputs: &Inputs<Declared>, names: &Names) -> Expr<Object> {
    let base = &inputs.base;
    let secret = |name: &str, key: &str| {
        let reference = object_value([
            entry("name", base.attribute::<Str>("postgresql_admin_secret")),
            entry("key", key),
        ]);
        let from = object_value([entry("secretKeyRef", reference)]);
        object_value([entry("name", name), entry("valueFrom", from)])
    };
    let env: Vec<Expr<Object>> = plain(inputs, names)
        .into_iter()
        .map(|(name, value)| object_value([entry("name", name), entry("value", value)]))
        .chain([
            secret("PGUSER", "username"),
            secret("PGPASSWORD", "password"),
        ])
        .collect();
    let resources = object_value([
        entry("requests", quantities(REQUESTS)),
        entry("limits", quantities(LIMITS)),
    ]);
    object_value([
        entry("name", "database"),
        entry("image", base.attribute::<Str>("postgresql_image")),
        entry("imagePullPolicy", "IfNotPresent"),
        entry("command", command(DROP)),
        entry("env", env),
        entry("resources", resources),
        entry("securityContext", security_context()),
    ])
}
