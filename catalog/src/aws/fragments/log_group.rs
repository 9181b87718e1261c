//! CloudWatch log groups with encryption and a retention period.

use aws_blocks as aws;
use tfmodgen::prelude::*;

/// Settings that apply to all log groups in a module.
pub(crate) struct LogSettings<'a> {
    /// Retention period for log events in days.
    pub(crate) retention_days: &'a Expr<Num>,
    /// ARN of the KMS key.
    pub(crate) kms_key_arn: &'a Expr<Str>,
    /// Tags for the log groups.
    pub(crate) tags: &'a Expr<Map<Str>>,
}

impl LogSettings<'_> {
    /// Returns a log group without a name.
    pub(crate) fn group(&self, label: &str) -> aws::CloudwatchLogGroup {
        aws::CloudwatchLogGroup::new(label)
            .retention_in_days(self.retention_days)
            .kms_key_id(self.kms_key_arn)
            .tags(self.tags)
    }
}
