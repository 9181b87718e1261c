//! Alarms on metrics of CloudWatch that notify topics.

use aws_blocks as aws;
use tfmodgen::prelude::*;

/// Settings of an alarm on one metric.
pub struct Alarm<'a> {
    /// Label of the resource.
    pub label: &'a str,
    /// Name of the alarm.
    pub name: Expr<Str>,
    /// Consequence for users when the alarm goes off.
    pub description: &'a str,
    /// Namespace and name of the metric.
    pub metric: [&'a str; 2],
    /// Dimensions of the metric.
    pub dimensions: Expr<Map<Str>>,
    /// Statistic of a period, such as `Sum`, or a percentile, such as `p99`.
    pub statistic: &'a str,
    /// Value above which the alarm goes off.
    pub threshold: Expr<Num>,
    /// Number of periods of one minute above the threshold.
    pub minutes: i32,
    /// ARNs of the topics to notify.
    pub topics: Expr<List<Str>>,
    /// Tags of the alarm.
    pub tags: Expr<Map<Str>>,
}

impl Alarm<'_> {
    /// Declares the alarm. Periods without data do not set it off.
    pub fn declare(self, m: &mut Module) -> aws::CloudwatchMetricAlarmReference {
        let [namespace, metric] = self.metric;
        let alarm = aws::CloudwatchMetricAlarm::new(
            self.label,
            self.name,
            "GreaterThanThreshold",
            self.minutes,
        );
        // A percentile is an argument of its own.
        let alarm = match self.statistic.starts_with('p') {
            true => alarm.extended_statistic(self.statistic),
            false => alarm.statistic(self.statistic),
        };
        m.resource(
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
                .tags(self.tags),
        )
    }
}
