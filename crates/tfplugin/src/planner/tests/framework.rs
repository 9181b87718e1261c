//! Table of plans from terraform-plugin-framework. The same schema with the same values must produce the same plan.
//!
//! The rows describe the behavior of the framework (defaults, unknown marking, `UseStateForUnknown`, and `RequiresReplace`).
//! They are derived from the protocol, not from the framework's code. The table omits one intended difference: here, a
//! computed attribute that requires replacement and is not configured keeps its value. The framework plans the attribute as
//! unknown, and therefore as a replacement.

use super::*;

/// Kind of the attribute `a`. The schema also contains a required attribute `name`.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Required,
    Optional,
    Computed,
    OptionalComputed,
    Default,
    Keep,
    OptionalKeep,
    Replace,
    WriteOnly,
}

impl Kind {
    fn add(self, part: Part) -> Part {
        let (attribute, rules) = match self {
            Self::Required => (text().required(), plain()),
            Self::Optional => (text().optional(), plain()),
            Self::Computed => (text().computed(), plain()),
            Self::OptionalComputed => (text().optional().computed(), plain()),
            Self::Default => (text().optional().computed(), default("d")),
            Self::Keep => (text().computed(), keep()),
            Self::OptionalKeep => (text().optional().computed(), keep()),
            Self::Replace => (text().optional(), replaces()),
            Self::WriteOnly => (text().optional().write_only(), plain()),
        };
        part.attribute("a", attribute, rules)
    }
}

/// Returns the value that a cell represents. `-` is null, `?` is unknown, and any other text is a string.
fn cell(text: &str) -> Value {
    match text {
        "-" => NULL,
        "?" => Value::unknown(),
        text => string(text),
    }
}

/// Row with the kind, the prior value (`None` if the object is created), the configured value, whether `name` changes, the
/// planned value, and whether the plan is a replacement.
struct Row(
    Kind,
    Option<&'static str>,
    &'static str,
    bool,
    &'static str,
    bool,
);

const SAME: bool = false;
const RENAMED: bool = true;
const IN_PLACE: bool = false;
const REPLACED: bool = true;

const ROWS: [Row; 44] = [
    // The object is created.
    Row(Kind::Required, None, "x", SAME, "x", IN_PLACE),
    Row(Kind::Required, None, "?", SAME, "?", IN_PLACE),
    Row(Kind::Optional, None, "-", SAME, "-", IN_PLACE),
    Row(Kind::Optional, None, "x", SAME, "x", IN_PLACE),
    Row(Kind::Computed, None, "-", SAME, "?", IN_PLACE),
    Row(Kind::OptionalComputed, None, "-", SAME, "?", IN_PLACE),
    Row(Kind::OptionalComputed, None, "x", SAME, "x", IN_PLACE),
    Row(Kind::OptionalComputed, None, "?", SAME, "?", IN_PLACE),
    Row(Kind::Default, None, "-", SAME, "d", IN_PLACE),
    Row(Kind::Default, None, "x", SAME, "x", IN_PLACE),
    Row(Kind::Default, None, "?", SAME, "?", IN_PLACE),
    Row(Kind::Keep, None, "-", SAME, "?", IN_PLACE),
    Row(Kind::OptionalKeep, None, "-", SAME, "?", IN_PLACE),
    Row(Kind::Replace, None, "x", SAME, "x", IN_PLACE),
    Row(Kind::WriteOnly, None, "x", SAME, "-", IN_PLACE),
    // Nothing changes.
    Row(Kind::Required, Some("x"), "x", SAME, "x", IN_PLACE),
    Row(Kind::Computed, Some("p"), "-", SAME, "p", IN_PLACE),
    Row(Kind::Computed, Some("-"), "-", SAME, "-", IN_PLACE),
    Row(Kind::OptionalComputed, Some("p"), "-", SAME, "p", IN_PLACE),
    Row(Kind::Default, Some("d"), "-", SAME, "d", IN_PLACE),
    Row(Kind::Keep, Some("p"), "-", SAME, "p", IN_PLACE),
    Row(Kind::WriteOnly, Some("-"), "x", SAME, "-", IN_PLACE),
    // The attribute itself changes.
    Row(Kind::Required, Some("p"), "x", SAME, "x", IN_PLACE),
    Row(Kind::Optional, Some("p"), "-", SAME, "-", IN_PLACE),
    Row(Kind::Optional, Some("-"), "x", SAME, "x", IN_PLACE),
    Row(Kind::OptionalComputed, Some("p"), "x", SAME, "x", IN_PLACE),
    Row(Kind::OptionalComputed, Some("p"), "?", SAME, "?", IN_PLACE),
    Row(Kind::Default, Some("p"), "-", SAME, "d", IN_PLACE),
    Row(Kind::Default, Some("-"), "-", SAME, "d", IN_PLACE),
    Row(Kind::OptionalKeep, Some("p"), "x", SAME, "x", IN_PLACE),
    Row(Kind::OptionalKeep, Some("p"), "?", SAME, "?", IN_PLACE),
    Row(Kind::Replace, Some("p"), "x", SAME, "x", REPLACED),
    Row(Kind::Replace, Some("p"), "-", SAME, "-", REPLACED),
    Row(Kind::Replace, Some("p"), "?", SAME, "?", REPLACED),
    // Another attribute changes.
    Row(Kind::Optional, Some("p"), "p", RENAMED, "p", IN_PLACE),
    Row(Kind::Computed, Some("p"), "-", RENAMED, "?", IN_PLACE),
    Row(Kind::Computed, Some("-"), "-", RENAMED, "?", IN_PLACE),
    Row(
        Kind::OptionalComputed,
        Some("p"),
        "-",
        RENAMED,
        "?",
        IN_PLACE,
    ),
    Row(
        Kind::OptionalComputed,
        Some("p"),
        "p",
        RENAMED,
        "p",
        IN_PLACE,
    ),
    Row(Kind::Default, Some("p"), "-", RENAMED, "d", IN_PLACE),
    Row(Kind::Keep, Some("p"), "-", RENAMED, "p", IN_PLACE),
    Row(Kind::Keep, Some("-"), "-", RENAMED, "-", IN_PLACE),
    Row(Kind::OptionalKeep, Some("p"), "-", RENAMED, "p", IN_PLACE),
    Row(Kind::Replace, Some("p"), "p", RENAMED, "p", IN_PLACE),
];

/// Tests each row at the top level and within nested attributes.
#[test]
fn plans_match_the_framework() {
    for Row(kind, prior, config, renamed, expected, replaced) in ROWS {
        let name = if renamed { "new" } else { "old" };
        let level = || kind.add(part().attribute("name", text().required(), plain()));
        let one = |name: &str, a: Value| object([("name", string(name)), ("a", a)]);
        let prior = prior.map_or(NULL, |prior| one("old", cell(prior)));
        let config = one(name, cell(config));
        // The core proposes the prior value for a computed attribute that is not configured.
        let computed = level()
            .block
            .attributes
            .get("a")
            .is_some_and(|a| a.computed);
        let carried = computed && config.attribute("a").is_null();
        let a = if carried {
            prior.attribute("a")
        } else {
            config.attribute("a")
        };
        let proposed = one(name, a);
        let expected = one(name, cell(expected));
        let row = format!("{kind:?} {prior:?} {config:?}");

        let top = level().definition();
        let plan = propose(&top, &prior, proposed.clone(), &config);
        assert_eq!(plan.plan, expected, "{row}");
        assert_eq!(plan.requires_replace.is_empty(), !replaced, "{row}");

        let each: [(ObjectNesting, Wrap); 3] = [
            (ObjectNesting::Single, |one| one),
            (ObjectNesting::List, |one| list([one])),
            (ObjectNesting::Map, |one| Value::map([("k", one)])),
        ];
        for (nesting, wrap) in each {
            let definition = part().nested("in", nesting, level(), plain()).definition();
            let whole = |value: &Value| match value.is_null() {
                true => NULL,
                false => object([("in", wrap(value.clone()))]),
            };
            let plan = propose(
                &definition,
                &whole(&prior),
                whole(&proposed),
                &whole(&config),
            );
            assert_eq!(plan.plan, whole(&expected), "{nesting:?} {row}");
            assert_eq!(
                plan.requires_replace.is_empty(),
                !replaced,
                "{nesting:?} {row}"
            );
        }
    }
}
