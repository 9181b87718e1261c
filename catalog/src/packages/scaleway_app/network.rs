//! The private network to which the container and the database are attached.

use scaleway_blocks as scaleway;
use tfmodgen::prelude::*;

use super::Common;

/// References to the network.
pub(super) struct Network {
    pub(super) private_network_id: Expr<Str>,
    pub(super) organization_id: Expr<Str>,
    /// ID of the project of the provider configuration.
    pub(super) project_id: Expr<Str>,
    pub(super) region: Expr<Str>,
}

/// Declares the network.
pub(super) fn network(m: &mut Module, common: &Common) -> Network {
    m.file("network");
    let vpc = m.resource(
        scaleway::Vpc::new("this")
            .name(&common.prefix)
            .tags(&common.tags),
    );
    let network = m.resource(
        scaleway::VpcPrivateNetwork::new("this")
            .name(&common.prefix)
            .vpc_id(vpc.id())
            .tags(&common.tags),
    );
    Network {
        private_network_id: network.id(),
        organization_id: vpc.organization_id(),
        project_id: vpc.project_id(),
        region: vpc.region(),
    }
}
