//! A VPC with subnets in more than one zone, routes, endpoints, and flow logs. Must not depend on the resources that
//! use the VPC.

pub mod endpoints;
mod flow_logs;
mod routes;
mod subnets;

use aws_blocks as aws;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Variable};

use self::endpoints::{GatewayEndpoint, InterfaceEndpoints};
use self::routes::Routes;
use self::subnets::{Subnets, narrow, subnet_bits};
use crate::aws::conventions::{Conventions, Identity, module};
use crate::aws::inputs::{account_id, kms_key_arn, log_retention_days, only_in_aws, prefix, tags};
use crate::aws::mocks::{Mock, mock};

/// Options that change which resources the part contains.
pub(crate) struct Options {
    /// Number of Availability Zones that the first apply selects if the user specifies no zones.
    pub(crate) zones: DefaultZones,
    /// Gateway endpoints, which are free of charge.
    pub(crate) gateway_endpoints: Vec<GatewayEndpoint>,
    /// Services with interface endpoints. The endpoints are created if no NAT gateway exists or if the user enables
    /// them.
    pub(crate) interface_endpoints: InterfaceEndpoints,
}

/// Number of Availability Zones that the first apply selects.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum DefaultZones {
    /// Two zones.
    Two,
    /// Three zones.
    Three,
}

impl DefaultZones {
    /// Returns the number.
    pub(super) fn count(self) -> i64 {
        match self {
            Self::Two => 2,
            Self::Three => 3,
        }
    }

    /// Returns the number as a word.
    fn word(self) -> &'static str {
        match self {
            Self::Two => "two",
            Self::Three => "three",
        }
    }
}

/// Returns the part.
pub(crate) fn network(to: &Conventions, options: &Options) -> Part<Inputs, Outputs> {
    let mut m = module(
        "network",
        "A VPC with a public and a private subnet in each Availability Zone, routes to the internet, VPC endpoints, and flow logs.",
    );
    let inputs = Inputs::declare(&mut m, to, options);
    let own = Identity::of(&inputs.name, &inputs.tags);

    let first = only_in_aws(
        &mut m,
        aws::Vpc::new("this")
            .cidr_block(&inputs.cidr_block)
            .enable_dns_support(true)
            .enable_dns_hostnames(true)
            .argument_comment("Private DNS for interface endpoints requires both settings.")
            .tags(own.tagged("")),
    );
    let vpc = m.resource(first);
    m.resource(
        aws::DefaultSecurityGroup::new("this")
            .comment(
                "Has no rules, so resources without another security group have no network access.",
            )
            .vpc_id(vpc.id())
            .tags(own.tagged("-default")),
    );
    let subnets = subnets::subnets(&mut m, &own, &inputs, options.zones, &vpc);
    let routes = routes::routes(&mut m, &own, &inputs, &subnets, &vpc);
    let endpoints = endpoints::endpoints(&mut m, &own, &inputs, options, &subnets, &routes, &vpc);
    let flows = flow_logs::flow_log(&mut m, &own, &inputs, &vpc);

    mock(
        &mut m,
        to,
        &[
            Mock::AvailabilityZones,
            Mock::Partition,
            Mock::Region,
            Mock::LogGroup,
            Mock::Role,
        ],
    );
    scenarios(&mut m, &inputs, options.zones, &subnets, &routes);
    let private = output(subnets.private.map(|subnet| subnet.id()))
        .depends_on(&routes.associations)
        .depends_on(&routes.out);
    let gateways = endpoints.gateways.iter();
    let private = gateways.fold(private, |output, endpoint| output.depends_on(endpoint));
    let private = private.depends_on(&endpoints.interface);
    let outputs = Outputs {
        vpc_id: output(vpc.id()),
        vpc_cidr_block: output(vpc.cidr_block()),
        availability_zones: output(&subnets.zones),
        public_subnet_ids: output(subnets.public.map(|subnet| subnet.id()))
            .depends_on(&routes.public.route)
            .depends_on(&routes.public.associations),
        private_subnet_ids: private,
        nat_public_ips: output(routes.addresses.map(|address| address.public_ip())),
        flow_log_group_name: output(flows.one(|group| group.name())),
    };
    Part::new(m, inputs, outputs)
}

tfmodgen::inputs! {
    /// Inputs for the network.
    pub(crate) struct Inputs(input, to: &Conventions, options: &Options) {
        required name: Str = prefix(input, to),
        optional tags: Map<Str> = tags(input),
        optional availability_zones: List<Str> = availability_zones(input, options.zones),
        required account_id: Str = account_id(input, to),
        required kms_key_arn: Str = kms_key_arn(input, to),
        optional cidr_block: Str = cidr_block(input, &availability_zones, options.zones),
        optional nat_gateway: Str = nat_gateway(input),
        optional interface_endpoints: Bool = input
            .declare(bool())
            .describe(&format!(
                "Whether to create interface endpoints for {}. Without a NAT gateway, the module always creates them.",
                options.interface_endpoints.names(),
            ))
            .default(false),
        optional flow_logs: Bool = input
            .declare(bool())
            .describe("Whether to record accepted and rejected connections in VPC flow logs.")
            .default(true),
        optional log_retention_days: Num = log_retention_days(input),
    }
}

tfmodgen::outputs! {
    /// Outputs of the network.
    pub(crate) struct Outputs {
        /// ID of the VPC.
        vpc_id: Str,
        /// CIDR block of the VPC.
        vpc_cidr_block: Str,
        /// Availability Zones of the subnets.
        availability_zones: List<Str>,
        /// IDs of the public subnets by Availability Zone. Available after the route to the internet exists.
        public_subnet_ids: Map<Str>,
        /// IDs of the private subnets by Availability Zone. Available after their routes and endpoints exist.
        private_subnet_ids: Map<Str>,
        /// Public IP addresses of the NAT gateways by Availability Zone. Empty without NAT gateways.
        nat_public_ips: Map<Str>,
        /// Name of the log group for flow logs. Null without flow logs.
        flow_log_group_name: Str,
    }
}

/// Declares the Availability Zones.
fn availability_zones(input: NewInput<'_>, default: DefaultZones) -> Variable<List<Str>> {
    input.declare(list(string()))
        .describe(&format!(
            "Availability Zones of the subnets. If `null`, the first apply selects the first {} zones in the region, and later applies keep them. Add new zones at the end because the position of a zone determines its CIDR blocks.",
            default.word(),
        ))
        .nullable()
        .validate(
            |zones| {
                zones.is_null().or(r#try([
                    length(zones)
                        .at_least(2)
                        .and(length(zones).at_most(9))
                        .and(length(distinct::<Str>(zones)).equals(length(zones))),
                    false.into_expr(),
                ]))
            },
            "Must be null or contain 2 to 9 distinct zones.",
        )
        .refuses(["eu-central-1a"])
        .refuses(["eu-central-1a", "eu-central-1a"])
        .validate(
            |zones| {
                zones.is_null().or(r#try([
                    zones.all("zone", |zone| {
                        matches("^[a-z]{2,3}(-[a-z]+)+-[0-9]+[a-z]$", zone)
                    }),
                    false.into_expr(),
                ]))
            },
            "Must be Availability Zone names, such as eu-central-1a.",
        )
        .refuses(["a", "b"])
}

/// Declares the CIDR block, which must have space for the subnets in all zones.
fn cidr_block(
    input: NewInput<'_>,
    zones: &Variable<List<Str>>,
    default: DefaultZones,
) -> Variable<Str> {
    input.declare(string())
        .describe("CIDR block of the VPC. The subnets of a /16 block are /24 blocks.")
        .default("10.0.0.0/16")
        .validate(
            |cidr| {
                can(cidrnetmask(cidr))
                    .and(matches("/(1[6-9]|2[0-8])$", cidr))
                    .and(r#try([
                        cidrsubnet(cidr, 0, 0).equals(cidr),
                        false.into_expr(),
                    ]))
            },
            "Must be an IPv4 CIDR block from /16 to /28 without host bits, such as 10.0.0.0/16.",
        )
        .refuses("banana")
        .refuses("fd00::/20")
        .refuses("10.0.0.0/8")
        .refuses("10.0.0.5/16")
        .validate(
            |cidr| {
                let last = conditional(zones.is_null(), default.count() - 1, length(zones) - 1);
                can(narrow(cidr, 1, &subnet_bits(cidr), last))
            },
            "The CIDR block must have space for a public and a private subnet of at least 32 addresses in every zone: a /25 block for two zones, or a /24 block for four.",
        )
        .refuses("10.0.0.0/26")
}

/// Declares the NAT gateways.
fn nat_gateway(input: NewInput<'_>) -> Variable<Str> {
    input.declare(string())
        .describe(
            "NAT gateways for the private subnets: one in the first zone (`single`), one in each zone (`per_zone`), or no gateway (`none`).",
        )
        .default("single")
        .validate(
            |nat| one_of(nat, ["none", "single", "per_zone"]),
            "Must be none, single, or per_zone.",
        )
        .refuses("one")
}

/// Declares the scenarios.
fn scenarios(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    default: DefaultZones,
    subnets: &Subnets,
    routes: &Routes,
) {
    let named = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];
    let is_range =
        |ranges: &Expr<Map<Str>>, zone: &str, range: &str| ranges.get(zone).equals(range);
    let count = default.word();
    let first = match default {
        DefaultZones::Two => "eu-central-1a,eu-central-1b",
        DefaultZones::Three => "eu-central-1a,eu-central-1b,eu-central-1c",
    };
    m.scenario(&format!("first_{count}_zones_share_a_nat_gateway"), |plan| {
        plan.expect(
            join(",", &subnets.zones).equals(first),
            &format!("The zones must be the first {count} by name."),
        )
        .expect(
            is_range(&subnets.public_ranges, "eu-central-1b", "10.0.2.0/24").and(is_range(
                &subnets.private_ranges,
                "eu-central-1b",
                "10.0.20.0/24",
            )),
            "Public subnets must be numbers 1 and 2, and private subnets must be numbers 10 and 20.",
        )
        .expect(
            join(
                ",",
                keys::<Object>(routes.nats.object().typed::<Map<Object>>()),
            )
            .equals("eu-central-1a"),
            "The NAT gateway must be in the first zone.",
        )
        .expect(
            length(routes.private.object()).equals(1),
            "Private subnets must share a route table.",
        )
    });
    m.scenario("per_zone_creates_a_nat_gateway_in_every_zone", |plan| {
        plan.given(&inputs.availability_zones, named)
            .given(&inputs.nat_gateway, "per_zone")
            .expect(
                length(routes.nats.object()).equals(3),
                "Every zone must have a NAT gateway.",
            )
            .expect(
                length(routes.private.object()).equals(3),
                "Every private subnet must have a separate route table.",
            )
    });
    m.scenario("none_creates_no_nat_gateway", |plan| {
        plan.given(&inputs.nat_gateway, "none")
            .expect(
                length(routes.nats.object()).equals(0),
                "NAT gateways must not exist.",
            )
            .expect(
                length(routes.out.object()).equals(0),
                "Default routes must not exist.",
            )
    });
    m.scenario("small_cidr_block_is_halved", |plan| {
        plan.given(&inputs.cidr_block, "192.168.7.0/24")
            .given(&inputs.availability_zones, named)
            .expect(
                is_range(&subnets.public_ranges, "eu-central-1c", "192.168.7.64/27").and(is_range(
                    &subnets.private_ranges,
                    "eu-central-1a",
                    "192.168.7.128/27",
                )),
                "Public subnets must be in the lower half, and private subnets must be in the upper half.",
            )
    });
}
