//! Log groups of CloudWatch, encrypted and with a retention.

use aws_blocks as aws;
use tfmodgen::prelude::*;

/// Settings that all log groups of a module share.
pub(crate) struct LogSettings<'a> {
    /// Days for which events are kept.
    pub(crate) retention_days: &'a Expr<Num>,
    /// ARN of the KMS key.
    pub(crate) kms_key_arn: &'a Expr<Str>,
    /// Tags of the group.
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
