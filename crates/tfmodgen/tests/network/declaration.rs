//! Declaration of a network module that uses the features of a typical module.

use tfmodgen::Declared;
use tfmodgen::prelude::*;

use crate::aws;

pub(crate) fn network() -> Part<Inputs, Outputs> {
    let mut m = Module::new(
        "network",
        "A VPC with public and private subnets in the specified zones.",
    );
    m.argument_order(crate::ORDER);
    m.header("Golden file. Regenerate it with `UPDATE=1 cargo test -p tfmodgen --test network`.");
    m.requires("aws", "hashicorp/aws", ">= 5.100");
    let inputs = Inputs::declare(&mut m);
    let named = |suffix: &str| {
        merge([
            (*inputs.tags).clone(),
            [("Name", template([(&inputs.name).into(), suffix.into()]))].into_expr(),
        ])
    };

    let region = m.data(aws::Region::new("current"));
    let vpc = m.resource(
        aws::Vpc::new("this")
            .tags(named(""))
            .cidr_block(&inputs.cidr_block)
            .enable_dns_support(true)
            .enable_dns_hostnames(true)
            .argument_comment("Private DNS of interface endpoints requires both."),
    );

    m.file("subnets");
    let zones = m
        .local("zones", inputs.availability_zones.by_index())
        .comment(
            "Keys are zone names, so a subnet keeps its address when other zones are added or removed.",
        );
    let subnet = |name: &str, offset: i64| {
        aws::Subnet::new(name, vpc.id()).for_each(&zones, |subnet, each| {
            subnet.availability_zone(each.key()).cidr_block(cidrsubnet(
                &inputs.cidr_block,
                8,
                each.value() + offset,
            ))
        })
    };
    let public = m.resource(subnet("public", 1).comment(
        "Subnets for load balancers, which are the only resources with public addresses.",
    ));
    let private = m.resource(subnet("private", 10));

    m.file("routes");
    let gateway = m.resource(
        aws::InternetGateway::new("this")
            .vpc_id(vpc.id())
            .tags(named("")),
    );
    let wants_nat = inputs.nat_gateway.differs("none");
    let address = m.resource(
        aws::Eip::new("nat")
            .domain("vpc")
            .tags(named("-nat"))
            .when(&wants_nat)
            .depends_on(&gateway),
    );
    let first = public.get(inputs.availability_zones.at(0));
    let nat = m.resource(
        aws::NatGateway::new("this", first.id())
            .allocation_id(address.assumed().id())
            .tags(named(""))
            .when(&wants_nat)
            .depends_on(&gateway),
    );
    let table = m.resource(aws::RouteTable::new("private", vpc.id()).tags(named("-private")));
    m.resource(
        aws::Route::new("nat", table.id())
            .destination_cidr_block("0.0.0.0/0")
            .nat_gateway_id(nat.assumed().id())
            .when(&wants_nat),
    );
    m.resource(
        aws::RouteTableAssociation::new("private", table.id())
            .for_each(&zones, |association, each| {
                association.subnet_id(private.get(each.key()).id())
            }),
    );

    m.file("endpoints");
    endpoints(
        &mut m,
        &inputs,
        &Sources {
            region,
            vpc: vpc.clone(),
            table,
        },
    );

    m.resource(
        aws::EcsCluster::new("this", &inputs.name)
            .setting(aws::EcsClusterSetting::new("containerInsights", "enabled"))
            .create_before_destroy(),
    );

    let outputs = Outputs {
        vpc_id: output(vpc.id()),
        public_subnet_ids: output(public.map(|subnet| subnet.id())),
        private_subnet_ids: output(private.list(|subnet| subnet.id())),
        nat_address: output(address.one(|address| address.public_ip())),
    };
    Part::new(m, inputs, outputs)
}

tfmodgen::outputs! {
    /// Outputs of the network.
    pub(crate) struct Outputs {
        /// ID of the VPC.
        vpc_id: Str,
        /// IDs of the load balancer subnets, by zone.
        public_subnet_ids: Map<Str>,
        /// IDs of the task and database subnets.
        private_subnet_ids: List<Str>,
        /// Public IP address of the NAT gateway. Null if there is no NAT gateway.
        nat_address: Str,
    }
}

tfmodgen::inputs! {
    /// Inputs of the network.
    pub(crate) struct Inputs(input) {
        required name: Str = input
            .declare(string())
            .describe("Prefix of all resource names.")
            .validate(
                |name| matches("^[a-z][a-z0-9-]{1,22}$", name),
                "The name must have 2 to 23 lowercase letters, digits, and hyphens, and start with a letter.",
            ),
        optional cidr_block: Str = input
            .declare(string())
            .describe("Address range of the VPC.")
            .default("10.0.0.0/16")
            .validate(
                |cidr| can(cidrnetmask(cidr)),
                "The range must be an IPv4 CIDR block, such as 10.0.0.0/16.",
            ),
        required availability_zones: List<Str> = input
            .declare(list(string()))
            .describe("Availability Zones of the subnets.")
            .validate(
                |zones| {
                    length(zones)
                        .at_least(2)
                        .and(length(distinct(zones)).equals(length(zones)))
                },
                "Specify at least two distinct zones.",
            ),
        optional nat_gateway: Str = input
            .declare(string())
            .describe("Internet access for private subnets.")
            .default("single")
            .validate(
                |nat| one_of(nat, ["none", "single"]),
                "The value must be none or single.",
            ),
        optional interface_endpoints: Map<Object> = input
            .declare(map(object()
                .required("service", string())
                .optional_or("private_dns", bool(), true)))
            .describe("Interface endpoints, keyed by an arbitrary name.")
            .default(Vec::<(&str, Expr<Object>)>::new())
            .validate(
                |endpoints| endpoints.all("endpoint", |endpoint| {
                    matches("^[a-z0-9.-]+$", endpoint.attribute::<Str>("service"))
                }),
                "A service name must contain only lowercase letters, digits, periods, and hyphens, such as ecr.api.",
            ),
        optional tags: Map<Str> = input
            .declare(map(string()))
            .describe("Tags for all resources that support tags.")
            .default(Vec::<(&str, &str)>::new()),
    }
}

struct Sources {
    region: aws::RegionReference,
    vpc: aws::VpcReference,
    table: aws::RouteTableReference,
}

fn endpoints(m: &mut Module, inputs: &Inputs<Declared>, at: &Sources) {
    let group = m.resource(
        aws::SecurityGroup::new("endpoints")
            .description("Interface endpoints: HTTPS from within the VPC.")
            .name_prefix(template([(&inputs.name).into(), "-endpoints-".into()]))
            .vpc_id(at.vpc.id())
            .tags(&inputs.tags)
            .ingress(
                aws::SecurityGroupIngress::tcp(443, [at.vpc.cidr_block()])
                    .description("HTTPS from tasks"),
            )
            .create_before_destroy()
            .lifecycle_comment("A security group that is in use cannot be deleted, so its replacement is created first."),
    );
    let service = |name: Expr<Str>| {
        template([
            "com.amazonaws.".into(),
            at.region.name().into(),
            ".".into(),
            name.into(),
        ])
    };
    m.resource(
        aws::VpcEndpoint::new("interface", service(Expr::null()), at.vpc.id()).for_each(
            &inputs.interface_endpoints,
            |_, each| {
                aws::VpcEndpoint::new("interface", service(each.get("service")), at.vpc.id())
                    .vpc_endpoint_type("Interface")
                    .private_dns_enabled(each.get::<Bool>("private_dns"))
                    .security_group_ids([group.id()])
                    .tags(&inputs.tags)
            },
        ),
    );
    m.resource(
        aws::VpcEndpoint::new("s3", service("s3".into_expr()), at.vpc.id())
            .vpc_endpoint_type("Gateway")
            .route_table_ids([at.table.id()])
            .policy(jsonencode(object_value([
                entry("Version", "2012-10-17"),
                entry(
                    "Statement",
                    [object_value([
                        entry("Effect", "Allow"),
                        entry("Principal", "*"),
                        entry("Action", ["s3:GetObject", "s3:PutObject"]),
                        entry(
                            "Resource",
                            template(["arn:aws:s3:::".into(), (&inputs.name).into(), "-*/*".into()]),
                        ),
                    ])],
                ),
            ])))
            .argument_comment("Tasks can access only buckets that have the system name as a prefix. ${aws:username} is not interpolated.")
            .tags(&inputs.tags),
    );
}
