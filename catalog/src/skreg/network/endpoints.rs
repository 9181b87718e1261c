//! Services of AWS within the VPC, so that what is for them need not leave it.

use aws_blocks as aws;
use aws_blocks::data;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Many};

use super::Inputs;
use super::routes::Routes;
use super::subnets::Subnets;
use crate::skreg::inputs::Identity;
use crate::skreg::policy::{allow, document};

/// Services of AWS that a task on Fargate needs where it has no way to the internet. S3 has a gateway of its own.
const INTERFACES: [&str; 4] = ["ecr.api", "ecr.dkr", "logs", "secretsmanager"];

/// The endpoints.
pub(super) struct Endpoints {
    pub(super) s3: aws::VpcEndpointReference,
    pub(super) interface: Many<aws::VpcEndpointReference>,
}

/// The endpoints.
pub(super) fn endpoints(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    subnets: &Subnets,
    routes: &Routes,
    vpc: &aws::VpcReference,
) -> Endpoints {
    m.file("endpoints");
    let region = m.data(data::Region::new("current"));
    let service = |name: TemplatePart| {
        template([
            "com.amazonaws.".into(),
            region.id().into(),
            ".".into(),
            name,
        ])
    };
    let wanted = m
        .local(
            "has_interface_endpoints",
            inputs
                .interface_endpoints
                .or(inputs.nat_gateway.equals("none")),
        )
        .comment("Without a NAT gateway no task could start without them.");
    let s3 = m.resource(
        aws::VpcEndpoint::new("s3", vpc.id())
            .service_name(service("s3".into()))
            .comment("Free, and packages and image layers go through it instead of the NAT gateway. Only this account's principals use it, so that nothing leaves for a bucket with keys of another account.")
            .vpc_endpoint_type("Gateway")
            .policy(s3_policy(inputs, &region))
            .route_table_ids(routes.private.list(|table| table.id()))
            .tags(own.tagged("-s3")),
    );
    let group = m.resource(
        aws::SecurityGroup::new("endpoints")
            .name(own.with("-endpoints"))
            .description("Interface endpoints: HTTPS from within the VPC.")
            .vpc_id(vpc.id())
            .tags(own.tagged("-endpoints"))
            .when(&wanted),
    );
    m.resource(
        aws::VpcSecurityGroupIngressRule::new("endpoints", "tcp", group.assumed().id())
            .description("HTTPS from within the VPC.")
            .cidr_ipv4(vpc.cidr_block())
            .from_port(443)
            .to_port(443)
            .tags(&own.tags)
            .when(&wanted),
    );
    let services = conditional(
        &wanted,
        toset::<Str>(INTERFACES),
        toset::<Str>(Vec::<&str>::new()),
    );
    let interface = m.resource(aws::VpcEndpoint::new("interface", vpc.id()).for_each(
        services,
        |endpoint, each| {
            endpoint
                .service_name(service(each.key().into()))
                .vpc_endpoint_type("Interface")
                .private_dns_enabled(true)
                .subnet_ids(subnets.private.list(|subnet| subnet.id()))
                .security_group_ids([group.assumed().id()])
                .tags(own.tagged_as(own.named_after(each.key())))
        },
    ));
    Endpoints { s3, interface }
}

/// Principals of the account, and the layers of ECR, which are asked for by signed URLs.
/// Source: "Minimum Amazon S3 bucket permissions for Amazon ECR", ECR user guide.
fn s3_policy(inputs: &Inputs<Declared>, region: &data::RegionReference) -> Expr<Str> {
    let layers = template([
        "arn:aws:s3:::prod-".into(),
        region.id().into(),
        "-starport-layer-bucket/*".into(),
    ]);
    document([
        allow("s3:*")
            .named("Account")
            .by("AWS", "*")
            .on("*")
            .provided("StringEquals", "aws:PrincipalAccount", &inputs.account_id),
        allow("s3:GetObject")
            .named("ImageLayers")
            .by("AWS", "*")
            .on(layers),
    ])
}
