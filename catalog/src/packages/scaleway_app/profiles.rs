//! Sizes and retention periods of each environment, in one table, and the input that overrides single values.

use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local, Variable};

use super::Inputs;
use crate::scaleway::inputs::whole;

/// Smallest and largest CPU limit of a container, in mvCPU.
const MVCPU: [i64; 2] = [100, 4000];
/// Smallest and largest memory limit of a container, in MB.
const MEMORY: [i64; 2] = [128, 8192];
/// Most MB of memory for each mvCPU. The least is one MB.
const MEMORY_PER_MVCPU: i64 = 4;
/// Most instances of a container. Source: "Containers limitations", Serverless Containers documentation.
const INSTANCES: i64 = 50;
/// Most concurrent requests for each instance. Source: "Containers limitations", Serverless Containers documentation.
const CONCURRENCY: i64 = 80;
/// Smallest and largest volume of a database, in GB.
const VOLUME: [i64; 2] = [5, 500];
/// Step of the volume of a database, in GB. Source: `volume_size_in_gb` of `scaleway_rdb_instance`, source of the provider.
const VOLUME_STEP: i64 = 5;
/// Shortest and longest retention, in days.
const DAYS: [i64; 2] = [1, 365];
/// Message for a CPU limit and a memory limit that do not match.
const PAIR: &str = "Scaleway requires between 1 and 4 MB of memory for each mvCPU, and at least 128 MB: 250 mvCPU allow 250 to 1000 MB, and 2000 mvCPU allow 2000 to 8000 MB.";

/// Values of an environment.
struct Profile {
    environment: &'static str,
    container_mvcpu: i64,
    container_memory_mb: i64,
    container_min_scale: i64,
    container_max_scale: i64,
    container_concurrency: i64,
    database_engine: &'static str,
    database_node_type: &'static str,
    database_high_availability: bool,
    database_volume_gb: i64,
    database_backup_days: i64,
    bucket_noncurrent_days: i64,
    log_retention_days: i64,
    metrics_retention_days: i64,
    monitoring: bool,
}

/// Small limits, without monitoring. The container stops when it receives no requests.
const DEV: Profile = Profile {
    environment: "dev",
    container_mvcpu: 250,
    container_memory_mb: 512,
    container_min_scale: 0,
    container_max_scale: 2,
    container_concurrency: 20,
    database_engine: "PostgreSQL-16",
    database_node_type: "DB-PLAY2-PICO",
    database_high_availability: false,
    database_volume_gb: 10,
    database_backup_days: 3,
    bucket_noncurrent_days: 7,
    log_retention_days: 7,
    metrics_retention_days: 7,
    monitoring: false,
};

/// High availability and long retention.
const PRODUCTION: Profile = Profile {
    environment: "production",
    container_mvcpu: 1000,
    container_memory_mb: 2048,
    container_min_scale: 2,
    container_max_scale: 10,
    container_concurrency: 50,
    database_engine: "PostgreSQL-16",
    database_node_type: "DB-PRO2-XXS",
    database_high_availability: true,
    database_volume_gb: 50,
    database_backup_days: 30,
    bucket_noncurrent_days: 90,
    log_retention_days: 30,
    metrics_retention_days: 31,
    monitoring: true,
};

/// Like production, but with one database node and shorter retention.
const STAGING: Profile = Profile {
    environment: "staging",
    container_min_scale: 1,
    database_high_availability: false,
    database_backup_days: 7,
    bucket_noncurrent_days: 30,
    log_retention_days: 14,
    metrics_retention_days: 14,
    ..PRODUCTION
};

/// Names of the environments.
pub(super) const ENVIRONMENTS: [&str; 3] =
    [DEV.environment, STAGING.environment, PRODUCTION.environment];

/// Names of the settings with a number.
const NUMBERS: [&str; 10] = [
    "container_mvcpu",
    "container_memory_mb",
    "container_min_scale",
    "container_max_scale",
    "container_concurrency",
    "database_volume_gb",
    "database_backup_days",
    "bucket_noncurrent_days",
    "log_retention_days",
    "metrics_retention_days",
];
/// Names of the settings with a text.
const TEXTS: [&str; 2] = ["database_engine", "database_node_type"];
/// Names of the settings with a bool.
const BOOLS: [&str; 2] = ["database_high_availability", "monitoring"];

impl Profile {
    fn value(&self) -> Expr<Object> {
        object_value([
            entry("container_mvcpu", self.container_mvcpu),
            entry("container_memory_mb", self.container_memory_mb),
            entry("container_min_scale", self.container_min_scale),
            entry("container_max_scale", self.container_max_scale),
            entry("container_concurrency", self.container_concurrency),
            entry("database_engine", self.database_engine),
            entry("database_node_type", self.database_node_type),
            entry(
                "database_high_availability",
                self.database_high_availability,
            ),
            entry("database_volume_gb", self.database_volume_gb),
            entry("database_backup_days", self.database_backup_days),
            entry("bucket_noncurrent_days", self.bucket_noncurrent_days),
            entry("log_retention_days", self.log_retention_days),
            entry("metrics_retention_days", self.metrics_retention_days),
            entry("monitoring", self.monitoring),
        ])
    }
}

/// Values of the selected environment after the overrides.
pub(super) struct Settings(Local<Object>);

impl Settings {
    /// Declares the table and the selected values.
    pub(super) fn declare(m: &mut Module, inputs: &Inputs<Declared>) -> Self {
        let table: Expr<Map<Object>> = [DEV, STAGING, PRODUCTION]
            .map(|profile| (profile.environment, profile.value()))
            .into_expr();
        let profiles = m
            .local("profiles", table)
            .comment("Values of each environment. The input settings overrides single values.");
        let profile = m.local("profile", profiles.get(&inputs.environment));
        let names = NUMBERS.iter().chain(&TEXTS).chain(&BOOLS);
        let selected = names.map(|name| {
            let value = coalesce([
                inputs.settings.attribute::<Any>(name),
                profile.attribute::<Any>(name),
            ]);
            entry(name, value)
        });
        Self(m.local("settings", object_value(selected)))
    }

    /// Returns a number.
    pub(super) fn number(&self, name: &str) -> Expr<Num> {
        self.0.attribute(name)
    }

    /// Returns a text.
    pub(super) fn text(&self, name: &str) -> Expr<Str> {
        self.0.attribute(name)
    }

    /// Returns a bool.
    pub(super) fn bool(&self, name: &str) -> Expr<Bool> {
        self.0.attribute(name)
    }

    /// Returns all values.
    pub(super) fn all(&self) -> &Local<Object> {
        &self.0
    }

    /// Returns whether the memory limit matches the CPU limit, and the message for limits that do not match.
    pub(super) fn limits_match(&self) -> (Expr<Bool>, &'static str) {
        let [mvcpu, memory] = ["container_mvcpu", "container_memory_mb"];
        (matching(&self.number(mvcpu), &self.number(memory)), PAIR)
    }
}

/// Returns whether a memory limit matches a CPU limit. Source of the ratio: the error that the API of Serverless Containers
/// returns, "2000 mvCPU require a minimum of 2000 MB and a maximum of 8000 MB of memory".
fn matching(mvcpu: &Expr<Num>, memory: &Expr<Num>) -> Expr<Bool> {
    memory
        .at_least(mvcpu)
        .and(memory.at_most(mvcpu * MEMORY_PER_MVCPU))
}

/// Declares the input that overrides values of the profile.
pub(super) fn settings(input: NewInput<'_>) -> Variable<Object> {
    let shape = NUMBERS
        .iter()
        .fold(object(), |shape, name| shape.optional(name, number()));
    let shape = TEXTS
        .iter()
        .fold(shape, |shape, name| shape.optional(name, string()));
    let shape = BOOLS
        .iter()
        .fold(shape, |shape, name| shape.optional(name, bool()));
    let settings = input
        .declare(shape)
        .describe("Values that override the profile of the environment. The README lists the profiles. You can enable high availability of the database, but not disable it.")
        .default(object_value([]));
    let settings = in_range(settings, "container_mvcpu", MVCPU, "mvCPU");
    let settings = in_range(settings, "container_memory_mb", MEMORY, "MB");
    let settings = in_range(settings, "container_min_scale", [0, INSTANCES], "instances");
    let settings = in_range(settings, "container_max_scale", [1, INSTANCES], "instances");
    let settings = in_range(
        settings,
        "container_concurrency",
        [1, CONCURRENCY],
        "requests",
    );
    let settings = volume(settings, "database_volume_gb");
    let settings = in_range(settings, "database_backup_days", DAYS, "days");
    let settings = in_range(settings, "bucket_noncurrent_days", DAYS, "days");
    let settings = in_range(settings, "log_retention_days", DAYS, "days");
    let settings = in_range(settings, "metrics_retention_days", DAYS, "days");
    let with = |name: &str, value: &str| object_value([entry(name, value)]);
    let limits = |mvcpu: i64, memory: i64| {
        object_value([
            entry("container_mvcpu", mvcpu),
            entry("container_memory_mb", memory),
        ])
    };
    settings
        .validate(
            |settings| {
                let (mvcpu, memory): (Expr<Num>, Expr<Num>) = (
                    settings.attribute("container_mvcpu"),
                    settings.attribute("container_memory_mb"),
                );
                r#try([matching(&mvcpu, &memory), true.into_expr()])
            },
            PAIR,
        )
        .refuses(limits(100, 512))
        .refuses(limits(1000, 512))
        .refuses(limits(1000, 8192))
        .refuses(limits(4000, 2048))
        .validate(
            |settings| {
                let engine: Expr<Str> = settings.attribute("database_engine");
                engine.is_null().or(matches("^PostgreSQL-1[3-9]$", engine))
            },
            "The value of database_engine must be PostgreSQL- and a major version from 13 to 19, such as PostgreSQL-16.",
        )
        .refuses(with("database_engine", "MySQL-8"))
        .refuses(with("database_engine", "PostgreSQL-16.4"))
        .validate(
            |settings| {
                let node: Expr<Str> = settings.attribute("database_node_type");
                node.is_null().or(matches("^DB-(PLAY2|PRO2|POP2)-[A-Z0-9-]+$", node))
            },
            "The value of database_node_type must be a node type with block storage, such as DB-PRO2-XXS. It must start with DB-PLAY2-, DB-PRO2-, or DB-POP2-.",
        )
        .refuses(with("database_node_type", "DB-DEV-S"))
        .refuses(with("database_node_type", "db-pro2-xxs"))
}

/// Adds the validation of the volume, which is optional.
fn volume(settings: Variable<Object>, name: &'static str) -> Variable<Object> {
    let [least, most] = VOLUME;
    let with = |value: i64| object_value([entry(name, value)]);
    settings
        .validate(
            |settings| {
                let number: Expr<Num> = settings.attribute(name);
                let valid = whole(&number, least, most).and((&number % VOLUME_STEP).equals(0));
                r#try([valid, number.is_null()])
            },
            format!(
                "The value of {name} must be a multiple of {VOLUME_STEP} from {least} to {most} GB."
            ),
        )
        .refuses(with(least - 1))
        .refuses(with(most + 1))
}

/// Adds the validation of a number that is optional.
fn in_range(
    settings: Variable<Object>,
    name: &'static str,
    [least, most]: [i64; 2],
    unit: &str,
) -> Variable<Object> {
    let with = |value: i64| object_value([entry(name, value)]);
    settings
        .validate(
            |settings| {
                let number: Expr<Num> = settings.attribute(name);
                r#try([whole(&number, least, most), number.is_null()])
            },
            format!("The value of {name} must be an integer from {least} to {most} {unit}."),
        )
        .refuses(with(least - 1))
        .refuses(with(most + 1))
}
