//! Resource types of three sizes. The models of the peer in `benches/peer/memory` mirror them.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::{Planned, Schema};

use crate::memory::StoredModel;

/// A resource with a small number of attributes.
#[derive(Clone, Schema)]
#[resource(name = "bench_small", version = 0)]
pub(crate) struct Small {
    /// Name of the object. Changing this forces a new resource.
    #[attr(required, requires_replace)]
    name: String,
    /// A note.
    #[attr(optional)]
    note: Option<String>,
    /// A size.
    #[attr(optional, default = 1)]
    size: i64,
    /// Identifier of the object.
    #[attr(computed, keep)]
    id: String,
}

/// A resource with a typical number of attributes.
#[derive(Clone, Schema)]
#[resource(name = "bench_medium", version = 0)]
pub(crate) struct Medium {
    /// Name of the object. Changing this forces a new resource.
    #[attr(required, requires_replace)]
    name: String,
    /// A description.
    #[attr(optional)]
    description: Option<String>,
    /// Whether the object is enabled.
    #[attr(optional, default = true)]
    enabled: bool,
    /// A size.
    #[attr(optional, default = 1)]
    size: i64,
    /// A port.
    #[attr(optional)]
    port: Option<i64>,
    /// An image.
    #[attr(optional)]
    image: Option<String>,
    /// A role.
    #[attr(optional)]
    role_arn: Option<String>,
    /// A key.
    #[attr(optional)]
    key_arn: Option<String>,
    /// Ordered list of zones.
    #[attr(optional)]
    zones: Option<Vec<String>>,
    /// Owners.
    #[attr(optional)]
    owners: Option<BTreeSet<String>>,
    /// Tags.
    #[attr(optional)]
    tags: Option<BTreeMap<String, String>>,
    /// Placement of the object.
    #[attr(optional)]
    network: Option<Network>,
    /// Identifier of the object.
    #[attr(computed, keep)]
    id: String,
}

/// Placement of an object.
#[derive(Clone, Schema)]
pub(crate) struct Network {
    /// Address range.
    #[attr(required)]
    cidr: String,
    /// Subnets.
    #[attr(optional)]
    subnets: Option<BTreeSet<String>>,
    /// Whether the object has public addresses.
    #[attr(optional)]
    public: Option<bool>,
}

/// A resource with maps, lists, and sets of objects.
#[derive(Clone, Schema)]
#[resource(name = "bench_large", version = 0)]
pub(crate) struct Large {
    /// Name of the object. Changing this forces a new resource.
    #[attr(required, requires_replace)]
    name: String,
    /// A description.
    #[attr(optional)]
    description: Option<String>,
    /// A size.
    #[attr(optional, default = 1)]
    size: i64,
    /// Tags.
    #[attr(optional)]
    tags: Option<BTreeMap<String, String>>,
    /// Placement of the object.
    #[attr(optional)]
    network: Option<Network>,
    /// Containers by name.
    #[attr(required)]
    containers: BTreeMap<String, Container>,
    /// Ordered list of rules.
    #[attr(optional)]
    rules: Option<Vec<Rule>>,
    /// Members.
    #[attr(optional)]
    members: Option<BTreeSet<Member>>,
    /// Identifier of the object.
    #[attr(computed, keep)]
    id: String,
}

/// A container.
#[derive(Clone, Schema)]
pub(crate) struct Container {
    /// An image.
    #[attr(required)]
    image: String,
    /// CPU units.
    #[attr(optional)]
    cpu: Option<i64>,
    /// Memory in MiB.
    #[attr(optional)]
    memory: Option<i64>,
    /// A command.
    #[attr(optional)]
    command: Option<Vec<String>>,
    /// Environment variables.
    #[attr(optional)]
    environment: Option<BTreeMap<String, String>>,
}

/// A rule.
#[derive(Clone, Schema)]
pub(crate) struct Rule {
    /// A protocol.
    #[attr(required)]
    protocol: String,
    /// A port.
    #[attr(required)]
    port: i64,
    /// Address ranges.
    #[attr(optional)]
    cidrs: Option<BTreeSet<String>>,
}

/// A member.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Schema)]
pub(crate) struct Member {
    /// Key of the member.
    #[attr(required)]
    key: String,
    /// Value of the member.
    #[attr(optional)]
    value: Option<String>,
}

macro_rules! kept {
    ($($model:ident: $plan:ident),*) => {$(
        impl StoredModel for $model {
            fn name(&self) -> &str {
                &self.name
            }

            fn planned_name(plan: &$plan) -> Option<&str> {
                plan.name.known().map(String::as_str)
            }

            fn id(plan: &mut $plan) -> &mut Planned<String> {
                &mut plan.id
            }
        }
    )*};
}

kept!(Small: SmallPlan, Medium: MediumPlan, Large: LargePlan);
