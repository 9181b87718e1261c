//! Security groups and their rules.

use aws_blocks as aws;
use tfmodgen::prelude::*;

use crate::aws::conventions::Identity;

/// Returns a security group without rules. Its name is the module prefix followed by a suffix.
pub(crate) fn security_group(
    label: &str,
    own: &Identity,
    suffix: &str,
    vpc_id: impl IntoExpr<Str>,
    description: &str,
) -> aws::SecurityGroup {
    aws::SecurityGroup::new(label)
        .name(own.with(suffix))
        .description(description)
        .vpc_id(vpc_id)
        .tags(own.tagged(suffix))
}

/// A security group, and the label and description for its rule.
pub(crate) struct Peer<'a> {
    pub(crate) group: &'a aws::SecurityGroupReference,
    pub(crate) label: &'a str,
    pub(crate) description: &'a str,
}

/// Declares the two rules that allow members of one group to connect to members of another group on a TCP port.
pub(crate) fn allow_connections(
    m: &mut Module,
    own: &Identity,
    from: &Peer<'_>,
    to: &Peer<'_>,
    port: i32,
) {
    m.resource(
        aws::VpcSecurityGroupEgressRule::new(from.label, "tcp", from.group.id())
            .description(from.description)
            .referenced_security_group_id(to.group.id())
            .from_port(port)
            .to_port(port)
            .tags(&own.tags),
    );
    m.resource(
        aws::VpcSecurityGroupIngressRule::new(to.label, "tcp", to.group.id())
            .description(to.description)
            .referenced_security_group_id(from.group.id())
            .from_port(port)
            .to_port(port)
            .tags(&own.tags),
    );
}
