//! An Aurora PostgreSQL cluster with Serverless v2 instances. RDS generates, stores, and rotates the password of the
//! master user, so that no password is stored in state.

use aws_blocks as aws;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Variable};
use tfschema::Number;

use crate::aws::conventions::{Conventions, Identity, MAIN, module};
use crate::aws::fragments::database_access::{Groups, PORT, groups};
use crate::aws::fragments::log_group::LogSettings;
use crate::aws::inputs::{
    deletion_protection, kms_key_arn, log_retention_days, only_in_aws, prefix, subnet_ids, tags,
    vpc_id, whole,
};
use crate::aws::mocks::{Mock, mock};

/// Database engine.
const ENGINE: &str = "aurora-postgresql";

/// Names that a package uses for the database.
pub(crate) struct Options {
    /// Name of the database that RDS creates.
    pub(crate) database_name: &'static str,
    /// Name of the master user.
    pub(crate) user_name: &'static str,
}

/// Returns the part.
pub(crate) fn aurora(to: &Conventions, options: &Options) -> Part<Inputs, Outputs> {
    let mut m = module(
        "database",
        "An Aurora PostgreSQL cluster with Serverless v2 capacity, and a security group for its clients. RDS manages and rotates the password.",
    );
    let inputs = Inputs::declare(&mut m, to);
    let own = Identity::of(&inputs.name, &inputs.tags);

    let groups = groups(&mut m, &own, &inputs.vpc_id);
    let cluster = cluster(&mut m, &own, &inputs, options, &groups);
    let instances = instances(&mut m, &own, &inputs, &cluster);
    let secret = cluster
        .master_user_secret()
        .at(0)
        .attribute::<Str>("secret_arn");

    mock(&mut m, to, &[Mock::Partition, Mock::DatabaseCluster]);
    scenarios(&mut m, &inputs, &cluster);
    let outputs = Outputs {
        endpoint: output(cluster.endpoint()).depends_on(&instances),
        reader_endpoint: output(cluster.reader_endpoint()).depends_on(&instances),
        port: output(cluster.port()),
        database_name: output(cluster.database_name()),
        cluster_identifier: output(cluster.cluster_identifier()),
        secret_arn: output(secret),
        client_security_group_id: output(groups.client.id()),
        security_group_id: output(groups.database.id()),
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
        optional database: Object = settings(input),
        optional log_retention_days: Num = log_retention_days(input),
        optional deletion_protection: Bool = deletion_protection(input, to),
    }
}

tfmodgen::outputs! {
    /// Outputs of the database.
    pub(crate) struct Outputs {
        /// Host name of the writer.
        endpoint: Str,
        /// Host name for read-only connections.
        reader_endpoint: Str,
        /// Port of the database.
        port: Num,
        /// Name of the database.
        database_name: Str,
        /// Identifier of the cluster.
        cluster_identifier: Str,
        /// ARN of the secret with the user name and the password, which RDS rotates.
        secret_arn: Str,
        /// ID of the security group whose members can connect to the database.
        client_security_group_id: Str,
        /// ID of the security group that is attached to the database.
        security_group_id: Str,
    }
}

/// Returns half of an Aurora capacity unit, which is the increment of the capacity.
fn half() -> Number {
    Number::from_f64(0.5).unwrap_or_else(|_| Number::from(1_i64))
}

/// Returns whether a capacity is a multiple of half a unit.
fn in_steps(capacity: &Expr<Num>) -> Expr<Bool> {
    floor(capacity * 2).equals(capacity * 2)
}

/// Declares the database settings. The limits are from "Requirements and limitations for Aurora Serverless v2" and
/// "Scaling to zero ACUs", Aurora user guide.
fn settings(input: NewInput<'_>) -> Variable<Object> {
    let number_of = |database: &Expr<Object>, name: &str| -> Expr<Num> { database.attribute(name) };
    let with = |name: &str, value: Expr<Any>| object_value([entry(name, value)]);
    let all = |least: Number, most: i64| {
        object_value([
            entry("min_acu", least),
            entry("max_acu", most),
            entry("instances", 1),
            entry("engine_version", "16"),
            entry("backup_retention_days", 7),
            entry("final_snapshot", false),
        ])
    };
    input
        .declare(
            object()
                .optional_or("min_acu", number(), half())
                .optional_or("max_acu", number(), 2)
                .optional("seconds_until_auto_pause", number())
                .optional_or("instances", number(), 1)
                .optional_or("engine_version", string(), "16")
                .optional_or("backup_retention_days", number(), 7)
                .optional_or("final_snapshot", bool(), false),
        )
        .describe("Database settings: minimum and maximum Aurora capacity units (ACU), seconds without connections after which the database pauses, number of instances, PostgreSQL major version, backup retention in days, and whether destroying the database creates a final snapshot. To let the database pause, set `min_acu` to 0. A pool of idle connections prevents pauses.")
        .default(all(half(), 2))
        .validate(
            |database| {
                let least = number_of(database, "min_acu");
                let most = number_of(database, "max_acu");
                in_steps(&least)
                    .and(in_steps(&most))
                    .and(least.at_least(0))
                    .and(most.at_least(1))
                    .and(most.at_most(256))
                    .and(least.at_most(&most))
            },
            "The values of database.min_acu and database.max_acu must be multiples of 0.5. The minimum must be from 0 to the maximum, and the maximum must be from 1 to 256.",
        )
        .refuses(all(half(), 300))
        .refuses(all(Number::from(3_i64), 2))
        .refuses(with("min_acu", Number::from_f64(0.7).unwrap_or_else(|_| Number::from(-1_i64)).into_expr()))
        .validate(
            |database| {
                let pause = number_of(database, "seconds_until_auto_pause");
                let least = number_of(database, "min_acu");
                conditional(
                    pause.is_null(),
                    true,
                    r#try([whole(&pause, 300, 86_400).and(least.equals(0)), false.into_expr()]),
                )
            },
            "The value of database.seconds_until_auto_pause must be null or an integer from 300 to 86400, and requires min_acu = 0.",
        )
        .refuses(with("seconds_until_auto_pause", 300.into_expr()))
        .validate(
            |database| whole(&number_of(database, "instances"), 1, 15),
            "The value of database.instances must be an integer from 1 to 15.",
        )
        .refuses(with("instances", 0.into_expr()))
        .validate(
            |database| matches("^1[4-7]$", database.attribute::<Str>("engine_version")),
            "The value of database.engine_version must be a PostgreSQL major version from 14 to 17. RDS selects the minor version.",
        )
        .refuses(with("engine_version", "16.4".into_expr()))
        .validate(
            |database| whole(&number_of(database, "backup_retention_days"), 1, 35),
            "The value of database.backup_retention_days must be an integer from 1 to 35.",
        )
        .refuses(with("backup_retention_days", 0.into_expr()))
}

fn cluster(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    options: &Options,
    groups: &Groups,
) -> aws::RdsClusterReference {
    m.file(MAIN);
    let setting = |name: &str| inputs.database.attribute::<Any>(name);
    let major: Expr<Str> = inputs.database.attribute("engine_version");
    let subnets = aws::DbSubnetGroup::new("this", &inputs.subnet_ids)
        .name(&own.name)
        .description("Private subnets for the database.")
        .tags(own.tagged(""));
    let subnets = only_in_aws(m, subnets);
    let subnets = m.resource(subnets);
    let parameters = parameters(m, own, &major);
    let logs = LogSettings {
        retention_days: &inputs.log_retention_days,
        kms_key_arn: &inputs.kms_key_arn,
        tags: &own.tags,
    };
    let logs = m.resource(
        logs.group("this")
            .comment("Declared here because RDS would otherwise create the group without a KMS key or a retention period, and a destroy operation would not delete it.")
            .name(template([
                "/aws/rds/cluster/".into(),
                (&own.name).into(),
                "/postgresql".into(),
            ])),
    );
    m.resource(
        aws::RdsCluster::new("this", ENGINE)
            .cluster_identifier(&own.name)
            .engine_mode("provisioned")
            .argument_comment("Serverless v2 instances belong to clusters with provisioned capacity.")
            .engine_version(&major)
            .argument_comment("Contains only the major version because minor version upgrades by RDS must not cause changes in a plan.")
            .allow_major_version_upgrade(true)
            .apply_immediately(true)
            .database_name(options.database_name)
            .master_username(options.user_name)
            .manage_master_user_password(true)
            .argument_comment("RDS stores the password in Secrets Manager and rotates it every seven days.")
            .master_user_secret_kms_key_id(&inputs.kms_key_arn)
            .port(PORT)
            .storage_encrypted(true)
            .kms_key_id(&inputs.kms_key_arn)
            .db_subnet_group_name(subnets.name())
            .vpc_security_group_ids([groups.database.id()])
            .db_cluster_parameter_group_name(parameters.name())
            .iam_database_authentication_enabled(true)
            .backup_retention_period(setting("backup_retention_days").typed::<Num>())
            .copy_tags_to_snapshot(true)
            .enabled_cloudwatch_logs_exports(["postgresql"])
            .deletion_protection(&inputs.deletion_protection)
            .skip_final_snapshot(!&setting("final_snapshot").typed::<Bool>())
            .final_snapshot_identifier(template([
                (&own.name).into(),
                "-final-".into(),
                formatdate("YYYYMMDDhhmmss", plantimestamp()).into(),
            ]))
            .argument_comment("Includes the time because final snapshots of later databases must have different names.")
            .tags(own.tagged(""))
            .serverlessv2_scaling_configuration(
                aws::RdsClusterServerlessv2ScalingConfiguration::new(
                    setting("max_acu").typed::<Num>(),
                    setting("min_acu").typed::<Num>(),
                )
                .seconds_until_auto_pause(setting("seconds_until_auto_pause").typed::<Num>()),
            )
            .ignore_changes("final_snapshot_identifier")
            .lifecycle_comment("Changes to this argument are ignored because the snapshot name contains the plan time.")
            .depends_on(&logs),
    )
}

/// Declares the parameter group, which requires TLS.
fn parameters(
    m: &mut Module,
    own: &Identity,
    major: &Expr<Str>,
) -> aws::RdsClusterParameterGroupReference {
    m.resource(
        aws::RdsClusterParameterGroup::new("this", template([ENGINE.into(), major.into()]))
            .name(template([
                (&own.name).into(),
                "-postgres".into(),
                major.into(),
            ]))
            .description("Connections with TLS only.")
            .parameter(
                aws::RdsClusterParameterGroupParameter::new("rds.force_ssl", "1")
                    .apply_method("pending-reboot"),
            )
            .tags(&own.tags)
            .create_before_destroy()
            .lifecycle_comment(
                "A new major version requires a new parameter group while the old group is in use.",
            ),
    )
}

/// Declares the instances. Instance 1 is the first writer.
fn instances(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    cluster: &aws::RdsClusterReference,
) -> tfmodgen::Many<aws::RdsClusterInstanceReference> {
    let count: Expr<Num> = inputs.database.attribute("instances");
    let numbers = range(count).map("index", |index| tostring(index + 1));
    m.resource(
        aws::RdsClusterInstance::new("this", cluster.id(), ENGINE, "db.serverless").for_each(
            toset::<Str>(numbers),
            |instance, each| {
                instance
                    .identifier(own.named_after(each.key()))
                    .engine_version(cluster.engine_version())
                    .apply_immediately(true)
                    .auto_minor_version_upgrade(true)
                    .publicly_accessible(false)
                    .performance_insights_enabled(true)
                    .performance_insights_kms_key_id(&inputs.kms_key_arn)
                    .copy_tags_to_snapshot(true)
                    .tags(own.tagged_as(own.named_after(each.key())))
            },
        ),
    )
}

/// Declares the scenarios.
fn scenarios(m: &mut Module, inputs: &Inputs<Declared>, cluster: &aws::RdsClusterReference) {
    let scaling = cluster.serverlessv2_scaling_configuration();
    let capacity = |name: &str| scaling.attribute::<Num>(name);
    m.scenario("capacity_is_half_a_unit_to_two_units", |plan| {
        plan.expect(
            capacity("min_capacity")
                .equals(half())
                .and(capacity("max_capacity").equals(2)),
            "The capacity must be 0.5 to 2 ACU.",
        )
    });
    m.scenario("database_with_a_minimum_of_zero_can_pause", |plan| {
        plan.given(
            &inputs.database,
            object_value([entry("min_acu", 0), entry("seconds_until_auto_pause", 600)]),
        )
        .expect(
            capacity("seconds_until_auto_pause").equals(600),
            "The database must pause.",
        )
    });
}
