//! What terraform-plugin-framework plans, as a table: the same schema with the same values must come to the same plan.
//!
//! The rows are facts about its behaviour (defaults, unknown marking, `UseStateForUnknown`, `RequiresReplace`), written
//! from the protocol and not from code. One difference is meant and not in the table: a computed attribute that
//! requires replacement and is not configured keeps its value here, where the framework plans it as unknown and
//! with that a replacement.

use super::*;

/// What an attribute `a` is. Beside it stands a required attribute `name`.
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

/// A value in a row: `-` is null, `?` is unknown, everything else is itself.
fn cell(text: &str) -> Value {
    match text {
        "-" => NULL,
        "?" => Value::unknown(),
        text => string(text),
    }
}

/// What is stored, what is configured, and whether `name` changes too; what is planned, and whether that is a
/// replacement. No stored value is a creation.
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
    // Creation.
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
    // Something else changes.
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

/// An attribute by itself, and within every kind of nested attribute and block.
#[test]
fn plans_are_those_of_the_framework() {
    for Row(kind, prior, config, renamed, expected, replaced) in ROWS {
        let name = if renamed { "new" } else { "old" };
        let level = || kind.add(part().attribute("name", text().required(), plain()));
        let one = |name: &str, a: Value| object([("name", string(name)), ("a", a)]);
        let prior = prior.map_or(NULL, |prior| one("old", cell(prior)));
        let config = one(name, cell(config));
        // As the core proposes: computed and not configured is what it was.
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

        let each: [(ObjectNesting, Around); 3] = [
            (ObjectNesting::Single, |one| one),
            (ObjectNesting::List, |one| list([one])),
            (ObjectNesting::Map, |one| Value::map([("k", one)])),
        ];
        for (nesting, around) in each {
            let definition = part().nested("in", nesting, level(), plain()).definition();
            let whole = |value: &Value| match value.is_null() {
                true => NULL,
                false => object([("in", around(value.clone()))]),
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
