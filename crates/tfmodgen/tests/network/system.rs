//! A package over the network: what the network itself does not need of this crate, from dynamic blocks to moved addresses.

use tfmodgen::prelude::*;

use crate::aws;
use crate::declaration::{Inputs, Outputs};

pub(crate) fn system(network: &Part<Inputs, Outputs>) -> Module {
    let mut m = Module::new("system", "A cluster in a network of its own.");
    m.argument_order(crate::ORDER);
    m.header("Golden of a test. `UPDATE=1 cargo test -p tfmodgen --test network` writes it.");
    m.requires_with_aliases("aws", "hashicorp/aws", ">= 5.100", ["edge"]);
    let settings = m
        .variable("cluster_settings", map(string()))
        .describe("Settings of the cluster, by name.")
        .default([("containerInsights", "enabled")]);
    let owner = m
        .variable("owner", string())
        .describe("Who is called at night; null where nobody is.")
        .nullable();
    let zones = m
        .variable("availability_zones", list(string()))
        .describe("Zones to be in.");
    let password = m
        .variable("queue_password", string())
        .describe("Password of the queue. It is never stored.")
        .ephemeral()
        .sensitive();

    let inputs = Inputs {
        name: "system".into_expr(),
        cidr_block: None,
        availability_zones: zones.forward(),
        nat_gateway: None,
        interface_endpoints: None,
        tags: None,
    };
    let network = m.call(
        network
            .call("network", inputs)
            .comment("The network is a part of this package.")
            .argument_comment(
                |inputs| inputs.availability_zones,
                "The zones of the network are those of the system.",
            ),
    );
    let region = m.data(aws::Region::new("edge").provider("aws", "edge"));
    let cluster = m.resource(
        aws::EcsCluster::new("this", "system")
            .setting_for_each(&settings, |setting| {
                aws::EcsClusterSetting::new(setting.key(), setting.value())
            })
            .tags(conditional(
                owner.is_null(),
                Expr::<Map<Str>>::null(),
                [("Owner", &owner)],
            ))
            .depends_on(&network)
            .ignore_changes("tags.Owner")
            .precondition(
                length(&settings).at_most(10),
                template([
                    "A cluster has at most 10 settings, not ".into(),
                    length(&settings).into(),
                    ".".into(),
                ]),
            )
            .postcondition(
                |own| own.attribute::<Str>("arn").differs(""),
                "The cluster has an address.",
            ),
    );

    m.file("queue");
    let secret = m.resource(aws::Secret::new("queue").name_prefix("system-queue-"));
    let version = m.resource(
        aws::SecretVersion::new("queue", secret.id())
            .secret_string_wo(&password)
            .secret_string_wo_version(1)
            .create_before_destroy()
            .replace_triggered_by(secret.id()),
    );
    let read =
        m.ephemeral(aws::SecretValue::new("queue", secret.id()).version_id(version.version_id()));
    m.resource(
        aws::SecretVersion::new("copy", secret.id())
            .secret_string_wo(read.secret_string())
            .secret_string_wo_version(version.secret_string_wo_version()),
    );

    m.file("checks");
    m.check("cluster", [(cluster.arn().is_set(), "The cluster exists.")]);
    m.moved(
        Address::resource("aws_ecs_cluster", "main"),
        Address::resource("aws_ecs_cluster", "this"),
    );
    m.moved(Address::module("vpc").key("a"), Address::module("network"));

    m.output("cluster_arn", cluster.arn())
        .describe("The cluster.")
        .depends_on(&version);
    m.output("vpc_id", &network.vpc_id)
        .describe("The VPC.")
        .precondition(region.name().differs(""), "The edge has a region.");
    m.output("secret_version", version.version_id())
        .describe("The version of the secret that is in use.")
        .sensitive();
    m
}
