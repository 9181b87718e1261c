//! Computes which components can connect to each other, from the security groups, routes, and public addresses that the
//! API returns. Compares the result with a table. Connections that are not in the table are errors.

use std::collections::BTreeSet;
use std::fmt;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::facts::{list, text};
use crate::requirements::Registry;

/// Any address outside the VPC.
const INTERNET: &str = "internet";
/// Any host in the VPC outside the registry, with unrestricted egress.
const STRANGER: &str = "stranger";
/// All IPv4 addresses and all IPv6 addresses.
const EVERYWHERE: [&str; 2] = ["0.0.0.0/0", "::/0"];

/// A possible connection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Connection {
    from: String,
    to: String,
    /// Protocol and ports, such as `tcp 5432`.
    on: String,
}

impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<14} -> {:<14} {}", self.from, self.to, self.on)
    }
}

/// Returns the expected connections for a registry.
pub(crate) fn required() -> BTreeSet<Connection> {
    let rows = [
        (INTERNET, "load balancer", "tcp 80"),
        (INTERNET, "load balancer", "tcp 443"),
        (STRANGER, "load balancer", "tcp 80"),
        (STRANGER, "load balancer", "tcp 443"),
        ("load balancer", "api", "tcp 8080"),
        ("api", "database", "tcp 5432"),
        ("worker", "database", "tcp 5432"),
        ("api", INTERNET, "tcp 443"),
        ("worker", INTERNET, "tcp 443"),
        // The load balancer is public, so every component with internet access can reach it.
        ("api", "load balancer", "tcp 443"),
        ("worker", "load balancer", "tcp 443"),
    ];
    let row = |(from, to, on): (&str, &str, &str)| Connection {
        from: from.to_owned(),
        to: to.to_owned(),
        on: on.to_owned(),
    };
    rows.into_iter().map(row).collect()
}

/// Compares possible connections with expected connections.
pub(crate) fn expect(registry: &Registry<'_>, expected: &BTreeSet<Connection>) -> Result<()> {
    let found = connections(registry)?;
    let marked = |mark: &str, rows: Vec<&Connection>| {
        rows.iter()
            .map(|row| format!("{mark} {row}\n"))
            .collect::<String>()
    };
    let table = marked(" ", found.intersection(expected).collect())
        + &marked("+", found.difference(expected).collect())
        + &marked("-", expected.difference(&found).collect());
    println!("connections in {}:\n{table}", registry.prefix);
    ensure!(
        found == *expected,
        "+ unexpected connection, - missing connection:\n{table}"
    );
    Ok(())
}

/// A component with addresses: its security groups, subnets, and routes.
struct Place {
    name: &'static str,
    groups: Vec<String>,
    ranges: Vec<String>,
    /// Whether the component has public addresses in subnets with a default route to an internet gateway.
    public: bool,
    /// Whether the subnets have a default route.
    has_way_out: bool,
}

/// Returns every connection that two rules and a route allow.
pub(crate) fn connections(registry: &Registry<'_>) -> Result<BTreeSet<Connection>> {
    let rules = list(
        registry.aws,
        "ec2",
        "DescribeSecurityGroupRules",
        Value::Null,
        "securityGroupRuleSet",
    )?;
    let places = places(registry)?;
    let vpc = text(&registry.vpc()?, "/cidrBlock")?;
    let mut found = BTreeSet::new();
    let mut add = |from: &str, to: &str, on: Option<String>| {
        found.extend(on.map(|on| Connection {
            from: from.to_owned(),
            to: to.to_owned(),
            on,
        }));
    };
    for place in &places {
        for rule in
            of(&rules, place, "true").filter(|rule| place.has_way_out && is_outside(&vpc, rule))
        {
            add(place.name, INTERNET, Some(ports(rule)?.to_string()));
        }
        for rule in of(&rules, place, "false").filter(|rule| place.public && is_outside(&vpc, rule))
        {
            add(INTERNET, place.name, Some(ports(rule)?.to_string()));
        }
        for rule in of(&rules, place, "false").filter(|rule| is_inside(&vpc, rule)) {
            add(STRANGER, place.name, Some(ports(rule)?.to_string()));
        }
        for other in &places {
            for out in of(&rules, place, "true").filter(|rule| meets(rule, other)) {
                for into in of(&rules, other, "false").filter(|rule| meets(rule, place)) {
                    add(
                        place.name,
                        other.name,
                        ports(out)?.common(&ports(into)?).map(|on| on.to_string()),
                    );
                }
            }
        }
    }
    Ok(found)
}

/// Returns the rules for one direction that apply to a place.
fn of<'a>(
    rules: &'a [Value],
    place: &'a Place,
    egress: &'a str,
) -> impl Iterator<Item = &'a Value> {
    rules.iter().filter(move |rule| {
        let own = |group: &String| rule["groupId"] == group.as_str();
        rule["isEgress"] == egress && place.groups.iter().any(own)
    })
}

/// Returns whether a rule refers to a place, by security group or address.
fn meets(rule: &Value, other: &Place) -> bool {
    if let Some(group) = rule["referencedGroupInfo"]["groupId"].as_str() {
        return other.groups.iter().any(|own| own == group);
    }
    let range = rule["cidrIpv4"].as_str();
    range.is_some_and(|range| other.ranges.iter().any(|own| overlap(range, own)))
}

/// Returns whether a rule refers to any address in the VPC.
fn is_inside(vpc: &str, rule: &Value) -> bool {
    let range = rule["cidrIpv4"].as_str();
    range.is_some_and(|range| overlap(range, vpc))
}

/// Returns whether a rule refers to addresses outside the VPC, including AWS prefix lists.
fn is_outside(vpc: &str, rule: &Value) -> bool {
    let range = rule["cidrIpv4"].as_str().or(rule["cidrIpv6"].as_str());
    rule["prefixListId"].is_string()
        || range.is_some_and(|range| EVERYWHERE.contains(&range) || !contains(vpc, range))
}

/// Protocol and ports in a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ports {
    protocol: String,
    first: u16,
    last: u16,
}

fn ports(rule: &Value) -> Result<Ports> {
    let protocol = text(rule, "/ipProtocol")?;
    if protocol == "-1" {
        return Ok(Ports {
            protocol,
            first: 0,
            last: u16::MAX,
        });
    }
    let port = |name: &str| -> Result<u16> { Ok(text(rule, name)?.parse()?) };
    Ok(Ports {
        protocol,
        first: port("/fromPort")?,
        last: port("/toPort")?,
    })
}

impl Ports {
    fn common(&self, other: &Self) -> Option<Self> {
        let protocol = match (self.protocol.as_str(), other.protocol.as_str()) {
            ("-1", named) | (named, "-1") => named,
            (one, same) if one == same => one,
            _ => return None,
        };
        let (first, last) = (self.first.max(other.first), self.last.min(other.last));
        (first <= last).then(|| Self {
            protocol: protocol.to_owned(),
            first,
            last,
        })
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.protocol.as_str(), self.first == self.last) {
            ("-1", _) => f.write_str("everything"),
            (protocol, true) => write!(f, "{protocol} {}", self.first),
            (protocol, false) => write!(f, "{protocol} {}-{}", self.first, self.last),
        }
    }
}

/// Returns the first and last address in an IPv4 range.
fn bounds(range: &str) -> Option<(u32, u32)> {
    let (address, bits) = range.split_once('/')?;
    let address: std::net::Ipv4Addr = address.parse().ok()?;
    let bits: u32 = bits.parse().ok().filter(|bits| *bits <= 32)?;
    let size = u32::MAX.checked_shr(bits).unwrap_or(0);
    let first = u32::from(address) & !size;
    Some((first, first | size))
}

fn overlap(one: &str, other: &str) -> bool {
    let bounds = bounds(one).zip(bounds(other));
    bounds.is_some_and(|(one, other)| one.0 <= other.1 && other.0 <= one.1)
}

fn contains(outer: &str, inner: &str) -> bool {
    let bounds = bounds(outer).zip(bounds(inner));
    bounds.is_some_and(|(outer, inner)| outer.0 <= inner.0 && inner.1 <= outer.1)
}

fn places(registry: &Registry<'_>) -> Result<Vec<Place>> {
    let network = Network::of(registry)?;
    let balancer = registry.load_balancer()?;
    let zones = balancer["AvailabilityZones"].as_array().context("zones")?;
    let public = balancer["Scheme"] == "internet-facing";
    let subnets = zones.iter().map(|zone| zone["SubnetId"].clone()).collect();
    let mut places = vec![network.place(
        "load balancer",
        &balancer["SecurityGroups"],
        subnets,
        public,
    )?];
    for name in ["api", "worker"] {
        let (service, _) = registry.service(name)?;
        let own = &service["networkConfiguration"]["awsvpcConfiguration"];
        let public = own["assignPublicIp"] == "ENABLED";
        let subnets = own["subnets"].as_array().context("subnets")?.clone();
        places.push(network.place(name, &own["securityGroups"], subnets, public)?);
    }
    let database = registry.database()?;
    let groups = database["VpcSecurityGroups"].as_array().context("groups")?;
    let groups = groups
        .iter()
        .map(|group| group["VpcSecurityGroupId"].clone())
        .collect();
    let subnets = database["DBSubnetGroup"]["Subnets"]
        .as_array()
        .context("subnets")?;
    let subnets = subnets
        .iter()
        .map(|subnet| subnet["SubnetIdentifier"].clone())
        .collect();
    let public = database["PubliclyAccessible"] == "true";
    places.push(network.place("database", &Value::Array(groups), subnets, public)?);
    Ok(places)
}

/// Subnets and route tables.
struct Network {
    subnets: Vec<Value>,
    tables: Vec<Value>,
}

impl Network {
    fn of(registry: &Registry<'_>) -> Result<Self> {
        Ok(Self {
            subnets: registry.in_vpc("DescribeSubnets", "subnetSet")?,
            tables: registry.in_vpc("DescribeRouteTables", "routeTableSet")?,
        })
    }

    fn place(
        &self,
        name: &'static str,
        groups: &Value,
        subnets: Vec<Value>,
        public: bool,
    ) -> Result<Place> {
        let groups: Vec<String> = serde_json::from_value(groups.clone())?;
        ensure!(
            !groups.is_empty() && !subnets.is_empty(),
            "{name} has no group or no subnet"
        );
        let own = self
            .subnets
            .iter()
            .filter(|subnet| subnets.contains(&subnet["subnetId"]));
        let ranges = own
            .map(|subnet| text(subnet, "/cidrBlock"))
            .collect::<Result<_>>()?;
        let defaults: Vec<_> = subnets
            .iter()
            .filter_map(|subnet| self.default_route(subnet))
            .collect();
        let on_internet = |route: &&Value| {
            route["gatewayId"]
                .as_str()
                .is_some_and(|gateway| gateway.starts_with("igw-"))
        };
        Ok(Place {
            name,
            groups,
            ranges,
            public: public && defaults.iter().any(on_internet),
            has_way_out: defaults.iter().any(|route| public || !on_internet(route)),
        })
    }

    /// Returns the default route for a subnet, from its route table or the main route table.
    fn default_route(&self, subnet: &Value) -> Option<&Value> {
        let entries =
            |table: &'_ Value, name: &str| table[name].as_array().cloned().unwrap_or_default();
        let by = |wanted: &dyn Fn(&Value) -> bool| {
            self.tables
                .iter()
                .find(|table| entries(table, "associationSet").iter().any(wanted))
        };
        let table =
            by(&|one| one["subnetId"] == *subnet).or_else(|| by(&|one| one["main"] == "true"))?;
        let mut routes = table["routeSet"].as_array()?.iter();
        routes.find(|route| route["destinationCidrBlock"] == "0.0.0.0/0")
    }
}

#[test]
fn overlapping_ranges_and_ports_intersect() {
    for (one, other, expected) in [
        ("0.0.0.0/0", "10.0.1.0/24", true),
        ("10.0.0.0/16", "10.0.255.0/24", true),
        ("10.0.0.0/16", "10.1.0.0/16", false),
        ("10.0.1.7/32", "10.0.1.0/24", true),
        ("::/0", "10.0.1.0/24", false),
    ] {
        assert_eq!(overlap(one, other), expected, "{one} {other}");
    }
    assert!(contains("10.0.0.0/16", "10.0.3.0/24") && !contains("10.0.3.0/24", "10.0.0.0/16"));
    let rule = |protocol: &str, first: u16, last: u16| {
        let rule = json!({ "ipProtocol": protocol, "fromPort": first.to_string(), "toPort": last.to_string() });
        ports(&rule)
    };
    let shown = |one: Result<Ports>, other: Result<Ports>| {
        one.ok()?
            .common(&other.ok()?)
            .map(|common| common.to_string())
    };
    let all = || ports(&json!({ "ipProtocol": "-1" }));
    assert_eq!(
        shown(rule("tcp", 0, 9000), rule("tcp", 8080, 8081)).as_deref(),
        Some("tcp 8080-8081")
    );
    assert_eq!(shown(rule("tcp", 80, 80), rule("udp", 80, 80)), None);
    assert_eq!(shown(rule("tcp", 80, 80), rule("tcp", 81, 90)), None);
    assert_eq!(shown(all(), rule("udp", 53, 53)).as_deref(), Some("udp 53"));
}
