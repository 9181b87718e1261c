//! Handwritten builders in the form of generated builders: newtypes over a block and its handle, with required
//! arguments in `new`.

use tfmodgen::prelude::*;
use tfmodgen::{Block, Handle, NestedBlock};

macro_rules! builders {
    ($($(#[$doc:meta])* $builder:ident $reference:ident $kind:ident $ty:literal
        ($($required:ident: $required_ty:ty),*)
        { $($optional:ident: $optional_ty:ty),* }
        -> { $($attribute:ident: $attribute_ty:ty),* })+) => {$(
        $(#[$doc])*
        pub(crate) struct $builder(Block);

        /// Reference to a block of this type.
        #[derive(Clone)]
        pub(crate) struct $reference(Handle);

        impl $builder {
            /// Returns a block with its required arguments.
            pub(crate) fn new(name: &str $(, $required: impl IntoExpr<$required_ty>)*) -> Self {
                Self(Block::$kind($ty, name))$(.set::<$required_ty>(stringify!($required), $required))*
            }

            fn set<T>(mut self, name: &str, value: impl IntoExpr<T>) -> Self {
                self.0.body().set(name, value);
                self
            }

            $(
                /// Sets the argument.
                #[must_use]
                pub(crate) fn $optional(self, value: impl IntoExpr<$optional_ty>) -> Self {
                    self.set::<$optional_ty>(stringify!($optional), value)
                }
            )*
        }

        impl $reference {
            $(
                /// Returns the attribute.
                pub(crate) fn $attribute(&self) -> Expr<$attribute_ty> {
                    self.0.attribute(stringify!($attribute))
                }
            )*
        }

        impl BlockBuilder for $builder {
            type Reference = $reference;

            fn block(&mut self) -> &mut Block {
                &mut self.0
            }

            fn into_block(self) -> Block {
                self.0
            }
        }

        impl BlockReference for $reference {
            fn at(handle: Handle) -> Self {
                Self(handle)
            }

            fn handle(&self) -> &Handle {
                &self.0
            }
        }
    )+};
}

builders! {
    /// `aws_vpc`
    Vpc VpcReference resource "aws_vpc" ()
        { cidr_block: Str, enable_dns_support: Bool, enable_dns_hostnames: Bool, tags: Map<Str> }
        -> { id: Str, cidr_block: Str }
    /// `aws_subnet`
    Subnet SubnetReference resource "aws_subnet" (vpc_id: Str)
        { cidr_block: Str, availability_zone: Str, map_public_ip_on_launch: Bool, tags: Map<Str> }
        -> { id: Str, arn: Str, availability_zone: Str }
    /// `aws_internet_gateway`
    InternetGateway InternetGatewayReference resource "aws_internet_gateway" ()
        { vpc_id: Str, tags: Map<Str> } -> { id: Str }
    /// `aws_eip`
    Eip EipReference resource "aws_eip" () { domain: Str, tags: Map<Str> } -> { id: Str, public_ip: Str }
    /// `aws_nat_gateway`
    NatGateway NatGatewayReference resource "aws_nat_gateway" (subnet_id: Str)
        { allocation_id: Str, tags: Map<Str> } -> { id: Str, public_ip: Str }
    /// `aws_route_table`
    RouteTable RouteTableReference resource "aws_route_table" (vpc_id: Str)
        { tags: Map<Str> } -> { id: Str }
    /// `aws_route`
    Route RouteReference resource "aws_route" (route_table_id: Str)
        { destination_cidr_block: Str, gateway_id: Str, nat_gateway_id: Str } -> { id: Str }
    /// `aws_route_table_association`
    RouteTableAssociation RouteTableAssociationReference resource "aws_route_table_association" (route_table_id: Str)
        { subnet_id: Str } -> { id: Str }
    /// `aws_security_group`
    SecurityGroup SecurityGroupReference resource "aws_security_group" ()
        { name_prefix: Str, description: Str, vpc_id: Str, tags: Map<Str> } -> { id: Str }
    /// `aws_vpc_endpoint`
    VpcEndpoint VpcEndpointReference resource "aws_vpc_endpoint" (service_name: Str, vpc_id: Str)
        {
            vpc_endpoint_type: Str, route_table_ids: Set<Str>, subnet_ids: Set<Str>, security_group_ids: Set<Str>,
            private_dns_enabled: Bool, policy: Str, tags: Map<Str>
        } -> { id: Str }
    /// `aws_ecs_cluster`
    EcsCluster EcsClusterReference resource "aws_ecs_cluster" (name: Str)
        { tags: Map<Str> } -> { id: Str, arn: Str }
    /// `aws_secretsmanager_secret`
    Secret SecretReference resource "aws_secretsmanager_secret" () { name_prefix: Str } -> { id: Str }
    /// `aws_secretsmanager_secret_version`
    SecretVersion SecretVersionReference resource "aws_secretsmanager_secret_version" (secret_id: Str)
        { secret_string_wo: Str, secret_string_wo_version: Num }
        -> { version_id: Str, secret_string_wo_version: Num }
    /// `aws_secretsmanager_secret_version`, as an ephemeral resource
    SecretValue SecretValueReference ephemeral "aws_secretsmanager_secret_version" (secret_id: Str)
        { version_id: Str } -> { secret_string: Str }
    /// `aws_region`, as a data source
    Region RegionReference data "aws_region" () {} -> { name: Str }
}

/// `setting` of `aws_ecs_cluster`.
pub(crate) struct EcsClusterSetting(NestedBlock);

impl EcsClusterSetting {
    /// Returns a block with its required arguments.
    pub(crate) fn new(name: impl IntoExpr<Str>, value: impl IntoExpr<Str>) -> Self {
        let mut block = NestedBlock::new("setting");
        block.body().set("name", name);
        block.body().set("value", value);
        Self(block)
    }
}

impl From<EcsClusterSetting> for NestedBlock {
    fn from(block: EcsClusterSetting) -> Self {
        block.0
    }
}

impl EcsCluster {
    /// Adds the nested block.
    #[must_use]
    pub(crate) fn setting(mut self, block: EcsClusterSetting) -> Self {
        self.0.body().nest(block.into());
        self
    }

    /// Adds the nested block for each element of a collection.
    #[must_use]
    pub(crate) fn setting_for_each<K>(
        mut self,
        over: K,
        write: impl FnOnce(Each<K::Type>) -> EcsClusterSetting,
    ) -> Self
    where
        K: Known,
        K::Type: Collection,
    {
        self.0.body().nest_each("setting", over, write);
        self
    }
}

/// `ingress` of `aws_security_group`: an attribute that can also be written as blocks.
pub(crate) struct SecurityGroupIngress(NestedBlock);

impl SecurityGroupIngress {
    /// Returns a block that allows TCP traffic to one port.
    pub(crate) fn tcp(port: u16, from: impl IntoExpr<List<Str>>) -> Self {
        let mut block = NestedBlock::new("ingress");
        block.body().set::<Num>("from_port", port);
        block.body().set::<Num>("to_port", port);
        block.body().set::<Str>("protocol", "tcp");
        block.body().set("cidr_blocks", from);
        Self(block)
    }

    /// Sets the argument.
    #[must_use]
    pub(crate) fn description(mut self, value: impl IntoExpr<Str>) -> Self {
        self.0.body().set("description", value);
        self
    }
}

impl SecurityGroup {
    /// Adds the nested block.
    #[must_use]
    pub(crate) fn ingress(mut self, block: SecurityGroupIngress) -> Self {
        self.0.body().nest(block.0);
        self
    }
}
