//! CloudWatch alarms that notify SNS topics.

use aws_blocks as aws;
use tfmodgen::prelude::*;

/// Settings for an alarm on one metric.
pub struct Alarm<'a> {
    /// Resource label.
    pub label: &'a str,
    /// Name of the alarm.
    pub name: Expr<Str>,
    /// User impact while the alarm is active.
    pub description: &'a str,
    /// Namespace and name of the metric.
    pub metric: [&'a str; 2],
    /// Metric dimensions.
    pub dimensions: Expr<Map<Str>>,
    /// Statistic, such as `Sum`, or percentile, such as `p99`.
    pub statistic: &'a str,
    /// Metric threshold. The alarm becomes active if the metric exceeds it.
    pub threshold: Expr<Num>,
    /// Number of one-minute periods above the threshold after which the alarm becomes active.
    pub minutes: i32,
    /// ARNs of the topics to notify.
    pub topics: Expr<List<Str>>,
    /// Tags for the alarm.
    pub tags: Expr<Map<Str>>,
}

impl Alarm<'_> {
    /// Declares the alarm.
    pub fn declare(self, m: &mut Module) -> aws::CloudwatchMetricAlarmReference {
        m.resource(self.alarm())
    }

    /// Returns the alarm. Missing data does not activate the alarm.
    pub fn alarm(self) -> aws::CloudwatchMetricAlarm {
        let [namespace, metric] = self.metric;
        let alarm = aws::CloudwatchMetricAlarm::new(
            self.label,
            self.name,
            "GreaterThanThreshold",
            self.minutes,
        );
        // A percentile requires a different argument.
        let alarm = match self.statistic.starts_with('p') {
            true => alarm.extended_statistic(self.statistic),
            false => alarm.statistic(self.statistic),
        };
        alarm
            .alarm_description(self.description)
            .namespace(namespace)
            .metric_name(metric)
            .dimensions(self.dimensions)
            .period(60)
            .threshold(self.threshold)
            .treat_missing_data("notBreaching")
            .alarm_actions(&self.topics)
            .ok_actions(&self.topics)
            .tags(self.tags)
    }
}
