//! CloudWatch Logs operations for log groups and the last lines of a log stream. The caller determines whether a
//! failure is significant.

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::config::{Builder, Region};

use crate::aws::AwsError;
use crate::ecs::api::{Answer, LogGroup, Tags};

/// Client for log groups in the provider region and in other regions.
#[derive(Clone)]
pub(super) struct Logs {
    pub(super) client: Client,
    pub(super) region: String,
}

impl Logs {
    /// Returns the configuration overrides for calls to the region of this log group.
    fn overrides_for(&self, group: &LogGroup) -> Builder {
        let other_region = (group.region != self.region).then(|| Region::new(group.region.clone()));
        let mut builder = Builder::new();
        builder.set_region(other_region);
        builder
    }

    pub(super) async fn exists(&self, group: &LogGroup) -> Answer<bool> {
        // A group with exactly this name is listed before groups that have the name as a prefix.
        let request = self
            .client
            .describe_log_groups()
            .log_group_name_prefix(&group.name);
        let request = request
            .limit(1)
            .customize()
            .config_override(self.overrides_for(group));
        let answer = request.send().await;
        let answer = answer.map_err(|error| AwsError::new("logs:DescribeLogGroups", &error))?;
        let mut found = answer.log_groups.unwrap_or_default().into_iter();
        Ok(found.any(|found| found.log_group_name.as_deref() == Some(&group.name)))
    }

    pub(super) async fn create(&self, group: &LogGroup, tags: &Tags) -> Answer<()> {
        let tags = (!tags.is_empty()).then(|| tags.clone().into_iter().collect());
        let request = self
            .client
            .create_log_group()
            .log_group_name(&group.name)
            .set_tags(tags);
        let answer = request
            .customize()
            .config_override(self.overrides_for(group))
            .send()
            .await;
        match answer.map_err(|error| AwsError::new("logs:CreateLogGroup", &error)) {
            Err(error) if error.is("ResourceAlreadyExistsException") => Ok(()),
            other => other.map(drop),
        }
    }

    pub(super) async fn tail(
        &self,
        group: &LogGroup,
        stream: &str,
        lines: u32,
    ) -> Answer<Vec<String>> {
        let request = self
            .client
            .get_log_events()
            .log_group_name(&group.name)
            .log_stream_name(stream);
        let request = request
            .limit(i32::try_from(lines).unwrap_or(i32::MAX))
            .start_from_head(false);
        let answer = request
            .customize()
            .config_override(self.overrides_for(group))
            .send()
            .await;
        let answer = answer.map_err(|error| AwsError::new("logs:GetLogEvents", &error))?;
        let events = answer.events.unwrap_or_default().into_iter();
        Ok(events.filter_map(|event| event.message).collect())
    }
}
