//! Resource types, one row per type: the call that looks up an object, and the calls that the emptiness check sends.
//! Data only.
//!
//! To support a new type, add a row: demos then look up its objects, and the emptiness check lists the remaining ones.

mod compute;
mod database;
mod delivery;
mod iam;
mod monitoring;
mod network;
mod scaling;
mod storage;

use serde_json::Value;

/// A resource type in an AWS provider.
pub struct ResourceType {
    /// Type name, such as `aws_vpc`.
    pub name: &'static str,
    /// Call that looks up an object.
    pub lookup: Lookup,
    /// Calls that list remaining objects.
    pub(super) left: &'static [Listed],
}

/// Call that looks up an object, and the expected response.
pub struct Lookup {
    /// The call.
    pub call: Request,
    /// JSON pointers (without the first slash) to values in the response. Each value must equal the attribute. `*`
    /// matches every element of a list. If a bar separates several pointers, the first one that exists is used.
    pub holds: &'static [&'static str],
}

/// A call with parameters that contain attribute values.
pub enum Request {
    /// An action in a service, with parameters.
    Action(
        &'static str,
        &'static str,
        &'static [(&'static str, Parameter)],
    ),
    /// A path in a REST service, with attributes such as `{name}`.
    Path(&'static str, &'static str),
}

/// Value of a parameter in the call.
#[derive(Clone, Copy)]
pub enum Parameter {
    /// An attribute value as a string.
    Of(&'static str),
    /// A list with one attribute value as a string.
    ListOf(&'static str),
}

/// Call that lists the objects of one kind.
pub(super) struct Listed {
    /// Kind of object, for messages.
    pub(super) kind: &'static str,
    pub(super) service: &'static str,
    /// Action or path.
    pub(super) call: &'static str,
    pub(super) is_path: bool,
    pub(super) parameters: fn() -> Value,
    /// JSON pointer to the list in the response.
    pub(super) list: &'static str,
    /// JSON pointer to the identifier in a list entry.
    pub(super) identity: &'static str,
    /// Returns whether AWS itself creates or retains the entry.
    pub(super) of_aws: fn(&Value) -> bool,
}

const TABLES: [&[ResourceType]; 8] = [
    network::TYPES,
    storage::TYPES,
    database::TYPES,
    compute::TYPES,
    iam::TYPES,
    delivery::TYPES,
    monitoring::TYPES,
    scaling::TYPES,
];

/// Kinds of objects that are created without a resource type.
pub(super) const WITHOUT_TYPE: &[Listed] = &[
    Listed::call(
        "network interface",
        "ec2",
        "DescribeNetworkInterfaces",
        "networkInterfaceSet",
        "networkInterfaceId",
    ),
    Listed::call(
        "DB snapshot",
        "rds",
        "DescribeDBSnapshots",
        "DBSnapshots",
        "DBSnapshotIdentifier",
    ),
];

/// Returns all types.
pub fn all() -> impl Iterator<Item = &'static ResourceType> {
    TABLES.into_iter().flatten()
}

impl ResourceType {
    /// Creates a type with this lookup.
    pub const fn new(name: &'static str, lookup: Lookup) -> Self {
        Self {
            name,
            lookup,
            left: &[],
        }
    }

    /// Adds calls that list remaining objects.
    const fn left(self, left: &'static [Listed]) -> Self {
        Self { left, ..self }
    }
}

impl Listed {
    const fn call(
        kind: &'static str,
        service: &'static str,
        action: &'static str,
        list: &'static str,
        identity: &'static str,
    ) -> Self {
        Self {
            kind,
            service,
            call: action,
            is_path: false,
            parameters: || Value::Null,
            list,
            identity,
            of_aws: |_| false,
        }
    }

    const fn get(
        kind: &'static str,
        service: &'static str,
        path: &'static str,
        list: &'static str,
        identity: &'static str,
    ) -> Self {
        Self {
            is_path: true,
            ..Self::call(kind, service, path, list, identity)
        }
    }

    /// Adds parameters to the call.
    const fn with(self, parameters: fn() -> Value) -> Self {
        Self { parameters, ..self }
    }

    /// Excludes entries that AWS creates or retains.
    const fn but(self, of_aws: fn(&Value) -> bool) -> Self {
        Self { of_aws, ..self }
    }
}

/// Creates a lookup that calls an action.
pub const fn action(
    service: &'static str,
    action: &'static str,
    parameters: &'static [(&'static str, Parameter)],
    holds: &'static [&'static str],
) -> Lookup {
    Lookup {
        call: Request::Action(service, action, parameters),
        holds,
    }
}

/// Creates a lookup that requests a path.
pub const fn path(
    service: &'static str,
    path: &'static str,
    holds: &'static [&'static str],
) -> Lookup {
    Lookup {
        call: Request::Path(service, path),
        holds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_one_row_with_an_expectation() {
        let mut seen = std::collections::BTreeSet::new();
        for ty in all() {
            assert!(seen.insert(ty.name), "{} has two rows", ty.name);
            // If the lookup is a path, a successful call proves that the object exists.
            let by_path = matches!(ty.lookup.call, Request::Path(..));
            assert!(
                by_path || !ty.lookup.holds.is_empty(),
                "{} has no expected attribute",
                ty.name
            );
        }
    }
}
