//! Facts about resource types, a row for each: the call that shows an object of the type, and the calls that list objects
//! which are left. Must not call anything.
//!
//! A new type needs a row here and nothing else: demos look up what they created by it, and accounts are checked for
//! what is left by it.

mod compute;
mod database;
mod iam;
mod network;
mod storage;

use serde_json::Value;

/// A resource type of a provider for AWS.
pub struct ResourceType {
    /// Its name, such as `aws_vpc`.
    pub name: &'static str,
    /// How the API shows an object of the type.
    pub lookup: Lookup,
    /// How objects that are left are listed.
    pub(super) left: &'static [Listed],
}

/// How an object is looked up.
pub struct Lookup {
    /// The call.
    pub call: Request,
    /// JSON pointers into the attributes, without the first slash, of values that the answer must hold. `*` is every element
    /// of a list. Of pointers with a bar between them, the first that leads to something counts.
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
    /// A path of a REST service, in which `{name}` is an attribute.
    Path(&'static str, &'static str),
}

/// The value of a parameter.
#[derive(Clone, Copy)]
pub enum Parameter {
    /// The text of an attribute.
    Of(&'static str),
    /// A list with the text of an attribute.
    ListOf(&'static str),
}

/// How the objects of one kind are listed.
pub(super) struct Listed {
    /// The kind, as a user calls it.
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

/// Kinds of objects that other objects leave behind, without a resource type that creates them.
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
    /// A type that is looked up like this.
    pub const fn new(name: &'static str, lookup: Lookup) -> Self {
        Self {
            name,
            lookup,
            left: &[],
        }
    }

    /// The same type, with calls that list objects which are left.
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

    /// With parameters of the call.
    const fn with(self, parameters: fn() -> Value) -> Self {
        Self { parameters, ..self }
    }

    /// Without entries that AWS made or keeps itself.
    const fn but(self, of_aws: fn(&Value) -> bool) -> Self {
        Self { of_aws, ..self }
    }
}

/// A lookup by an action.
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

/// A lookup by a path.
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
    fn every_type_has_one_row_and_a_proof() {
        let mut seen = std::collections::BTreeSet::new();
        for ty in all() {
            assert!(seen.insert(ty.name), "{} has two rows", ty.name);
            // An object that is looked up by its path exists if the call succeeds.
            let by_path = matches!(ty.lookup.call, Request::Path(..));
            assert!(
                by_path || !ty.lookup.holds.is_empty(),
                "{} expects nothing",
                ty.name
            );
        }
    }
}
