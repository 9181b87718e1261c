//! The network: a VPC over some zones, its ways out, and a log of who talked to whom. Must not know what runs in it.

use aws_blocks as aws;
use aws_blocks::data;
use tfmodgen::prelude::*;
use tfmodgen::{Local, Many, Variable};

use super::inputs::{Identity, account_id, kms_key_arn, log_retention_days};
use super::part;
use super::policy::{allow, document, trusted_by, within};

/// Services of AWS that a task on Fargate needs where it has no way to the internet. S3 has a gateway of its own.
const INTERFACES: [&str; 4] = ["ecr.api", "ecr.dkr", "logs", "secretsmanager"];

/// The part.
pub(crate) fn network() -> Module {
    let mut m = part(
        "network",
        "A VPC with a public and a private subnet in every zone, its ways out and its flow logs.",
    );
    let own = Identity::of(&mut m);
    let zones = availability_zones(&mut m);
    let cidr = cidr_block(&mut m, &zones);
    let nat = nat_gateway(&mut m);
    let endpoints = interface_endpoints(&mut m);
    let flows = flow_logs(&mut m);

    let vpc = m.resource(
        aws::Vpc::new("this")
            .cidr_block(&cidr)
            .enable_dns_support(true)
            .enable_dns_hostnames(true)
            .because("Interface endpoints answer under the names of their services only with both.")
            .tags(own.tagged("")),
    );
    m.resource(
        aws::DefaultSecurityGroup::new("this")
            .comment(
                "Without rules, so that nothing reaches anything by having been given no group.",
            )
            .vpc_id(vpc.id())
            .tags(own.tagged("-default")),
    );
    let subnets = subnets(&mut m, &own, &zones, &cidr, &vpc);
    let routes = routes(&mut m, &own, &nat, &subnets, &vpc);
    let ways = Ways {
        nat: &nat,
        wanted: &endpoints,
    };
    self::endpoints(&mut m, &own, &ways, &subnets, &routes, &vpc);
    flow_log(&mut m, &own, &flows, &vpc);

    m.output("vpc_id", vpc.id()).describe("The VPC.");
    m.output("vpc_cidr_block", vpc.cidr_block())
        .describe("Address range of the VPC.");
    m.output("availability_zones", &subnets.zones)
        .describe("Zones that the subnets are in.");
    m.output(
        "public_subnet_ids",
        subnets.public.map(|subnet| subnet.id()),
    )
    .describe("Subnets for load balancers, by zone.");
    m.output(
        "private_subnet_ids",
        subnets.private.map(|subnet| subnet.id()),
    )
    .describe("Subnets for tasks and databases, by zone. They are given when their ways out stand.")
    .depends_on(&routes.associations)
    .depends_on(&routes.out);
    m.output("nat_public_ips", routes.addresses.map(|address| address.public_ip()))
        .describe("Addresses from which private subnets reach the internet, by zone; none without a NAT gateway.");
    m
}

/// Zones to be in.
pub(crate) fn availability_zones(m: &mut Module) -> Variable<List<Str>> {
    m.variable("availability_zones", list(string()))
        .describe(
            "Zones to be in, 2 to 9; null takes the first two of the region. Put new ones at the end: the position of a zone decides on its addresses.",
        )
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
            "Give 2 to 9 zones, each once, or null.",
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
            "A zone is given by its name, such as eu-central-1a.",
        )
        .refuses(["a", "b"])
}

/// The address range, which must have room for the zones.
pub(crate) fn cidr_block(m: &mut Module, zones: &Variable<List<Str>>) -> Variable<Str> {
    m.variable("cidr_block", string())
        .describe("Address range of the VPC, from /16 to /25. Of a /16 every subnet is a /24.")
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
            "The range is an IPv4 CIDR block from /16 to /28 that begins at its first address, such as 10.0.0.0/16.",
        )
        .refuses("banana")
        .refuses("fd00::/20")
        .refuses("10.0.0.0/8")
        .refuses("10.0.0.5/16")
        .validate(
            |cidr| {
                let last = conditional(zones.is_null(), 1, length(zones) - 1);
                can(narrow(cidr, 1, &subnet_bits(cidr), last))
            },
            "The range has room for a public and a private subnet of 32 addresses or more in every zone: a /25 for two zones, a /24 for four.",
        )
        .refuses("10.0.0.0/26")
}

/// How private subnets reach the internet.
pub(crate) fn nat_gateway(m: &mut Module) -> Variable<Str> {
    m.variable("nat_gateway", string())
        .describe(
            "How private subnets reach the internet: through one NAT gateway in the first zone (single), through one in every zone (per_zone), or not at all (none).",
        )
        .default("single")
        .validate(
            |nat| one_of(nat, ["none", "single", "per_zone"]),
            "The choices are none, single and per_zone.",
        )
        .refuses("one")
}

/// Whether services of AWS are reached within the VPC.
pub(crate) fn interface_endpoints(m: &mut Module) -> Variable<Bool> {
    m.variable("interface_endpoints", bool())
        .describe(
            "Reach ECR, CloudWatch Logs and Secrets Manager through endpoints within the VPC. Without a NAT gateway they are there anyway.",
        )
        .default(false)
}

/// Whether connections are logged.
pub(crate) fn flow_logs(m: &mut Module) -> Variable<Bool> {
    m.variable("flow_logs", bool())
        .describe("Log which connections were accepted and rejected in the VPC.")
        .default(true)
}

/// By how many bits a subnet's prefix is longer than that of the VPC.
fn subnet_bits(cidr: &Expr<Str>) -> Expr<Num> {
    let length = tonumber(split("/", cidr).at(1));
    min([8.into_expr(), IntoExpr::<Num>::into_expr(27) - length])
}

/// A subnet of one half of the range.
fn narrow(cidr: &Expr<Str>, half: i64, bits: &Expr<Num>, index: Expr<Num>) -> Expr<Str> {
    cidrsubnet(cidrsubnet(cidr, 1, half), bits - 1, index)
}

struct Subnets {
    zones: Local<List<Str>>,
    public_ranges: Local<Map<Str>>,
    private_ranges: Local<Map<Str>>,
    public: Many<aws::SubnetReference>,
    private: Many<aws::SubnetReference>,
}

fn subnets(
    m: &mut Module,
    own: &Identity,
    given: &Variable<List<Str>>,
    cidr: &Variable<Str>,
    vpc: &aws::VpcReference,
) -> Subnets {
    m.file("subnets");
    let available = m.data(
        data::AvailabilityZones::new("available")
            .state("available")
            .filter(data::AvailabilityZonesFilter::new(
                "opt-in-status",
                ["opt-in-not-required"],
            ))
            .because("Local zones have neither NAT gateways nor databases.")
            .when(given.is_null()),
    );
    let zones = m.local(
        "zones",
        conditional(
            given.is_set(),
            given,
            slice::<Str>(sort(available.assumed().names()), 0, 2),
        ),
    );
    let bits = m
        .local("subnet_bits", subnet_bits(cidr))
        .because("No subnet is smaller than the /27 that a load balancer asks for.");
    // The zone is the key everywhere, so that one more or less moves nothing else.
    let numbered = |wide: fn(Expr<Num>) -> Expr<Num>, half: i64| {
        zones.iterate("index", "zone").into_map(|index, zone| {
            let wide = cidrsubnet(cidr, 8, wide(index.clone()));
            let subnet = conditional(bits.equals(8), wide, narrow(cidr, half, &bits, index));
            (zone, subnet)
        })
    };
    let public_ranges = m
        .local("public_subnets", numbered(|index| index + 1, 0))
        .because("Numbers 1, 2, … of a range that has so many; else those of its lower half.");
    let private_ranges = m
        .local("private_subnets", numbered(|index| (index + 1) * 10, 1))
        .because("Numbers 10, 20, … of a range that has so many; else those of its upper half.");
    let named = |half: &str, zone: Expr<Str>| own.tagged_as(own.in_zone(half, zone));
    let public = m.resource(
        aws::Subnet::new("public", vpc.id())
            .comment("For the load balancer.")
            .for_each(&public_ranges, |subnet, each| {
                subnet
                    .availability_zone(each.key())
                    .cidr_block(each.value())
                    .map_public_ip_on_launch(true)
                    .tags(named("public", each.key()))
            }),
    );
    let private = m.resource(
        aws::Subnet::new("private", vpc.id())
            .comment("For tasks and the database.")
            .for_each(&private_ranges, |subnet, each| {
                subnet
                    .availability_zone(each.key())
                    .cidr_block(each.value())
                    .tags(named("private", each.key()))
            }),
    );
    Subnets {
        zones,
        public_ranges,
        private_ranges,
        public,
        private,
    }
}

struct Routes {
    addresses: Many<aws::EipReference>,
    private: Many<aws::RouteTableReference>,
    out: Many<aws::RouteReference>,
    associations: Many<aws::RouteTableAssociationReference>,
}

fn routes(
    m: &mut Module,
    own: &Identity,
    nat: &Variable<Str>,
    subnets: &Subnets,
    vpc: &aws::VpcReference,
) -> Routes {
    m.file("routes");
    let zones = &subnets.zones;
    let per_zone = nat.equals("per_zone");
    let first = |count: Expr<Num>| slice::<Str>(zones, 0, count);
    let gateways = m
        .local(
            "nat_zones",
            first(conditional(
                &per_zone,
                length(zones),
                conditional(nat.equals("single"), 1, 0),
            )),
        )
        .because("By zone, so that the gateway of the first zone stays where it is when the others get theirs.");
    let tables = m
        .local(
            "private_table_zones",
            first(conditional(&per_zone, length(zones), 1)),
        )
        .because("Private subnets share the table of the first zone, unless every zone has a way out of its own.");

    let internet = m.resource(
        aws::InternetGateway::new("this")
            .vpc_id(vpc.id())
            .tags(own.tagged("")),
    );
    let public = m.resource(aws::RouteTable::new("public", vpc.id()).tags(own.tagged("-public")));
    m.resource(
        aws::Route::new("internet", public.id())
            .destination_cidr_block("0.0.0.0/0")
            .gateway_id(internet.id()),
    );
    m.resource(
        aws::RouteTableAssociation::new("public", public.id())
            .for_each(&subnets.public_ranges, |association, each| {
                association.subnet_id(subnets.public.get(each.key()).id())
            }),
    );
    let by_zone = |what: &str, zone: Expr<Str>| own.tagged_as(own.in_zone(what, zone));
    let addresses = m.resource(
        aws::Eip::new("nat")
            .domain("vpc")
            .for_each(toset::<Str>(&gateways), |address, each| {
                address.tags(by_zone("nat", each.key()))
            }),
    );
    let nats = m.resource(aws::NatGateway::new("this", Expr::<Str>::null()).for_each(
        toset::<Str>(&gateways),
        |_, each| {
            aws::NatGateway::new("this", subnets.public.get(each.key()).id())
                .allocation_id(addresses.get(each.key()).id())
                .tags(by_zone("nat", each.key()))
                .depends_on(&internet)
        },
    ));
    let private = m.resource(
        aws::RouteTable::new("private", vpc.id()).for_each(toset::<Str>(&tables), |table, each| {
            table.tags(by_zone("private", each.key()))
        }),
    );
    let out = m.resource(aws::Route::new("nat", Expr::<Str>::null()).for_each(
        toset::<Str>(&gateways),
        |_, each| {
            aws::Route::new("nat", private.get(each.key()).id())
                .destination_cidr_block("0.0.0.0/0")
                .nat_gateway_id(nats.get(each.key()).id())
        },
    ));
    let associations = m.resource(
        aws::RouteTableAssociation::new("private", Expr::<Str>::null()).for_each(
            &subnets.private_ranges,
            |_, each| {
                let table = private.get(conditional(&per_zone, each.key(), zones.at(0)));
                aws::RouteTableAssociation::new("private", table.id())
                    .subnet_id(subnets.private.get(each.key()).id())
            },
        ),
    );
    Routes {
        addresses,
        private,
        out,
        associations,
    }
}

struct Ways<'a> {
    nat: &'a Variable<Str>,
    wanted: &'a Variable<Bool>,
}

fn endpoints(
    m: &mut Module,
    own: &Identity,
    ways: &Ways<'_>,
    subnets: &Subnets,
    routes: &Routes,
    vpc: &aws::VpcReference,
) {
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
            ways.wanted.or(ways.nat.equals("none")),
        )
        .because("Without a NAT gateway no task could start without them.");
    m.resource(
        aws::VpcEndpoint::new("s3", vpc.id())
            .service_name(service("s3".into()))
            .comment(
                "Free, and packages and image layers go through it instead of the NAT gateway.",
            )
            .vpc_endpoint_type("Gateway")
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
    m.resource(aws::VpcEndpoint::new("interface", vpc.id()).for_each(
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
}

fn flow_log(m: &mut Module, own: &Identity, wanted: &Variable<Bool>, vpc: &aws::VpcReference) {
    let days = log_retention_days(m);
    let key = kms_key_arn(m);
    let account = account_id(m);
    m.file("flow_logs");
    let group = m.resource(
        aws::CloudwatchLogGroup::new("flow_logs")
            .name(template(["/vpc/".into(), (&own.name).into()]))
            .retention_in_days(&days)
            .kms_key_id(&key)
            .tags(&own.tags)
            .when(wanted),
    );
    let role = m.resource(
        aws::IamRole::new(
            "flow_logs",
            trusted_by("vpc-flow-logs.amazonaws.com", &account),
        )
        .name(own.with("-flow-logs"))
        .tags(&own.tags)
        .when(wanted),
    );
    let group_arn = group.assumed().arn();
    let policy = m.resource(
        aws::IamRolePolicy::new(
            "flow_logs",
            document([allow([
                "logs:CreateLogStream",
                "logs:DescribeLogGroups",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ])
            .on([group_arn.clone(), within(&group_arn, ":*")])]),
            role.assumed().id(),
        )
        .name("write")
        .because("Not to create groups: one that is written once more after a destroy would be in the way of the next apply.")
        .when(wanted),
    );
    m.resource(
        aws::FlowLog::new("this")
            .vpc_id(vpc.id())
            .traffic_type("ALL")
            .log_destination(group.assumed().arn())
            .iam_role_arn(role.assumed().arn())
            .tags(own.tagged(""))
            .when(wanted)
            .depends_on(&policy),
    );
}
