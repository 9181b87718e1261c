//! Validation of the configuration. Unknown values are accepted.
//!
//! These functions are pure.

use std::collections::BTreeMap;

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::intent::end_of_validity;
use super::model::{RootCa, RootCaPlan, SubjectPlan};
use super::tags::KEY_TAG;
use crate::aws::diagnostics::{reserved_tag, root_key_tag};
use crate::aws::tags::is_reserved_tag;
use crate::pki::{NameAttribute, check_name_attribute};

/// Returns the errors in a configuration that can contain unknown values.
pub(super) fn invalid_configuration(config: &RootCaPlan) -> Diagnostics {
    let paths = RootCa::paths();
    let mut found = Diagnostics::new();
    found.extend(one_end_of_validity(config));
    if let Some(text) = config.not_after.known() {
        found.extend(end_of_validity(text).err());
    }
    if let Some(subject) = config.subject.known() {
        found.extend(invalid_subject_attributes(subject));
    }
    let tags = paths.tags();
    for key in config.tags.known().into_iter().flat_map(BTreeMap::keys) {
        if key == KEY_TAG {
            found.push(root_key_tag(tags.key(key)));
        } else if is_reserved_tag(key) {
            found.push(reserved_tag(key, tags.key(key)));
        }
    }
    found
}

fn one_end_of_validity(config: &RootCaPlan) -> Option<Diagnostic> {
    let paths = RootCa::paths();
    let (days, end) = (&config.validity_days, &config.not_after);
    if days.is_null() && end.is_null() {
        let detail =
            "Set validity_days, such as 3650, or not_after, such as \"2036-01-01T00:00:00Z\".";
        return Some(
            Diagnostic::error("End of validity is missing", detail).at(paths.validity_days()),
        );
    }
    // An unknown value can become null.
    if days.known().is_some() && end.known().is_some() {
        let detail = "Set either validity_days or not_after, not both.";
        return Some(
            Diagnostic::error("Conflicting ends of validity", detail).at(paths.not_after()),
        );
    }
    None
}

pub(super) fn subject_attributes(
    subject: &SubjectPlan,
) -> [(NameAttribute, AttributePath, &Planned<String>); 6] {
    let paths = RootCa::paths().subject();
    [
        (
            NameAttribute::CommonName,
            paths.common_name(),
            &subject.common_name,
        ),
        (
            NameAttribute::Organization,
            paths.organization(),
            &subject.organization,
        ),
        (
            NameAttribute::OrganizationalUnit,
            paths.organizational_unit(),
            &subject.organizational_unit,
        ),
        (NameAttribute::Country, paths.country(), &subject.country),
        (NameAttribute::Locality, paths.locality(), &subject.locality),
        (NameAttribute::Province, paths.province(), &subject.province),
    ]
}

fn invalid_subject_attributes(subject: &SubjectPlan) -> impl Iterator<Item = Diagnostic> {
    subject_attributes(subject)
        .into_iter()
        .filter_map(|(attribute, path, value)| {
            let violation = check_name_attribute(attribute, value.known()?).err()?;
            Some(
                Diagnostic::error(
                    "Invalid subject",
                    format!("The value of {attribute} is not valid: {}.", violation.rule),
                )
                .at(path),
            )
        })
}
