//! Untyped expression tree. Typed expressions wrap it, the checker reads it, and the renderer prints it. The tree must
//! not be public, because only the typed constructors ensure that strings and names are not confused.

use tfschema::Number;

/// An expression in the module language.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Number(Number),
    /// An unescaped string. The printer escapes it.
    Text(String),
    /// A string with interpolated values. Only [`Node::template`] creates it, so no two literal parts are adjacent.
    Template(Vec<Part>),
    Tuple(Vec<Node>),
    Object(Vec<(Key, Node)>),
    Reference(Reference),
    /// A name that a `for` expression binds.
    Binding(String),
    Attribute(Box<Node>, String),
    Index(Box<Node>, Box<Node>),
    /// `base[*].a.b`. The list of names can be empty.
    Splat(Box<Node>, Vec<String>),
    Call(Call),
    Unary(Unary, Box<Node>),
    Binary(Binary, Box<Node>, Box<Node>),
    /// Condition, result if true, and result if false.
    Conditional(Box<[Node; 3]>),
    For(Box<For>),
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Text(String),
    Value(Node),
}

/// A key of an object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Key {
    /// A constant.
    Name(String),
    /// Name of an attribute in type constraints and in `providers`, where the language does not accept a string. It is never
    /// quoted, even if it is a keyword.
    Attribute(String),
    /// An expression.
    Value(Node),
}

/// A call to a built-in function.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    /// Name of the function. It is always a constant in this crate.
    pub(crate) function: &'static str,
    pub(crate) arguments: Vec<Node>,
    /// Whether the last argument is a list of arguments: `f(a, rest...)`.
    pub(crate) expand: bool,
}

/// A `for` expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct For {
    /// Name of the key or index. `None` if it is not used.
    pub(crate) key: Option<String>,
    pub(crate) value: String,
    pub(crate) collection: Node,
    /// Key of the result. If it is present, the result is an object. Otherwise, the result is a list.
    pub(crate) result_key: Option<Node>,
    pub(crate) result: Node,
    /// Whether values with the same key are collected in a list.
    pub(crate) grouping: bool,
    pub(crate) condition: Option<Node>,
}

/// A reference to something outside the expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reference {
    /// Name of the module that declares the target. Empty if the target is not specific to a module.
    pub(crate) module: String,
    pub(crate) target: Target,
}

/// Target of a reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    Variable(String),
    Local(String),
    Resource(String, String),
    Data(String, String),
    Ephemeral(String, String),
    Module(String),
    /// `path.module`, `path.root`, `path.cwd`.
    Path(&'static str),
    /// `each.key`, `each.value`.
    Each(&'static str),
    /// The object of a postcondition: `self`.
    This,
    /// The iterator of a dynamic block: its name, then `key` or `value`.
    Iterator(String, &'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unary {
    Negate,
    Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

impl Node {
    /// Returns a template in its simplest form, which is a string if it has no values.
    pub(crate) fn template(parts: impl IntoIterator<Item = Part>) -> Self {
        let mut merged: Vec<Part> = Vec::new();
        let parts = parts.into_iter().flat_map(|part| match part {
            // A template in a template is part of the outer template.
            Part::Value(Self::Template(parts)) => parts,
            part => vec![part],
        });
        for part in parts {
            match (part, merged.last_mut()) {
                (Part::Text(text), _) if text.is_empty() => {}
                (Part::Text(text), Some(Part::Text(before))) => before.push_str(&text),
                (part, _) => merged.push(part),
            }
        }
        match merged.as_slice() {
            [] => Self::Text(String::new()),
            [Part::Text(text)] => Self::Text(text.clone()),
            // In the language, a template that consists of a single value has the type of that value. `tostring`
            // converts it to a string.
            [Part::Value(value)] => Self::call("tostring", [value.clone()]),
            _ => Self::Template(merged),
        }
    }

    pub(crate) fn call(function: &'static str, arguments: impl IntoIterator<Item = Self>) -> Self {
        Self::Call(Call {
            function,
            arguments: arguments.into_iter().collect(),
            expand: false,
        })
    }

    pub(crate) fn reference(module: &str, target: Target) -> Self {
        Self::Reference(Reference {
            module: module.to_owned(),
            target,
        })
    }

    pub(crate) fn attribute(self, name: impl Into<String>) -> Self {
        Self::Attribute(Box::new(self), name.into())
    }

    pub(crate) fn index(self, key: Self) -> Self {
        Self::Index(Box::new(self), Box::new(key))
    }

    /// Returns the direct children of this node.
    pub(crate) fn children(&self) -> Vec<&Self> {
        match self {
            Self::Null
            | Self::Bool(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::Reference(_)
            | Self::Binding(_) => Vec::new(),
            Self::Template(parts) => parts.iter().filter_map(Part::value).collect(),
            Self::Tuple(elements) => elements.iter().collect(),
            Self::Object(members) => members
                .iter()
                .flat_map(|(key, value)| key.value().into_iter().chain([value]))
                .collect(),
            Self::Attribute(base, _) | Self::Splat(base, _) | Self::Unary(_, base) => vec![base],
            Self::Index(left, right) | Self::Binary(_, left, right) => vec![left, right],
            Self::Call(call) => call.arguments.iter().collect(),
            Self::Conditional(parts) => parts.iter().collect(),
            Self::For(each) => [&each.collection]
                .into_iter()
                .chain(&each.result_key)
                .chain([&each.result])
                .chain(&each.condition)
                .collect(),
        }
    }

    /// Calls `visit` with this node and all its descendants, parents first.
    pub(crate) fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }

    /// Calls `visit` with this node and all its descendants, parents first. `visit` can change them.
    pub(crate) fn walk_mut(&mut self, visit: &mut impl FnMut(&mut Self)) {
        visit(self);
        match self {
            Self::Null
            | Self::Bool(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::Reference(_)
            | Self::Binding(_) => {}
            Self::Template(parts) => {
                for part in parts {
                    if let Part::Value(value) = part {
                        value.walk_mut(visit);
                    }
                }
            }
            Self::Tuple(elements) => elements.iter_mut().for_each(|one| one.walk_mut(visit)),
            Self::Object(members) => members.iter_mut().for_each(|(key, value)| {
                if let Key::Value(key) = key {
                    key.walk_mut(visit);
                }
                value.walk_mut(visit);
            }),
            Self::Attribute(base, _) | Self::Splat(base, _) | Self::Unary(_, base) => {
                base.walk_mut(visit);
            }
            Self::Index(left, right) | Self::Binary(_, left, right) => {
                left.walk_mut(visit);
                right.walk_mut(visit);
            }
            Self::Call(call) => call
                .arguments
                .iter_mut()
                .for_each(|one| one.walk_mut(visit)),
            Self::Conditional(parts) => parts.iter_mut().for_each(|one| one.walk_mut(visit)),
            Self::For(each) => {
                each.collection.walk_mut(visit);
                each.result.walk_mut(visit);
                for node in each.result_key.iter_mut().chain(&mut each.condition) {
                    node.walk_mut(visit);
                }
            }
        }
    }

    /// Returns whether the expression uses a name that a `for` expression binds.
    pub(crate) fn uses(&self, binding: &str) -> bool {
        let mut found = false;
        self.walk(&mut |node| found |= matches!(node, Self::Binding(name) if name == binding));
        found
    }
}

impl Part {
    pub(crate) fn value(&self) -> Option<&Node> {
        match self {
            Self::Text(_) => None,
            Self::Value(node) => Some(node),
        }
    }
}

impl Key {
    pub(crate) fn value(&self) -> Option<&Node> {
        match self {
            Self::Name(_) | Self::Attribute(_) => None,
            Self::Value(node) => Some(node),
        }
    }
}

impl Target {
    /// Returns the names of the reference in the order in which they are written.
    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Self::Variable(name) => vec!["var", name],
            Self::Local(name) => vec!["local", name],
            Self::Resource(ty, name) => vec![ty, name],
            Self::Data(ty, name) => vec!["data", ty, name],
            Self::Ephemeral(ty, name) => vec!["ephemeral", ty, name],
            Self::Module(name) => vec!["module", name],
            Self::Path(which) => vec!["path", which],
            Self::Each(which) => vec!["each", which],
            Self::This => vec!["self"],
            Self::Iterator(name, which) => vec![name, which],
        }
    }

    /// Returns the address: `aws_vpc.this`, `data.aws_region.current`, `var.name`.
    pub(crate) fn address(&self) -> String {
        self.names().join(".")
    }
}

impl Binary {
    /// Returns the precedence of an operator, from 1 (lowest). All operators are left-associative.
    /// Source: the HCL syntax specification, "Operations".
    pub(crate) fn precedence(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Equal | Self::NotEqual => 3,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => 4,
            Self::Add | Self::Subtract => 5,
            Self::Multiply | Self::Divide | Self::Modulo => 6,
        }
    }
}
