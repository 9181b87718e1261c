//! Values for computed attributes without a rule: deterministic, and well-formed for the name and type of the attribute.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use tfschema::{Number, Type, Value};

/// Source of the variable parts of values. Equal seeds result in equal values.
#[derive(Clone)]
pub(crate) struct Seed(String);

impl Seed {
    /// Returns the seed for a sequence of parts.
    pub(crate) fn of(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.len().to_le_bytes());
            hash.update(part.as_bytes());
        }
        Self(
            hash.finalize()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }

    /// Returns the seed for a part of the object.
    pub(crate) fn part(&self, name: &str) -> Self {
        Self::of(&[&self.0, name])
    }

    /// Returns a number of hexadecimal digits.
    pub(crate) fn hex(&self, count: usize) -> String {
        self.0.chars().cycle().take(count).collect()
    }

    /// Returns a number of decimal digits, of which the first is not zero.
    pub(crate) fn digits(&self, count: usize) -> String {
        let digits = self
            .0
            .bytes()
            .cycle()
            .map(|byte| char::from(b'1' + byte % 9));
        digits.take(count).collect()
    }

    /// Returns a UUID of version 4 (RFC 9562, section 5.4).
    fn uuid(&self) -> String {
        let hex = &self.0;
        format!(
            "{}-{}-4{}-8{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[13..16],
            &hex[17..20],
            &hex[20..32]
        )
    }
}

/// Attribute for which a value is generated.
pub(crate) struct Wanted<'a> {
    /// Type of the object, such as `aws_ecs_cluster`.
    pub(crate) type_name: &'a str,
    /// Name of the attribute.
    pub(crate) name: &'a str,
    /// Seed for the attribute.
    pub(crate) seed: &'a Seed,
    /// ID of the object, for values that contain it. The attribute `id` itself has none.
    pub(crate) id: Option<&'a str>,
    /// Region in ARNs.
    pub(crate) region: &'a str,
    /// Account ID in ARNs.
    pub(crate) account: &'a str,
}

impl Wanted<'_> {
    /// Returns a value of a type. Collections are empty, and values of any type are null.
    pub(crate) fn value(&self, ty: &Type) -> Value {
        match ty {
            Type::String => Value::string(self.text()),
            Type::Bool => Value::Bool(false),
            Type::Number => Value::Number(self.number()),
            Type::List(_) => Value::List(Vec::new()),
            Type::Set(_) => Value::set([]),
            Type::Map(_) => Value::Map(BTreeMap::new()),
            Type::Object(object) => Value::object(object.attributes.iter().map(|(name, ty)| {
                let member = Wanted { name, ..*self };
                (name.clone(), member.value(ty))
            })),
            Type::Tuple(types) => Value::Tuple(types.iter().map(|ty| self.value(ty)).collect()),
            Type::Dynamic => Value::Null,
        }
    }

    fn number(&self) -> Number {
        match self.name == "port" || self.name.ends_with("_port") {
            true => Number::from(443_i64),
            false => Number::from(0_i64),
        }
    }

    /// Returns a string for the name of the attribute. The first form whose suffix matches applies.
    fn text(&self) -> String {
        let seed = self.seed;
        let ends = |suffixes: &[&str]| {
            suffixes.iter().any(|suffix| {
                let rest = self.name.strip_suffix(suffix);
                rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
            })
        };
        if ends(&["arn"]) {
            self.arn()
        } else if ends(&["account_id", "owner_id"]) || self.name == "account" {
            self.account.to_owned()
        } else if self.name == "region" {
            self.region.to_owned()
        } else if self.name == "id" {
            format!("{}-{}", self.kind(), seed.hex(17))
        } else if ends(&["uuid", "unique_id"]) {
            seed.uuid()
        } else if ends(&["cidr", "cidr_block"]) {
            "192.0.2.0/24".to_owned()
        } else if ends(&["ipv6_address", "ipv6"]) {
            // Documentation prefix (RFC 3849).
            format!("2001:db8::{}", seed.hex(4))
        } else if ends(&["ip", "ip_address", "ipv4", "ipv4_address"]) {
            // Documentation prefix (RFC 5737).
            format!(
                "192.0.2.{}",
                u8::from_str_radix(&seed.hex(2), 16)
                    .unwrap_or(0)
                    .clamp(1, 254)
            )
        } else if ends(&["url", "uri", "issuer"]) {
            format!("https://{}.example.com", seed.hex(12))
        } else if ends(&[
            "dns_name",
            "domain_name",
            "domain",
            "fqdn",
            "host",
            "hostname",
            "endpoint",
            "address",
        ]) {
            // Reserved domain (RFC 2606).
            format!("{}.example.com", seed.hex(12))
        } else if ends(&["at", "date", "time", "timestamp"]) {
            "2026-01-01T00:00:00Z".to_owned()
        } else if ends(&["json", "policy"]) {
            "{}".to_owned()
        } else if ends(&["id"]) {
            seed.hex(17)
        } else {
            format!("{}-{}", self.name.replace('_', "-"), seed.hex(8))
        }
    }

    /// Returns the type name without the provider, such as `ecs-cluster`.
    fn kind(&self) -> String {
        let (_, kind) = self
            .type_name
            .split_once('_')
            .unwrap_or(("", self.type_name));
        kind.replace('_', "-")
    }

    /// Returns an ARN, in the form of "Amazon Resource Names (ARNs)" in the IAM reference.
    fn arn(&self) -> String {
        let kind = self.kind();
        let (service, resource) = kind.split_once('-').unwrap_or((&kind, &kind));
        let id = match self.id {
            Some(id) => id.to_owned(),
            None => self.seed.hex(17),
        };
        format!(
            "arn:aws:{service}:{}:{}:{resource}/{id}",
            self.region, self.account
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str) -> String {
        let seed = Seed::of(&["x"]);
        let wanted = Wanted {
            type_name: "aws_ecs_cluster",
            name,
            seed: &seed,
            id: Some("ecs-cluster-1"),
            region: "eu-central-1",
            account: "123456789012",
        };
        wanted
            .value(&Type::String)
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    #[test]
    fn values_are_well_formed_for_their_name() {
        assert_eq!(
            text("arn"),
            "arn:aws:ecs:eu-central-1:123456789012:cluster/ecs-cluster-1"
        );
        assert_eq!(text("owner_id"), "123456789012");
        assert!(text("id").starts_with("ecs-cluster-"));
        assert!(text("private_ip").parse::<std::net::Ipv4Addr>().is_ok());
        assert!(text("ipv6_address").parse::<std::net::Ipv6Addr>().is_ok());
        assert!(text("dns_name").ends_with(".example.com"));
        assert!(text("invoke_url").starts_with("https://"));
        // The suffix is a word of its own.
        assert!(text("equip").starts_with("equip-"));
    }

    #[test]
    fn values_depend_only_on_the_seed() {
        assert_eq!(Seed::of(&["a", "b"]).hex(70), Seed::of(&["a", "b"]).hex(70));
        assert_ne!(Seed::of(&["a", "b"]).hex(8), Seed::of(&["ab", ""]).hex(8));
        assert!(!Seed::of(&["a"]).digits(40).starts_with('0'));
    }
}
