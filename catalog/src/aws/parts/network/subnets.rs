//! A public and a private subnet in every zone, and their CIDR blocks.

use aws_blocks as aws;
use aws_blocks::data;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local, Many, TerraformData};

use super::{DefaultZones, Inputs};
use crate::aws::conventions::Identity;

/// Returns the number of additional prefix bits in a subnet, compared with the VPC.
pub(super) fn subnet_bits(cidr: &Expr<Str>) -> Expr<Num> {
    let length = tonumber(split("/", cidr).at(1));
    min([8.into_expr(), IntoExpr::<Num>::into_expr(27) - length])
}

/// Returns a subnet in one half of the CIDR block.
pub(super) fn narrow(cidr: &Expr<Str>, half: i64, bits: &Expr<Num>, index: Expr<Num>) -> Expr<Str> {
    cidrsubnet(cidrsubnet(cidr, 1, half), bits - 1, index)
}

/// The subnets, their zones, and their CIDR blocks.
pub(super) struct Subnets {
    pub(super) zones: Local<List<Str>>,
    pub(super) public_ranges: Local<Map<Str>>,
    pub(super) private_ranges: Local<Map<Str>>,
    pub(super) public: Many<aws::SubnetReference>,
    pub(super) private: Many<aws::SubnetReference>,
}

/// Declares the subnets.
pub(super) fn subnets(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    default: DefaultZones,
    vpc: &aws::VpcReference,
) -> Subnets {
    m.file("subnets");
    let (given, cidr) = (&inputs.availability_zones, &inputs.cidr_block);
    let zones = zones(m, given, default);
    let bits = m
        .local("subnet_bits", subnet_bits(cidr))
        .comment("A load balancer requires subnets that are /27 or larger.");
    // The zone is the key because other subnets must not change when a zone is added or removed.
    let numbered = |wide: fn(Expr<Num>) -> Expr<Num>, half: i64| {
        zones.iterate("index", "zone").into_map(|index, zone| {
            let wide = cidrsubnet(cidr, 8, wide(index.clone()));
            let subnet = conditional(bits.equals(8), wide, narrow(cidr, half, &bits, index));
            (zone, subnet)
        })
    };
    let public_ranges = m
        .local("public_subnets", numbered(|index| index + 1, 0))
        .comment(
            "Subnets 1, 2, … of a large CIDR block, or subnets in the lower half of a small CIDR block.",
        );
    let private_ranges = m
        .local("private_subnets", numbered(|index| (index + 1) * 10, 1))
        .comment(
            "Subnets 10, 20, … of a large CIDR block, or subnets in the upper half of a small CIDR block.",
        );
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

/// Declares the Availability Zones: the configured zones, or the zones that the first apply selected.
fn zones(m: &mut Module, given: &Expr<List<Str>>, default: DefaultZones) -> Local<List<Str>> {
    let available = m.data(
        data::AvailabilityZones::new("available")
            .state("available")
            .filter(data::AvailabilityZonesFilter::new(
                "opt-in-status",
                ["opt-in-not-required"],
            ))
            .argument_comment("Local Zones support neither NAT gateways nor databases.")
            .when(given.is_null()),
    );
    let first = m.resource(
        TerraformData::new("zones")
            .comment("Stores the zones from the first apply because a new zone in the region could precede them.")
            .input(conditional(
                given.is_set(),
                given,
                slice::<Str>(sort(available.assumed().names()), 0, default.count()),
            ))
            .ignore_changes("input"),
    );
    m.local(
        "zones",
        conditional(given.is_set(), given, tolist::<Str>(first.input::<Any>())),
    )
}
