//! Roles that an AWS service can assume only on behalf of this account.

use aws_blocks as aws;
use tfmodgen::prelude::*;

use crate::aws::conventions::Identity;
use crate::aws::policy::trusted_by;

/// Returns a role that a service, such as `ecs-tasks.amazonaws.com`, can assume.
pub(crate) fn service_role(
    label: &str,
    own: &Identity,
    suffix: &str,
    service: &str,
    account_id: &Expr<Str>,
) -> aws::IamRole {
    aws::IamRole::new(label, trusted_by(service, account_id))
        .name(own.with(suffix))
        .tags(&own.tags)
}
