//! Prints the code that block and object builders share: constructors, methods, and nested blocks.

use std::fmt::Write as _;

use tfschema::{Attribute, BlockNesting, NestedBlock};

use super::attribute::{about_setting, is_optional, marker};
use super::names::Names;
use super::plan::{Body, Item};

/// Number of parameters above which clippy requires a reason.
const PARAMETERS: usize = 7;

/// A struct to print, and the type that it builds.
pub(super) struct Target<'a> {
    /// Name of the struct.
    pub(super) name: &'a str,
    /// Name in HCL: `aws_vpc`, or a path within a type.
    pub(super) of: String,
    /// Attributes and blocks of the struct.
    pub(super) body: Body<'a>,
    /// Representation of the struct: see [`Form`].
    pub(super) form: Form,
}

/// Representation of a struct.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Form {
    /// A block, which has a body.
    Block,
    /// The attributes of an object.
    Object,
}

/// A constructor: its first parameter, and the empty value that it starts from.
pub(super) struct Constructor<'a> {
    /// Doc comment.
    pub(super) about: String,
    /// First parameter.
    pub(super) label: Option<&'a str>,
    /// Expression of the empty value.
    pub(super) empty: String,
}

impl Item<'_> {
    /// Prints `impl X { pub fn new(…) …  pub fn argument(…) … }`.
    pub(super) fn implementation(
        &self,
        target: &Target<'_>,
        constructor: &Constructor<'_>,
    ) -> String {
        let mut text = format!("\nimpl {} {{\n", target.name);
        text.push_str(&self.constructor(target, constructor));
        let mut methods = Names::with_taken(["new", "set"]);
        for (name, attribute) in target.body.attributes() {
            if is_optional(name, attribute) {
                text.push_str(&setter(target, name, &methods.snake(name), attribute));
            }
        }
        for (name, nested) in target.body.blocks() {
            text.push_str(&self.nesting(target, name, nested, &mut methods));
        }
        text.push_str("}\n");
        text
    }

    fn constructor(&self, target: &Target<'_>, constructor: &Constructor<'_>) -> String {
        let mut names = Names::with_taken(["label", "this"]);
        let mut parameters: Vec<String> =
            constructor.label.map(str::to_owned).into_iter().collect();
        let mut statements = String::new();
        let required = target.body.attributes().iter();
        for (name, attribute) in required.filter(|(_, attribute)| attribute.required) {
            let parameter = names.snake(name);
            parameters.push(format!("{parameter}: impl IntoExpr<{}>", marker(attribute)));
            let _ = match target.form {
                Form::Block => writeln!(
                    statements,
                    "        this.0.body().set(\"{name}\", {parameter});"
                ),
                Form::Object => writeln!(
                    statements,
                    "        this.set(\"{name}\", {parameter}.into_expr().typed());"
                ),
            };
        }
        for (name, nested) in target
            .body
            .blocks()
            .filter(|(_, nested)| nested.min_items > 0)
        {
            let parameter = names.snake(name);
            parameters.push(format!("{parameter}: {}", self.struct_of(name, nested)));
            let _ = writeln!(
                statements,
                "        this.0.body().nest({parameter}.into());"
            );
        }

        let lint = match parameters.len() > PARAMETERS {
            true => {
                "    #[expect(clippy::too_many_arguments, reason = \"the schema requires them all\")]\n"
            }
            false => "",
        };
        let (about, empty) = (&constructor.about, &constructor.empty);
        let body = match statements.is_empty() {
            true => format!("        Self({empty})\n"),
            false => format!("        let mut this = Self({empty});\n{statements}        this\n"),
        };
        let parameters = parameters.join(", ");
        format!("    /// {about}\n{lint}    pub fn new({parameters}) -> Self {{\n{body}    }}\n")
    }

    /// Prints the methods for a nested block. One method adds a single block, and the other method adds a block for
    /// each element of a collection.
    fn nesting(
        &self,
        target: &Target<'_>,
        name: &str,
        nested: &NestedBlock,
        methods: &mut Names,
    ) -> String {
        // A block that must occur exactly once is a parameter of the constructor.
        if nested.min_items > 0 && at_most_one(nested) {
            return String::new();
        }
        let (shape, of) = (self.struct_of(name, nested), &target.of);
        let (once, each) = (
            methods.snake(name),
            methods.snake(&format!("{name}_for_each")),
        );
        format!(
            r#"
    /// Adds a `{name}` block to {of}.
    #[must_use]
    pub fn {once}(mut self, block: {shape}) -> Self {{
        self.0.body().nest(block.into());
        self
    }}

    /// Adds a `{name}` block to {of} for each element of a collection.
    #[must_use]
    pub fn {each}<K>(mut self, over: K, write: impl FnOnce(Each<K::Type>) -> {shape}) -> Self
    where
        K: Known,
        K::Type: Collection,
    {{
        self.0.body().nest_each("{name}", over, write);
        self
    }}
"#
        )
    }

    fn struct_of(&self, name: &str, nested: &NestedBlock) -> &str {
        let shape = self.shape(name, Body::Block(&nested.block));
        shape.map_or("NestedBlock", |shape| &shape.name)
    }
}

/// Returns whether a block can occur at most once.
pub(super) fn at_most_one(nested: &NestedBlock) -> bool {
    nested.max_items == 1 || matches!(nested.nesting, BlockNesting::Single | BlockNesting::Group)
}

/// Names of arguments that are also methods of the operator traits with one operand (`std::ops`).
const OPERATORS: [&str; 10] = [
    "add", "bitand", "bitor", "bitxor", "div", "mul", "rem", "shl", "shr", "sub",
];

/// Prints the method for an optional attribute.
fn setter(target: &Target<'_>, name: &str, method: &str, attribute: &Attribute) -> String {
    let (of, about, marker) = (&target.of, about_setting(attribute), marker(attribute));
    let set = match target.form {
        Form::Block => format!("self.0.body().set(\"{name}\", value);"),
        Form::Object => format!("self.set(\"{name}\", value.into_expr().typed());"),
    };
    let lint = if OPERATORS.contains(&method) {
        "#[allow(clippy::should_implement_trait, reason = \"the method has the name of the argument\")]\n    "
    } else {
        ""
    };
    format!(
        r#"
    /// Sets the `{name}` argument of {of}.{about}
    {lint}#[must_use]
    pub fn {method}(mut self, value: impl IntoExpr<{marker}>) -> Self {{
        {set}
        self
    }}
"#
    )
}
