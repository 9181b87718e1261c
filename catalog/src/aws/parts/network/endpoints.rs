//! VPC endpoints for AWS services. Traffic to these services stays within the VPC.

use aws_blocks as aws;
use aws_blocks::data;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Many, Maybe};

use super::routes::Routes;
use super::subnets::Subnets;
use super::{Inputs, Options};
use crate::aws::conventions::Identity;
use crate::aws::fragments::security_group::security_group;
use crate::aws::policy::{Statement, allow, document};

/// A service with a gateway endpoint.
pub enum GatewayEndpoint {
    /// S3, for principals in the account and for ECR image layers.
    S3 {
        /// Plural noun for the content that is transferred through the endpoint.
        carries: &'static str,
    },
    /// DynamoDB, for principals in the account.
    DynamoDb,
}

/// Services with interface endpoints: the endpoint name suffix and the service name.
pub(crate) struct InterfaceEndpoints(pub(crate) &'static [(&'static str, &'static str)]);

impl InterfaceEndpoints {
    /// Returns the service names without duplicates, as a list for a sentence.
    pub(super) fn names(&self) -> String {
        let mut names: Vec<&str> = self.0.iter().map(|(_, name)| *name).collect();
        names.dedup();
        match names.as_slice() {
            [] => String::new(),
            [only] => (*only).to_owned(),
            [first, last] => format!("{first} and {last}"),
            [all @ .., last] => format!("{}, and {last}", all.join(", ")),
        }
    }
}

/// References to the endpoints.
pub(super) struct Endpoints {
    pub(super) gateways: Vec<aws::VpcEndpointReference>,
    pub(super) interface: Many<aws::VpcEndpointReference>,
}

/// Declares the endpoints.
pub(super) fn endpoints(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    options: &Options,
    subnets: &Subnets,
    routes: &Routes,
    vpc: &aws::VpcReference,
) -> Endpoints {
    m.file("endpoints");
    let region = m.data(data::Region::new("current"));
    let wanted = m
        .local(
            "has_interface_endpoints",
            inputs
                .interface_endpoints
                .or(inputs.nat_gateway.equals("none")),
        )
        .comment("Tasks cannot start without a NAT gateway or these endpoints.");
    let gateways = options.gateway_endpoints.iter();
    let gateways = gateways.map(|endpoint| {
        let tables = routes.private.list(|table| table.id());
        m.resource(endpoint.declaration(own, inputs, &region, vpc, tables))
    });
    let gateways = gateways.collect();
    let group = interface_group(m, own, vpc, &wanted);
    let names: Vec<&str> = options
        .interface_endpoints
        .0
        .iter()
        .map(|(name, _)| *name)
        .collect();
    let services = conditional(
        &wanted,
        toset::<Str>(names),
        toset::<Str>(Vec::<&str>::new()),
    );
    let interface = m.resource(aws::VpcEndpoint::new("interface", vpc.id()).for_each(
        services,
        |endpoint, each| {
            endpoint
                .service_name(service(&region, each.key().into()))
                .vpc_endpoint_type("Interface")
                .private_dns_enabled(true)
                .subnet_ids(subnets.private.list(|subnet| subnet.id()))
                .security_group_ids([group.assumed().id()])
                .tags(own.tagged_as(own.named_after(each.key())))
        },
    ));
    Endpoints {
        gateways,
        interface,
    }
}

/// Returns the name of an endpoint service.
fn service(region: &data::RegionReference, name: TemplatePart) -> Expr<Str> {
    template([
        "com.amazonaws.".into(),
        region.id().into(),
        ".".into(),
        name,
    ])
}

/// Declares the security group for the interface endpoints.
fn interface_group(
    m: &mut Module,
    own: &Identity,
    vpc: &aws::VpcReference,
    wanted: &Expr<Bool>,
) -> Maybe<aws::SecurityGroupReference> {
    let group = m.resource(
        security_group(
            "endpoints",
            own,
            "-endpoints",
            vpc.id(),
            "Interface endpoints: HTTPS from within the VPC.",
        )
        .when(wanted),
    );
    m.resource(
        aws::VpcSecurityGroupIngressRule::new("endpoints", "tcp", group.assumed().id())
            .description("HTTPS from within the VPC.")
            .cidr_ipv4(vpc.cidr_block())
            .from_port(443)
            .to_port(443)
            .tags(&own.tags)
            .when(wanted),
    );
    group
}

impl GatewayEndpoint {
    fn declaration(
        &self,
        own: &Identity,
        inputs: &Inputs<Declared>,
        region: &data::RegionReference,
        vpc: &aws::VpcReference,
        tables: Expr<List<Str>>,
    ) -> aws::VpcEndpoint {
        let (name, comment, policy) = match self {
            Self::S3 { carries } => (
                "s3",
                format!(
                    "The endpoint is free of charge, and {carries} bypass the NAT gateway. Except for downloads of ECR image layers, only principals in this account can use the endpoint. Thus, credentials from other accounts cannot write data to other buckets.",
                ),
                document([of_account("s3:*", inputs), image_layers(region)]),
            ),
            Self::DynamoDb => (
                "dynamodb",
                "The endpoint is free of charge. Only principals in this account can use it."
                    .to_owned(),
                document([of_account("dynamodb:*", inputs)]),
            ),
        };
        aws::VpcEndpoint::new(name, vpc.id())
            .service_name(service(region, name.into()))
            .comment(&comment)
            .vpc_endpoint_type("Gateway")
            .policy(policy)
            .route_table_ids(tables)
            .tags(own.tagged(&format!("-{name}")))
    }
}

/// Returns the statement that allows actions by principals in the account.
fn of_account(actions: &str, inputs: &Inputs<Declared>) -> Statement {
    allow(actions)
        .named("Account")
        .by("AWS", "*")
        .on("*")
        .provided("StringEquals", "aws:PrincipalAccount", &inputs.account_id)
}

/// Returns the statement that allows ECR image layer downloads, which use presigned URLs. Source: "Minimum Amazon S3
/// bucket permissions for Amazon ECR", ECR user guide.
fn image_layers(region: &data::RegionReference) -> Statement {
    let layers = template([
        "arn:aws:s3:::prod-".into(),
        region.id().into(),
        "-starport-layer-bucket/*".into(),
    ]);
    allow("s3:GetObject")
        .named("ImageLayers")
        .by("AWS", "*")
        .on(layers)
}
