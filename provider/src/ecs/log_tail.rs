//! Last log lines of failed tasks. Log lines are an optional part of an error: logs that cannot be read are recorded as
//! unavailable.

use super::api::{EcsApi, LogGroup, StoppedTask};
use super::clock::Clock;
use super::definition::{Log, TaskDefinition};
use super::evidence::Evidence;
use super::rollout::Deployer;
use super::target::Target;
use super::verdict::LogTail;
use crate::aws::arn::Arn;

/// Maximum number of failure kinds whose logs are shown.
const SAMPLES: usize = 3;
/// Maximum number of characters in a line.
const LINE: usize = 300;

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Returns the last log lines from one task for each kind of failure. `log_lines` in the target limits the total
    /// number of lines.
    pub(super) async fn log_tails(&self, target: &Target, evidence: &mut Evidence) -> Vec<LogTail> {
        let samples: Vec<StoppedTask> = evidence.samples().into_iter().take(SAMPLES).collect();
        if target.log_lines == 0 || samples.is_empty() {
            return Vec::new();
        }
        let definition = match self.api.revision(&target.task_definition).await {
            Ok(Some(revision)) => revision.definition,
            Ok(None) => return Vec::new(),
            Err(error) => {
                evidence.note_unavailable(&format!("the logs ({error})"));
                return Vec::new();
            }
        };
        let streams = streams(&samples, &definition);
        let mut left = target.log_lines;
        let mut tails = Vec::new();
        for (index, stream) in streams.iter().enumerate() {
            let others = u32::try_from(streams.len() - index).unwrap_or(u32::MAX);
            let share = left.div_ceil(others);
            if share == 0 {
                break;
            }
            let group = LogGroup {
                name: stream.log.group.clone(),
                region: stream.log.region.clone(),
            };
            match self.api.log_tail(&group, &stream.name(), share).await {
                Ok(lines) if lines.is_empty() => {}
                Ok(lines) => {
                    let lines: Vec<String> = lines.iter().map(|line| printable(line)).collect();
                    left = left.saturating_sub(u32::try_from(lines.len()).unwrap_or(u32::MAX));
                    tails.push(LogTail {
                        container: stream.container.clone(),
                        task: stream.task.clone(),
                        lines,
                    });
                }
                Err(error) => evidence.note_unavailable(&format!(
                    "the log of container {} in {} ({error})",
                    stream.container, group.name
                )),
            }
        }
        tails
    }
}

/// Log stream for a container in a task.
struct Stream {
    container: String,
    task: String,
    log: Log,
}

impl Stream {
    /// Returns the name of the stream. Source: "awslogs-stream-prefix", Amazon ECS Developer Guide.
    fn name(&self) -> String {
        let Self {
            container,
            task,
            log,
        } = self;
        format!("{}/{container}/{task}", log.stream_prefix)
    }
}

/// Returns the streams for the containers that have run. Containers that never started have no stream.
fn streams(tasks: &[StoppedTask], definition: &TaskDefinition) -> Vec<Stream> {
    let own = &definition.container;
    let log_of = |name: &str| {
        let container = if own.name == name {
            Some(own)
        } else {
            definition.sidecars.get(name)
        };
        container?.log.clone()
    };
    let mut found = Vec::new();
    for task in tasks {
        let ran = task
            .containers
            .iter()
            .filter(|container| container.exit_code.is_some());
        found.extend(ran.filter_map(|container| {
            Some(Stream {
                log: log_of(&container.name)?,
                container: container.name.clone(),
                task: Arn::name_in(&task.arn).to_owned(),
            })
        }));
    }
    found
}

/// Returns a line without control characters, truncated to [`LINE`] characters.
fn printable(line: &str) -> String {
    let mut text: String = line
        .trim_end()
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(LINE + 1)
        .collect();
    if text.chars().count() > LINE {
        text = text.chars().take(LINE).collect::<String>() + "…";
    }
    text
}
