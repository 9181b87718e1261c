//! Routes to the internet: an internet gateway for public subnets, and NAT gateways for private subnets.

use aws_blocks as aws;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Many};

use super::Inputs;
use super::subnets::Subnets;
use crate::aws::conventions::Identity;

/// References to the routing resources.
pub(super) struct Routes {
    pub(super) public: Public,
    pub(super) addresses: Many<aws::EipReference>,
    pub(super) nats: Many<aws::NatGatewayReference>,
    pub(super) private: Many<aws::RouteTableReference>,
    pub(super) out: Many<aws::RouteReference>,
    pub(super) associations: Many<aws::RouteTableAssociationReference>,
}

/// Declares the routes.
pub(super) fn routes(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    subnets: &Subnets,
    vpc: &aws::VpcReference,
) -> Routes {
    m.file("routes");
    let nat = &inputs.nat_gateway;
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
        .comment("The zone is the key because the first gateway must not change when gateways in other zones are added.");
    let tables = m
        .local(
            "private_table_zones",
            first(conditional(&per_zone, length(zones), 1)),
        )
        .comment("Private subnets share the route table of the first zone unless every zone has a NAT gateway.");

    let public = public(m, own, subnets, vpc);
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
                .depends_on(&public.gateway)
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
    let associations = associations(m, subnets, &private, &per_zone);
    Routes {
        public,
        addresses,
        nats,
        private,
        out,
        associations,
    }
}

/// Associates each private subnet with the route table for its zone, or with the shared route table.
fn associations(
    m: &mut Module,
    subnets: &Subnets,
    private: &Many<aws::RouteTableReference>,
    per_zone: &Expr<Bool>,
) -> Many<aws::RouteTableAssociationReference> {
    let first = subnets.zones.at(0);
    m.resource(
        aws::RouteTableAssociation::new("private", Expr::<Str>::null()).for_each(
            &subnets.private_ranges,
            |_, each| {
                let table = private.get(conditional(per_zone, each.key(), first));
                aws::RouteTableAssociation::new("private", table.id())
                    .subnet_id(subnets.private.get(each.key()).id())
            },
        ),
    )
}

/// Route from the public subnets to the internet.
pub(super) struct Public {
    gateway: aws::InternetGatewayReference,
    pub(super) route: aws::RouteReference,
    pub(super) associations: Many<aws::RouteTableAssociationReference>,
}

/// Declares the route for the public subnets.
fn public(m: &mut Module, own: &Identity, subnets: &Subnets, vpc: &aws::VpcReference) -> Public {
    let gateway = m.resource(
        aws::InternetGateway::new("this")
            .vpc_id(vpc.id())
            .tags(own.tagged("")),
    );
    let public = m.resource(aws::RouteTable::new("public", vpc.id()).tags(own.tagged("-public")));
    let route = m.resource(
        aws::Route::new("internet", public.id())
            .destination_cidr_block("0.0.0.0/0")
            .gateway_id(gateway.id()),
    );
    let associations = m.resource(
        aws::RouteTableAssociation::new("public", public.id())
            .for_each(&subnets.public_ranges, |association, each| {
                association.subnet_id(subnets.public.get(each.key()).id())
            }),
    );
    Public {
        gateway,
        route,
        associations,
    }
}
