//! A PostgreSQL database and a secret with its connection URL.
//!
//! The password is generated once and written to a secret, but is never stored in state or plans. The database and the
//! URL use the value from the secret. Therefore, an apply after an interruption uses the same password for the database
//! and the URL.

use aws_blocks as aws;
use aws_blocks::{data, ephemeral};
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Many, Maybe, Variable};

use crate::aws::conventions::{Conventions, Identity, MAIN, module};
use crate::aws::fragments::database_access::{Groups, PORT, groups};
use crate::aws::fragments::log_group::LogSettings;
use crate::aws::fragments::service_role::service_role;
use crate::aws::inputs::{
    NO_RECOVERY_WINDOW, ONLY_IN_AWS, account_id, deletion_protection, force_destroy, kms_key_arn,
    log_retention_days, own_kms_key_arn, prefix, subnet_ids, tags, vpc_id, whole,
};
use crate::aws::mocks::{Mock, mock};

/// Names that a package uses for the database.
pub(crate) struct Options {
    /// Name of the database that RDS creates.
    pub(crate) database_name: &'static str,
    /// Name of the master user.
    pub(crate) user_name: &'static str,
    /// Environment variable for the connection URL.
    pub(crate) url_variable: &'static str,
    /// Names of the secrets for the password and the URL, without the prefix.
    pub(crate) secrets: [&'static str; 2],
}

/// Returns the part.
pub(crate) fn database(to: &Conventions, options: &Options) -> Part<Inputs, Outputs> {
    let mut m = module(
        "database",
        "A PostgreSQL database, a security group for its clients, and a secret with the connection URL.",
    );
    let inputs = Inputs::declare(&mut m, to);
    let own = Identity::of(&inputs.name, &inputs.tags);

    let groups = groups(&mut m, &own, &inputs.vpc_id);
    let password = password(&mut m, &own, &inputs, options);
    let instance = instance(&mut m, &own, &inputs, options, &groups, &password);
    let url = url(&mut m, &own, &inputs, options, &instance, &password);

    mock(&mut m, to, &[Mock::Partition, Mock::Role]);
    let outputs = Outputs {
        host: output(instance.address()),
        port: output(instance.port()),
        database_name: output(instance.db_name()),
        identifier: output(instance.identifier()),
        client_security_group_id: output(groups.client.id()),
        security_group_id: output(groups.database.id()),
        connection_secret_name: output(url.secret.name()),
        connection_secret_arn: output(url.secret.arn()),
        connection_secret_version_id: output(url.version.version_id()),
    };
    Part::new(m, inputs, outputs)
}

tfmodgen::inputs! {
    /// Inputs for the database.
    pub(crate) struct Inputs(input, to: &Conventions) {
        required name: Str = prefix(input, to),
        optional tags: Map<Str> = tags(input),
        required vpc_id: Str = vpc_id(input, to),
        required subnet_ids: List<Str> = subnet_ids(input, "IDs of the private subnets for the database."),
        required kms_key_arn: Str = kms_key_arn(input, to),
        optional database_kms_key_arn: Str = own_kms_key_arn(
            input,
            to,
            "ARN of the KMS key that encrypts database storage and snapshots. Use a key that outlives the database. Defaults to the AWS managed key for RDS. This key cannot be deleted, so a final snapshot remains readable. Applies to new databases only.",
        ),
        required account_id: Str = account_id(input, to),
        optional database: Object = settings(input),
        optional database_password_version: Num = input
            .declare(number())
            .describe("Version of the database password. Increase it to generate and deploy a new password.")
            .default(1)
            .validate(
                |version| whole(version, 1, 1_000_000),
                "Must be an integer from 1 to 1000000.",
            )
            .refuses(0),
        optional multi_az: Bool = input
            .declare(bool())
            .describe("Whether to create a standby instance in a second Availability Zone. A standby doubles the cost of the database.")
            .default(false),
        optional log_retention_days: Num = log_retention_days(input),
        optional deletion_protection: Bool = deletion_protection(input, to),
        optional force_destroy: Bool = force_destroy(input, to),
        optional final_snapshot: Bool = input
            .declare(bool())
            .describe("Whether to create a final snapshot when the database is destroyed. Defaults to `true` unless `force_destroy` is `true`.")
            .nullable(),
    }
}

tfmodgen::outputs! {
    /// Outputs of the database.
    pub(crate) struct Outputs {
        /// Host name of the database.
        host: Str,
        /// Port of the database.
        port: Num,
        /// Name of the database.
        database_name: Str,
        /// Identifier of the database instance.
        identifier: Str,
        /// ID of the security group whose members can connect to the database.
        client_security_group_id: Str,
        /// ID of the security group that is attached to the database.
        security_group_id: Str,
        /// Name of the secret that contains the connection URL of the database.
        connection_secret_name: Str,
        /// ARN of the secret that contains the connection URL of the database.
        connection_secret_arn: Str,
        /// Version ID of the secret. Use it to start a rollout after the password changes.
        connection_secret_version_id: Str,
    }
}

/// Declares the database settings.
fn settings(input: NewInput<'_>) -> Variable<Object> {
    let settings = |class: &str, storage: i32, most: i32, version: &str, days: i32| {
        object_value([
            entry("instance_class", class),
            entry("allocated_storage_gib", storage),
            entry("max_allocated_storage_gib", most),
            entry("engine_version", version),
            entry("backup_retention_days", days),
            entry("monitoring_interval_seconds", 60),
        ])
    };
    input.declare(
        object()
            .optional_or("instance_class", string(), "db.t4g.micro")
            .optional_or("allocated_storage_gib", number(), 20)
            .optional_or("max_allocated_storage_gib", number(), 100)
            .optional_or("engine_version", string(), "17")
            .optional_or("backup_retention_days", number(), 7)
            .optional_or("monitoring_interval_seconds", number(), 60),
    )
    .describe(
        "Database settings: instance class, storage in GiB, maximum storage for autoscaling, PostgreSQL major version, backup retention in days, and Enhanced Monitoring interval in seconds (0 disables monitoring).",
    )
    .default(settings("db.t4g.micro", 20, 100, "17", 7))
    .validate(
        |database| matches("^db[.][a-z0-9-]+[.][a-z0-9]+$", database.attribute::<Str>("instance_class")),
        "The value of database.instance_class must be an RDS instance class, such as db.t4g.micro.",
    )
    .refuses(settings("t4g.micro", 20, 100, "17", 7))
    .validate(
        |database| whole(&database.attribute("allocated_storage_gib"), 20, 65_536),
        "The value of database.allocated_storage_gib must be an integer from 20 to 65536 (GiB).",
    )
    .refuses(settings("db.t4g.micro", 10, 100, "17", 7))
    .validate(
        |database| {
            let storage: Expr<Num> = database.attribute("allocated_storage_gib");
            let most: Expr<Num> = database.attribute("max_allocated_storage_gib");
            whole(&most, 22, 65_536).and((most * 10).at_least(storage * 11))
        },
        "The value of database.max_allocated_storage_gib must be an integer up to 65536 (GiB) and exceed allocated_storage_gib by at least 10 percent.",
    )
    .refuses(settings("db.t4g.micro", 100, 100, "17", 7))
    .validate(
        |database| matches("^1[4-8]$", database.attribute::<Str>("engine_version")),
        "The value of database.engine_version must be a PostgreSQL major version from 14 to 18. RDS selects the minor version.",
    )
    .refuses(settings("db.t4g.micro", 20, 100, "17.2", 7))
    .validate(
        |database| whole(&database.attribute("backup_retention_days"), 1, 35),
        "The value of database.backup_retention_days must be an integer from 1 to 35.",
    )
    .refuses(settings("db.t4g.micro", 20, 100, "17", 0))
    .validate(
        |database| {
            contains::<Num>(
                [0, 1, 5, 10, 15, 30, 60],
                database.attribute::<Num>("monitoring_interval_seconds"),
            )
        },
        "The value of database.monitoring_interval_seconds must be 0, 1, 5, 10, 15, 30, or 60.",
    )
    .refuses(object_value([entry("monitoring_interval_seconds", 2)]))
}

/// The password that is read from the secret.
struct Password {
    version: Expr<Num>,
    read: Expr<Str>,
}

fn password(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    options: &Options,
) -> Password {
    m.file("password");
    let random = m.ephemeral(
        ephemeral::SecretsmanagerRandomPassword::new("this")
            .comment("The value changes in every run. Only a new version of the secret uses it.")
            .password_length(40)
            .exclude_punctuation(true)
            .argument_comment(
                "40 letters and digits have 238 bits of entropy and do not require escaping in URLs.",
            ),
    );
    let secret = m.resource(
        aws::SecretsmanagerSecret::new("password")
            .name(own.with(options.secrets[0]))
            .description("Database password. The database and the connection URL use it.")
            .kms_key_id(&inputs.kms_key_arn)
            .recovery_window_in_days(NO_RECOVERY_WINDOW)
            .tags(&own.tags),
    );
    let version = m.resource(
        aws::SecretsmanagerSecretVersion::new("password", secret.id())
            .secret_string_wo(random.random_password())
            .secret_string_wo_version(&inputs.database_password_version)
            .create_before_destroy()
            .lifecycle_comment(
                "Otherwise, the secret would not have a value during the replacement.",
            ),
    );
    let read = m.ephemeral(
        ephemeral::SecretsmanagerSecretVersion::new("password", secret.id())
            .comment("Reads the stored password so that an apply after an interruption uses the same password.")
            .version_id(version.version_id()),
    );
    Password {
        version: version.secret_string_wo_version(),
        read: read.secret_string(),
    }
}

fn instance(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    options: &Options,
    groups: &Groups,
    password: &Password,
) -> aws::DbInstanceReference {
    m.file(MAIN);
    let setting = |name: &str| inputs.database.attribute::<Any>(name);
    let major: Expr<Str> = inputs.database.attribute("engine_version");
    let partition = m.data(data::Partition::new("current"));
    let subnets = m.resource(
        aws::DbSubnetGroup::new("this", &inputs.subnet_ids)
            .name(&own.name)
            .description("Private subnets for the database.")
            .tags(own.tagged(""))
            .precondition(partition.partition().equals("aws"), ONLY_IN_AWS),
    );
    let parameters = parameters(m, own, &major);
    let logs = logs(m, own, inputs);
    let monitoring = monitoring(m, own, inputs, &partition);
    m.resource(
        aws::DbInstance::new("this", setting("instance_class").typed::<Str>())
            .identifier(&own.name)
            .engine("postgres")
            .engine_version(&major)
            .argument_comment("Contains only the major version because minor version upgrades by RDS must not cause changes in a plan.")
            .auto_minor_version_upgrade(true)
            .allow_major_version_upgrade(true)
            .apply_immediately(true)
            .argument_comment("Changes are applied immediately instead of in the next maintenance window.")
            .db_name(options.database_name)
            .username(options.user_name)
            .password_wo(&password.read)
            .password_wo_version(&password.version)
            .port(PORT)
            .allocated_storage(setting("allocated_storage_gib").typed::<Num>())
            .max_allocated_storage(setting("max_allocated_storage_gib").typed::<Num>())
            .storage_type("gp3")
            .storage_encrypted(true)
            .kms_key_id(&inputs.database_kms_key_arn)
            .multi_az(&inputs.multi_az)
            .db_subnet_group_name(subnets.name())
            .vpc_security_group_ids([groups.database.id()])
            .publicly_accessible(false)
            .parameter_group_name(parameters.name())
            .iam_database_authentication_enabled(true)
            .backup_retention_period(setting("backup_retention_days").typed::<Num>())
            .copy_tags_to_snapshot(true)
            .deletion_protection(&inputs.deletion_protection)
            .skip_final_snapshot(conditional(
                inputs.final_snapshot.is_null(),
                &inputs.force_destroy,
                !&*inputs.final_snapshot,
            ))
            .final_snapshot_identifier(template([
                (&own.name).into(),
                "-final-".into(),
                formatdate("YYYYMMDDhhmmss", plantimestamp()).into(),
            ]))
            .argument_comment("Includes the time because final snapshots of later databases must have different names.")
            .engine_lifecycle_support("open-source-rds-extended-support-disabled")
            .argument_comment("Extended support costs more than the database. Upgrade to a new major version before the end of standard support instead. RDS applies this setting to new databases only.")
            .enabled_cloudwatch_logs_exports(keys::<Object>(logs.object().typed::<Map<Object>>()))
            .performance_insights_enabled(true)
            .performance_insights_kms_key_id(&inputs.kms_key_arn)
            .monitoring_interval(setting("monitoring_interval_seconds").typed::<Num>())
            .monitoring_role_arn(monitoring.role.one(|role| role.arn()))
            .tags(own.tagged(""))
            .ignore_changes("final_snapshot_identifier")
            .ignore_changes("engine_lifecycle_support")
            .ignore_changes("kms_key_id")
            .lifecycle_comment("Changes to these arguments are ignored: the snapshot name contains the plan time, RDS does not change the extended support setting of an existing database, and a different KMS key would replace the database.")
            .depends_on(&monitoring.attachment),
    )
}

fn parameters(m: &mut Module, own: &Identity, major: &Expr<Str>) -> aws::DbParameterGroupReference {
    let parameter = |name: &str, value: &str| aws::DbParameterGroupParameter::new(name, value);
    m.resource(
        aws::DbParameterGroup::new("this", template(["postgres".into(), major.into()]))
            .name(template([
                (&own.name).into(),
                "-postgres".into(),
                major.into(),
            ]))
            .description(
                "Connections with TLS only; slow statements and changes of the schema are logged.",
            )
            .comment("Contrary to the description, slow statements are not logged. Changing the description would replace the group.")
            .parameter(
                parameter("rds.force_ssl", "1")
                    .apply_method("pending-reboot")
                    .argument_comment("The apply method in the RDS default groups. Any other method causes a change in every plan."),
            )
            .parameter(
                parameter("log_statement", "none")
                    .argument_comment("Statements that set a role's password contain the password."),
            )
            .parameter(
                parameter("log_min_error_statement", "panic")
                    .argument_comment("Otherwise, PostgreSQL would log the same statements when they fail."),
            )
            .parameter(
                parameter("log_min_duration_statement", "-1")
                    .argument_comment("Disables logging of slow statements. Performance Insights shows them."),
            )
            .tags(&own.tags)
            .create_before_destroy()
            .lifecycle_comment(
                "A new major version requires a new parameter group while the old group is in use.",
            ),
    )
}

fn logs(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
) -> Many<aws::CloudwatchLogGroupReference> {
    let settings = LogSettings {
        retention_days: &inputs.log_retention_days,
        kms_key_arn: &inputs.kms_key_arn,
        tags: &own.tags,
    };
    m.resource(
        settings
            .group("this")
            .comment("Declared here because RDS would otherwise create the groups without a KMS key or a retention period, and a destroy operation would not delete them.")
            .for_each(toset::<Str>(["postgresql", "upgrade"]), |group, each| {
                group.name(template([
                    "/aws/rds/instance/".into(),
                    (&own.name).into(),
                    "/".into(),
                    each.key().into(),
                ]))
            }),
    )
}

struct Monitoring {
    role: Maybe<aws::IamRoleReference>,
    attachment: Maybe<aws::IamRolePolicyAttachmentReference>,
}

fn monitoring(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    partition: &data::PartitionReference,
) -> Monitoring {
    let interval: Expr<Num> = inputs.database.attribute("monitoring_interval_seconds");
    let wanted = m.local("has_monitoring", interval.differs(0)).comment(
        "RDS creates the log group RDSOSMetrics, which all databases in the account and region share.",
    );
    let service = "monitoring.rds.amazonaws.com";
    let suffix = "-database-monitoring";
    let role = service_role("monitoring", own, suffix, service, &inputs.account_id);
    let role = m.resource(role.when(&wanted));
    let attachment = m.resource(
        aws::IamRolePolicyAttachment::new(
            "monitoring",
            template([
                "arn:".into(),
                partition.partition().into(),
                ":iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole".into(),
            ]),
            role.assumed().name(),
        )
        .when(&wanted),
    );
    Monitoring { role, attachment }
}

struct Url {
    secret: aws::SecretsmanagerSecretReference,
    version: aws::SecretsmanagerSecretVersionReference,
}

fn url(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    options: &Options,
    instance: &aws::DbInstanceReference,
    password: &Password,
) -> Url {
    m.file("connection");
    let secret = m.resource(
        aws::SecretsmanagerSecret::new("url")
            .name(own.with(options.secrets[1]))
            .description(format!(
                "Connection URL for the database, for the environment variable {}.",
                options.url_variable
            ))
            .kms_key_id(&inputs.kms_key_arn)
            .recovery_window_in_days(NO_RECOVERY_WINDOW)
            .tags(&own.tags),
    );
    let version = m.resource(
        aws::SecretsmanagerSecretVersion::new("url", secret.id())
            .comment("Refers to the database because the URL must be written after the database has the password.")
            .secret_string_wo(template([
                "postgresql://".into(),
                urlencode(instance.username()).into(),
                ":".into(),
                urlencode(&password.read).into(),
                "@".into(),
                instance.address().into(),
                ":".into(),
                instance.port().into(),
                "/".into(),
                instance.db_name().into(),
                "?sslmode=require".into(),
            ]))
            .secret_string_wo_version(&password.version)
            .create_before_destroy()
            .lifecycle_comment("Tasks that start during the replacement read either the old or the new version."),
    );
    Url { secret, version }
}
