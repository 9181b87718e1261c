//! A package that calls the network module and uses features that the network module does not use, such as dynamic
//! blocks and moved addresses.

use tfmodgen::prelude::*;

use crate::aws;
use crate::declaration::{Inputs, Outputs};

pub(crate) fn system(network: &Part<Inputs, Outputs>) -> Module {
    let mut m = Module::new("system", "A cluster in a dedicated network.");
    m.argument_order(crate::ORDER);
    m.header("Golden file. Regenerate it with `UPDATE=1 cargo test -p tfmodgen --test network`.");
    m.requires_with_aliases("aws", "hashicorp/aws", ">= 5.100", ["edge"]);
    let settings = m
        .variable("cluster_settings", map(string()))
        .describe("Settings of the cluster, by name.")
        .default([("containerInsights", "enabled")]);
    let owner = m
        .variable("owner", string())
        .describe("Owner of the system, as a tag.")
        .nullable();
    let zones = m
        .variable("availability_zones", list(string()))
        .describe("Availability Zones of the network.");
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
            .comment("The network is a part in this package.")
            .argument_comment(
                |inputs| inputs.availability_zones,
                "The network uses the zones of the system.",
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
                "The cluster must have an ARN.",
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
    m.check(
        "cluster",
        [(cluster.arn().is_set(), "The cluster must exist.")],
    );
    m.moved(
        Address::resource("aws_ecs_cluster", "main"),
        Address::resource("aws_ecs_cluster", "this"),
    );
    m.moved(Address::module("vpc").key("a"), Address::module("network"));

    m.output("cluster_arn", cluster.arn())
        .describe("ARN of the cluster.")
        .depends_on(&version);
    m.output("vpc_id", &network.vpc_id)
        .describe("ID of the VPC.")
        .precondition(
            region.name().differs(""),
            "The provider configuration must have a region.",
        );
    m.output("secret_version", version.version_id())
        .describe("Version ID of the current secret.")
        .sensitive();
    m
}
