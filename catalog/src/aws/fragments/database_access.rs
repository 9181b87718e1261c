//! Security groups for a PostgreSQL database: only members of the client group can connect to the database.

use aws_blocks as aws;
use tfmodgen::prelude::*;

use crate::aws::conventions::Identity;
use crate::aws::fragments::security_group::{Peer, allow_connections, security_group};

/// PostgreSQL port.
pub(crate) const PORT: i32 = 5432;

/// References to the groups.
pub(crate) struct Groups {
    pub(crate) client: aws::SecurityGroupReference,
    pub(crate) database: aws::SecurityGroupReference,
}

/// Declares the group for clients and the group for the database in the file `access.tf`.
pub(crate) fn groups(m: &mut Module, own: &Identity, vpc_id: &Expr<Str>) -> Groups {
    m.file("access");
    let group = |label: &str, suffix: &str, description: &str| {
        security_group(label, own, suffix, vpc_id, description)
    };
    let client = m.resource(
        group(
            "client",
            "-database-client",
            "Carried by whoever may connect to the database.",
        )
        .comment(
            "Attach this group to the database clients. Changing the description would replace the group.",
        ),
    );
    let database = m.resource(group(
        "database",
        "-database",
        "The database: PostgreSQL from its clients.",
    ));
    let clients = Peer {
        group: &client,
        label: "client",
        description: "PostgreSQL to the database.",
    };
    let servers = Peer {
        group: &database,
        label: "database",
        description: "PostgreSQL from clients.",
    };
    allow_connections(m, own, &clients, &servers, PORT);
    Groups { client, database }
}
