//! What is wrong with a configuration, as far as schema and rules can tell. It asks nobody and decides nothing else.
//!
//! Whatever is unknown is skipped: it is checked again when it is known. Messages never show values.

use tfschema::{Attribute, AttributePath, ObjectNesting, Value};

use crate::level::{Level, Member, extend, field, objects};
use crate::rules::AttributeRules;
use crate::validate::Violation;
use crate::{Definition, Diagnostic, Diagnostics, ObjectRules};

/// Checks a configuration: what is required is there, what is read-only is not, write-only values come from a
/// command line that knows them (`write_only_allowed`, a capability of the client), and every validator is satisfied.
pub(crate) fn check(
    definition: &Definition,
    config: &Value,
    write_only_allowed: bool,
) -> Diagnostics {
    let mut check = Check {
        write_only_allowed,
        found: Diagnostics::new(),
    };
    if !config.is_null() {
        let level = Level::from(&definition.schema.block);
        check.object(level, &definition.rules, config, &AttributePath::root());
    }
    check.found
}

struct Check {
    write_only_allowed: bool,
    found: Diagnostics,
}

impl Check {
    fn object(
        &mut self,
        level: Level<'_>,
        rules: &ObjectRules,
        config: &Value,
        path: &AttributePath,
    ) {
        if config.is_unknown() {
            return;
        }
        for (name, member) in level.members() {
            let (value, path) = (field(config, name), path.attribute(name));
            if let Member::Attribute(attribute) = member {
                self.presence(attribute, value, &path);
            }
            self.member(member, rules.of(name), value, &path);
        }
    }

    fn member(
        &mut self,
        member: Member<'_>,
        rules: &AttributeRules,
        value: &Value,
        path: &AttributePath,
    ) {
        let validators = rules.validators.iter();
        let violations = validators.flat_map(|validator| validator.violations(value, path));
        self.found.extend(violations.map(invalid));
        let Some((nesting, level)) = member.within() else {
            return;
        };
        for (step, object) in objects(nesting, value) {
            if object.is_null() && nesting != ObjectNesting::Single {
                continue;
            }
            self.object(level, &rules.nested, object, &extend(path, step));
        }
    }

    fn presence(&mut self, attribute: &Attribute, value: &Value, path: &AttributePath) {
        if attribute.required && value.is_null() {
            self.found.push(missing(path));
        }
        let read_only = attribute.computed && !attribute.optional;
        if read_only && !value.is_null() {
            self.found.push(set_though_read_only(path));
        }
        if attribute.write_only && !self.write_only_allowed && !value.is_null() {
            self.found.push(write_only_refused(path));
        }
    }
}

fn missing(path: &AttributePath) -> Diagnostic {
    let detail = format!(
        "`{path}` is required, but it is null or not set at all. Set it to a value that is not null."
    );
    Diagnostic::error("Missing value for a required attribute", detail).at(path.clone())
}

fn set_though_read_only(path: &AttributePath) -> Diagnostic {
    let detail = format!(
        "`{path}` is decided by the provider and cannot be configured. Remove it from the configuration."
    );
    Diagnostic::error("Value for a read-only attribute", detail).at(path.clone())
}

fn write_only_refused(path: &AttributePath) -> Diagnostic {
    let detail = format!(
        "Write-only attributes are only supported in Terraform 1.11 and later, and OpenTofu 1.11 and later. \
         Upgrade, or do not set `{path}`."
    );
    Diagnostic::error("Write-only attribute not supported", detail).at(path.clone())
}

fn invalid(Violation { path, requirement }: Violation) -> Diagnostic {
    let detail = format!("`{path}` must {requirement}. Change the value.");
    Diagnostic::error("Invalid value", detail).at(path)
}

#[cfg(test)]
mod tests;
