//! The attributes that identify the subject of an end-entity certificate: `subject`, and the lists of alternative names.
//!
//! These functions are pure.

use std::collections::BTreeSet;
use std::net::IpAddr;

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned, PlannedSet};

use super::model::{LeafCertificate, LeafCertificatePlan};
use crate::pki::{
    AlternativeName, AlternativeNameRule, DistinguishedName, Wildcard, check_alternative_name,
};
use crate::resources::pki::subject;

/// A set of strings in a plan.
type Names = Planned<PlannedSet<Planned<String>>>;

/// Returns the subject. It is empty if the attribute is not set. The value must be known.
pub(super) fn subject(plan: &LeafCertificatePlan) -> Result<DistinguishedName, Diagnostics> {
    match plan.subject {
        Planned::Null => Ok(DistinguishedName::empty()),
        _ => subject::distinguished_name(&plan.subject),
    }
}

/// Returns the alternative names in the order of their forms. All values must be known.
pub(super) fn alternative_names(
    plan: &LeafCertificatePlan,
) -> Result<Vec<AlternativeName>, Diagnostics> {
    let mut names = Vec::new();
    for (list, path, form) in lists(plan) {
        let values: BTreeSet<String> = list.clone().settle(path.clone())?;
        for value in values {
            names.push(name(form, &value).ok_or_else(|| not_an_address(&value, path.clone()))?);
        }
    }
    Ok(names)
}

/// Returns an error for each name that is not valid. Unknown values are accepted.
pub(super) fn invalid_configuration(config: &LeafCertificatePlan) -> Diagnostics {
    let mut found = Diagnostics::new();
    if let Some(configured) = config.subject.known() {
        found.extend(subject::invalid_attributes(configured));
    }
    let wildcard = wildcard(config);
    for (list, path, form) in lists(config) {
        let values = list
            .known()
            .into_iter()
            .flatten()
            .filter_map(Planned::known);
        found.extend(values.filter_map(|value| invalid(form, value, wildcard, &path)));
    }
    let is_empty = |list: &Names| match list {
        Planned::Known(values) => values.is_empty(),
        Planned::Null => true,
        Planned::Unknown => false,
    };
    if config.subject.is_null() && lists(config).iter().all(|(list, _, _)| is_empty(list)) {
        let detail = "The certificate would identify nothing (RFC 5280 section 4.1.2.6). Set subject, dns_names, \
            ip_addresses, uris, or email_addresses.";
        found.push(
            Diagnostic::error("Certificate has no name", detail)
                .at(LeafCertificate::paths().dns_names()),
        );
    }
    found
}

/// Returns whether DNS names can have a wildcard. An unknown value allows it, because the apply checks it again.
pub(super) fn wildcard(plan: &LeafCertificatePlan) -> Wildcard {
    match plan.allow_wildcard {
        Planned::Known(true) | Planned::Unknown => Wildcard::Allowed,
        Planned::Known(false) | Planned::Null => Wildcard::Refused,
    }
}

/// Form of the names in a list.
#[derive(Clone, Copy)]
enum Form {
    Dns,
    Ip,
    Uri,
    Email,
}

fn lists(plan: &LeafCertificatePlan) -> [(&Names, AttributePath, Form); 4] {
    let paths = LeafCertificate::paths();
    [
        (&plan.dns_names, paths.dns_names().into(), Form::Dns),
        (&plan.ip_addresses, paths.ip_addresses().into(), Form::Ip),
        (&plan.uris, paths.uris().into(), Form::Uri),
        (
            &plan.email_addresses,
            paths.email_addresses().into(),
            Form::Email,
        ),
    ]
}

/// Returns `None` if an IP address is malformed.
fn name(form: Form, value: &str) -> Option<AlternativeName> {
    Some(match form {
        Form::Dns => AlternativeName::Dns(value.to_owned()),
        Form::Uri => AlternativeName::Uri(value.to_owned()),
        Form::Email => AlternativeName::Email(value.to_owned()),
        Form::Ip => AlternativeName::Ip(value.parse::<IpAddr>().ok()?),
    })
}

fn invalid(
    form: Form,
    value: &str,
    wildcard: Wildcard,
    path: &AttributePath,
) -> Option<Diagnostic> {
    let Some(name) = name(form, value) else {
        return Some(not_an_address(value, path.clone()));
    };
    let violation = check_alternative_name(&name, wildcard).err()?;
    let detail = match violation.rule {
        AlternativeNameRule::WildcardRefused => format!(
            "The DNS name {value:?} has a wildcard, so the certificate would be valid for every host in the domain. Specify \
             each name, or set allow_wildcard = true."
        ),
        _ => format!("In {path}, {violation}."),
    };
    Some(Diagnostic::error("Invalid alternative name", detail).at(path.clone()))
}

fn not_an_address(value: &str, path: AttributePath) -> Diagnostic {
    let detail =
        format!("{value:?} is not an IPv4 or IPv6 address, such as 192.0.2.7 or 2001:db8::7.");
    Diagnostic::error("Invalid alternative name", detail).at(path)
}
