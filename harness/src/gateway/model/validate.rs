//! Checks parameters against the constraints of a shape. Must not depend on the protocol.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;

use super::input::{Fields, Input};
use super::load::Model;
use super::shape::{Kind, Shape};

/// A constraint of the model.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Rule {
    /// The value has another type than this one.
    Type(&'static str),
    /// The member is not defined.
    Unknown,
    /// The member is required.
    Required,
    /// The length of a string or list is at least this one.
    MinLength(f64),
    /// The length of a string or list is at most this one.
    MaxLength(f64),
    /// The number is at least this one.
    MinValue(f64),
    /// The number is at most this one.
    MaxValue(f64),
    /// The string matches this regular expression.
    Pattern(String),
    /// The string is one of these.
    Enum(Vec<String>),
    /// Exactly one member of the union is set.
    Union,
}

impl Rule {
    /// Returns the name of the rule in reports and in the table of exceptions.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Type(_) => "type",
            Self::Unknown => "unknown member",
            Self::Required => "required member",
            Self::MinLength(_) | Self::MaxLength(_) => "length",
            Self::MinValue(_) | Self::MaxValue(_) => "range",
            Self::Pattern(_) => "pattern",
            Self::Enum(_) => "enumeration",
            Self::Union => "union",
        }
    }
}

/// A parameter that does not satisfy a constraint.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Violation {
    /// Names of members, and indexes of list elements starting at 1.
    pub(super) path: Vec<String>,
    /// The value as text. `None` if it does not exist, is not a scalar, or is sensitive.
    pub(super) value: Option<String>,
    /// The constraint.
    pub(super) rule: Rule,
}

impl Violation {
    /// Returns the path with `*` for list elements.
    pub(super) fn place(&self) -> String {
        let steps = self.path.iter().map(|step| {
            let index = step.bytes().all(|byte| byte.is_ascii_digit());
            if index { "*" } else { step.as_str() }
        });
        steps.collect::<Vec<_>>().join(".")
    }
}

/// Returns the violations of the parameters, in the order of the model.
pub(super) fn validate(model: &Model, shape: &str, input: &Input) -> Vec<Violation> {
    let mut walk = Walk {
        model,
        path: Vec::new(),
        found: Vec::new(),
    };
    walk.visit(shape, input);
    walk.found
}

struct Walk<'a> {
    model: &'a Model,
    path: Vec<String>,
    found: Vec<Violation>,
}

impl Walk<'_> {
    fn visit(&mut self, name: &str, input: &Input) {
        let Some(shape) = self.model.shape(name) else {
            return;
        };
        match (shape.kind, input) {
            (_, Input::Opaque) => {}
            (Kind::Structure, _) if shape.document => {}
            (Kind::Structure, Input::Structure(fields)) => self.structure(shape, fields),
            (Kind::List, Input::List(items)) => {
                self.length(shape, items.len());
                if let Some(member) = &shape.member {
                    for (index, item) in items.iter().enumerate() {
                        self.below(&(index + 1).to_string(), &member.shape, item);
                    }
                }
            }
            (Kind::Map, Input::Map(entries)) => {
                self.length(shape, entries.len());
                if let (Some(key), Some(value)) = (&shape.key, &shape.value) {
                    for (name, item) in entries {
                        self.below("key", &key.shape, &Input::Text(name.clone()));
                        self.below("value", &value.shape, item);
                    }
                }
            }
            (_, Input::Text(_) | Input::Json(_)) => self.scalar(shape, input),
            _ => self.report(None, Rule::Type(type_name(shape.kind))),
        }
    }

    fn below(&mut self, step: &str, shape: &str, input: &Input) {
        self.path.push(step.to_owned());
        self.visit(shape, input);
        self.path.pop();
    }

    fn structure(&mut self, shape: &Shape, fields: &Fields) {
        for name in &fields.unknown {
            self.report_at(name, Rule::Unknown);
        }
        for name in &shape.required {
            if fields.get(name).is_none() {
                self.report_at(name, Rule::Required);
            }
        }
        if shape.union && fields.members.len() + fields.unknown.len() != 1 {
            self.report(None, Rule::Union);
        }
        for (name, input) in &fields.members {
            if let Some(member) = shape.members.get(name) {
                self.below(name, &member.shape, input);
            }
        }
    }

    fn scalar(&mut self, shape: &Shape, input: &Input) {
        let text = text_of(input);
        let shown = text.clone().filter(|_| !shape.sensitive);
        match shape.kind {
            Kind::Integer | Kind::Long | Kind::Float | Kind::Double => {
                match number(shape.kind, input) {
                    Some(number) => self.range(shape, number, shown.as_ref()),
                    None => self.report(shown, Rule::Type(type_name(shape.kind))),
                }
            }
            Kind::Boolean => {
                let fits = match input {
                    Input::Text(text) => text == "true" || text == "false",
                    Input::Json(value) => value.is_boolean(),
                    _ => false,
                };
                if !fits {
                    self.report(shown, Rule::Type("Boolean"));
                }
            }
            Kind::Timestamp => {
                if !super::timestamp::fits(shape, input) {
                    self.report(shown, Rule::Type("Timestamp"));
                }
            }
            Kind::Blob => match string(input).and_then(|text| BASE64_STANDARD.decode(text).ok()) {
                Some(data) => self.length(shape, data.len()),
                None => self.report(None, Rule::Type("Blob")),
            },
            Kind::String | Kind::Character => match string(input) {
                Some(text) => self.string(shape, text, shown),
                None => self.report(shown, Rule::Type("String")),
            },
            Kind::BigDecimal | Kind::BigInteger => {}
            Kind::Structure | Kind::List | Kind::Map => {
                self.report(None, Rule::Type(type_name(shape.kind)));
            }
        }
    }

    fn string(&mut self, shape: &Shape, text: &str, shown: Option<String>) {
        self.length(shape, text.chars().count());
        if let Some(pattern) = &shape.pattern
            && !self.model.matches(pattern, text)
        {
            self.report(shown.clone(), Rule::Pattern(pattern.clone()));
        }
        if !shape.values.is_empty() && !shape.values.iter().any(|value| value == text) {
            self.report(shown, Rule::Enum(shape.values.clone()));
        }
    }

    fn length(&mut self, shape: &Shape, length: usize) {
        let length = f64::from(u32::try_from(length).unwrap_or(u32::MAX));
        if let Some(min) = shape.min.filter(|min| length < *min) {
            self.report(None, Rule::MinLength(min));
        }
        if let Some(max) = shape.max.filter(|max| length > *max) {
            self.report(None, Rule::MaxLength(max));
        }
    }

    fn range(&mut self, shape: &Shape, number: f64, shown: Option<&String>) {
        if let Some(min) = shape.min.filter(|min| number < *min) {
            self.report(shown.cloned(), Rule::MinValue(min));
        }
        if let Some(max) = shape.max.filter(|max| number > *max) {
            self.report(shown.cloned(), Rule::MaxValue(max));
        }
    }

    fn report(&mut self, value: Option<String>, rule: Rule) {
        self.found.push(Violation {
            path: self.path.clone(),
            value,
            rule,
        });
    }

    fn report_at(&mut self, name: &str, rule: Rule) {
        self.path.push(name.to_owned());
        self.report(None, rule);
        self.path.pop();
    }
}

fn string(input: &Input) -> Option<&str> {
    match input {
        Input::Text(text) | Input::Json(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn text_of(input: &Input) -> Option<String> {
    match input {
        Input::Json(Value::Null) => None,
        Input::Json(Value::Number(number)) => Some(number.to_string()),
        Input::Json(Value::Bool(value)) => Some(value.to_string()),
        other => string(other).map(str::to_owned),
    }
}

/// Returns a number that fits the type. JSON strings are valid only for the special values of floating-point types.
fn number(kind: Kind, input: &Input) -> Option<f64> {
    let integer = matches!(kind, Kind::Integer | Kind::Long);
    let number = match input {
        Input::Text(text) => text.parse().ok()?,
        Input::Json(Value::Number(number)) => number.as_f64()?,
        Input::Json(Value::String(text)) if !integer => match text.as_str() {
            "NaN" => f64::NAN,
            "Infinity" => f64::INFINITY,
            "-Infinity" => f64::NEG_INFINITY,
            _ => return None,
        },
        _ => return None,
    };
    (!integer || number % 1.0 == 0.0).then_some(number)
}

/// Returns the name of a type in the messages of AWS.
fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Structure => "Structure",
        Kind::List => "List",
        Kind::Map => "Map",
        Kind::String | Kind::Character => "String",
        Kind::Integer => "Integer",
        Kind::Long => "Long",
        Kind::Float => "Float",
        Kind::Double => "Double",
        Kind::Boolean => "Boolean",
        Kind::Blob => "Blob",
        Kind::Timestamp => "Timestamp",
        Kind::BigDecimal | Kind::BigInteger => "Number",
    }
}
