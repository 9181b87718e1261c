//! Facts about resource types, one row per type: the call that looks up an object, and the calls of the emptiness
//! check. Data only.
//!
//! A new type requires only a row: demos look up their resources, and the emptiness check lists remaining ones.

mod compute;
mod database;
mod iam;
mod network;
mod storage;

use serde_json::Value;

/// A resource type of an AWS provider.
pub struct ResourceType {
    /// Name, such as `aws_vpc`.
    pub name: &'static str,
    /// Lookup of an object.
    pub lookup: Lookup,
    /// Lists of remaining objects.
    pub(super) left: &'static [Listed],
}

/// Lookup of an object.
pub struct Lookup {
    /// The call.
    pub call: Request,
    /// JSON pointers (without the first slash) to attributes whose values the response must contain. `*` is every
    /// element of a list. Of pointers separated by a bar, the first that exists is used.
    pub holds: &'static [&'static str],
}

/// A call with values of attributes.
pub enum Request {
    /// An action of a service, with parameters.
    Action(
        &'static str,
        &'static str,
        &'static [(&'static str, Parameter)],
    ),
    /// A path of a REST service, with attributes such as `{name}`.
    Path(&'static str, &'static str),
}

/// Value of a parameter.
#[derive(Clone, Copy)]
pub enum Parameter {
    /// The text of an attribute.
    Of(&'static str),
    /// A list with the text of an attribute.
    ListOf(&'static str),
}

/// List of the objects of one kind.
pub(super) struct Listed {
    /// Kind, for messages.
    pub(super) kind: &'static str,
    pub(super) service: &'static str,
    /// An action, or a path.
    pub(super) call: &'static str,
    pub(super) is_path: bool,
    pub(super) parameters: fn() -> Value,
    /// JSON pointer of the list in the response.
    pub(super) list: &'static str,
    /// JSON pointer of the identity in an entry.
    pub(super) identity: &'static str,
    /// Returns whether AWS creates or keeps the entry itself.
    pub(super) of_aws: fn(&Value) -> bool,
}

const TABLES: [&[ResourceType]; 5] = [
    network::TYPES,
    storage::TYPES,
    database::TYPES,
    compute::TYPES,
    iam::TYPES,
];

/// Kinds of objects that are created without a resource type of their own.
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

/// Returns every type that has a row.
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

    /// Adds lists of remaining objects.
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

    /// Adds parameters of the call.
    const fn with(self, parameters: fn() -> Value) -> Self {
        Self { parameters, ..self }
    }

    /// Excludes entries that AWS created or retains.
    const fn but(self, of_aws: fn(&Value) -> bool) -> Self {
        Self { of_aws, ..self }
    }
}

/// Creates a lookup by an action.
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

/// Creates a lookup by a path.
const fn path(service: &'static str, path: &'static str, holds: &'static [&'static str]) -> Lookup {
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
            // An object that is looked up by its path exists if the call succeeds.
            let by_path = matches!(ty.lookup.call, Request::Path(..));
            assert!(
                by_path || !ty.lookup.holds.is_empty(),
                "{} has no expected attribute",
                ty.name
            );
        }
    }
}
