//! Conversion of container log configurations to and from SDK types.

use aws_sdk_ecs::types as ecs;

use crate::ecs::definition::Log;

// Modeled options for the `awslogs` driver.
const GROUP: &str = "awslogs-group";
const REGION: &str = "awslogs-region";
const STREAM_PREFIX: &str = "awslogs-stream-prefix";
const MODE: &str = "mode";

pub(super) fn log_configuration(wanted: &Log) -> ecs::LogConfiguration {
    let builder = ecs::LogConfiguration::builder().log_driver(ecs::LogDriver::Awslogs);
    let builder = match &wanted.mode {
        Some(mode) => builder.options(MODE, mode),
        None => builder,
    };
    builder
        .options(GROUP, &wanted.group)
        .options(REGION, &wanted.region)
        .options(STREAM_PREFIX, &wanted.stream_prefix)
        .build()
        .expect("the log driver must be set")
}

/// Returns the log configuration if its driver is `awslogs` and all its options are modeled.
pub(super) fn canonical_log(found: &ecs::LogConfiguration) -> Option<Log> {
    let options = found.options.as_ref()?;
    let modelled = [GROUP, REGION, STREAM_PREFIX, MODE];
    let ours = found.log_driver == ecs::LogDriver::Awslogs
        && found.secret_options.as_ref().is_none_or(Vec::is_empty)
        && options.keys().all(|key| modelled.contains(&key.as_str()));
    let option = |key: &str| options.get(key).cloned();
    ours.then(|| Log {
        group: option(GROUP).unwrap_or_default(),
        region: option(REGION).unwrap_or_default(),
        stream_prefix: option(STREAM_PREFIX).unwrap_or_default(),
        mode: option(MODE),
    })
}
