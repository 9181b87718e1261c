//! Findings of the checker: location, problem, and remedy.

use std::fmt;

use crate::render::PrintError;

/// A problem in a module.
#[derive(Debug)]
pub struct Finding {
    /// Name of the module.
    pub module: String,
    /// File that would contain the problem.
    pub file: String,
    /// Address of the block in that file, such as `aws_vpc.this` or `variable.cidr_block`.
    pub address: String,
    /// Path of the argument in that block, such as `setting.name`. Empty if the problem concerns the whole block.
    pub argument: String,
    /// The problem.
    pub problem: Problem,
}

/// Kinds of problems in a module.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A name is not a valid identifier.
    #[error("{name:?} is not a valid identifier")]
    InvalidName {
        /// The name.
        name: String,
    },
    /// A name is reserved by the language or by this crate.
    #[error("the name {name:?} is reserved")]
    ReservedName {
        /// The name.
        name: String,
    },
    /// A name is declared more than once.
    #[error("{what} is declared more than once")]
    DuplicateName {
        /// Address of the declaration.
        what: String,
    },
    /// No required provider supports the type of a block.
    #[error("the module requires no provider for {ty:?}")]
    UnknownProvider {
        /// The type of the block.
        ty: String,
    },
    /// The schema of a provider is not known.
    #[error("no schema is available for the provider {source_address:?}")]
    UnknownSchema {
        /// Source address of the provider.
        source_address: String,
    },
    /// The provider does not support a type.
    #[error("the provider does not support `{kind} {ty:?}`{}", suggested(.suggestion))]
    UnknownType {
        /// `resource`, `data`, or `ephemeral`.
        kind: &'static str,
        /// The type of the block.
        ty: String,
        /// A similar type.
        suggestion: Option<String>,
    },
    /// The schema has no argument with this name.
    #[error("unsupported argument {name:?}{}", suggested(.suggestion))]
    UnknownArgument {
        /// The name.
        name: String,
        /// A similar name.
        suggestion: Option<String>,
    },
    /// A required argument is not set.
    #[error("the required argument {name:?} is not set")]
    MissingArgument {
        /// The name.
        name: String,
    },
    /// An argument is set that only the provider can set.
    #[error("the attribute {name:?} is read-only")]
    ComputedArgument {
        /// The name.
        name: String,
    },
    /// The schema has no nested block with this name.
    #[error("unsupported nested block {name:?}{}", suggested(.suggestion))]
    UnknownBlock {
        /// The name.
        name: String,
        /// A similar name.
        suggestion: Option<String>,
    },
    /// The number of nested blocks is out of range.
    #[error("found {found} {name:?} blocks, expected {}", bounds(*.least, *.most))]
    BlockCount {
        /// The name of the nested block.
        name: String,
        /// Number of blocks.
        found: u64,
        /// The minimum number.
        least: u64,
        /// The maximum number. Zero means no limit.
        most: u64,
    },
    /// A value cannot be converted to the expected type.
    #[error("expected {expected}, found {found}")]
    WrongType {
        /// The expected type.
        expected: String,
        /// Type of the value.
        found: String,
    },
    /// A reference has no declaration.
    #[error("{target} is not declared{}", suggested(.suggestion))]
    UnknownReference {
        /// Address that the reference points to.
        target: String,
        /// A similar address.
        suggestion: Option<String>,
    },
    /// A reference belongs to another module.
    #[error("{target} belongs to the module {module:?}")]
    ForeignReference {
        /// Address that the reference points to.
        target: String,
        /// Name of the other module.
        module: String,
    },
    /// A value has no attribute with this name.
    #[error("{of} has no attribute {name:?}{}", suggested(.suggestion))]
    UnknownAttribute {
        /// Expression and type of the value.
        of: String,
        /// The name.
        name: String,
        /// A similar name.
        suggestion: Option<String>,
    },
    /// A value cannot be indexed.
    #[error("{of} is {found} and cannot be indexed")]
    NotIndexable {
        /// Expression of the value.
        of: String,
        /// Its type.
        found: String,
    },
    /// A write-only attribute is read.
    #[error("{target} is write-only and cannot be read")]
    WriteOnly {
        /// The attribute.
        target: String,
    },
    /// Declarations depend on each other.
    #[error("dependency cycle: {}", .path.join(" → "))]
    Cycle {
        /// Addresses in the cycle. The first address is repeated at the end.
        path: Vec<String>,
    },
    /// An output that is not marked as sensitive returns a sensitive value.
    #[error("the output returns the sensitive value {target}")]
    SensitiveOutput {
        /// Origin of the value.
        target: String,
    },
    /// An ephemeral value would be stored.
    #[error("the ephemeral value {target} is not allowed here")]
    StoredEphemeral {
        /// Origin of the value.
        target: String,
    },
    /// A name is used outside the expression or block that binds it.
    #[error("{name:?} is not available here")]
    Unbound {
        /// The name, such as `each.key`.
        name: String,
    },
    /// A binding shadows another binding.
    #[error("the name {name:?} shadows another binding")]
    Hidden {
        /// The name.
        name: String,
    },
    /// The value of `for_each` is neither a map nor a set of strings.
    #[error("for_each requires a map or a set of strings, found {found}")]
    ForEach {
        /// Type of the value.
        found: String,
    },
    /// The condition of a validation does not refer to its variable.
    #[error("the condition does not refer to {variable}")]
    UnrelatedCondition {
        /// The variable.
        variable: String,
    },
    /// An error message is not a sentence.
    #[error("the message {message:?} is not a full sentence")]
    Message {
        /// The message.
        message: String,
    },
    /// A variable or output has no description.
    #[error("the description is missing")]
    Undescribed,
    /// A function is called with too few or too many arguments.
    #[error("{function} is called with {found} arguments, expected {}", arguments(*.least, *.most))]
    ArgumentCount {
        /// The function.
        function: &'static str,
        /// Number of arguments in the call.
        found: usize,
        /// Minimum number of arguments that the function requires.
        least: usize,
        /// Maximum number of arguments that the function accepts, if it is limited.
        most: Option<usize>,
    },
    /// A validation has no test value that it must reject.
    #[error("the validation has no test value that it must reject")]
    Untested,
    /// A declaration is not used in the module.
    #[error("the declaration is not used")]
    Unused,
    /// A required input has no example.
    #[error("the required input variable has no example value")]
    NoExample,
    /// The language cannot represent a number.
    #[error("an infinite number cannot be represented")]
    InfiniteNumber,
    /// An object has a duplicate key.
    #[error("duplicate key {key:?}")]
    DuplicateKey {
        /// The key.
        key: String,
    },
    /// The printed text differs from the declaration.
    #[error("{}", with_cause(.0))]
    Printing(#[source] PrintError),
}

impl Problem {
    /// Returns the remedy.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::InvalidName { .. } => {
                "use ASCII letters, digits, underscores, and hyphens, and start with a letter"
            }
            Self::ReservedName { .. } => "choose another name",
            Self::DuplicateName { .. } => "rename or remove one of the declarations",
            Self::UnknownProvider { .. } => "declare the provider with `Module::requires`",
            Self::UnknownSchema { .. } => "add the schema of the provider with `Schemas::with`",
            Self::UnknownType { .. } => {
                "correct the type, or import the schema of a provider version that supports it"
            }
            Self::UnknownArgument { .. } | Self::UnknownBlock { .. } => {
                "correct the name, or remove it"
            }
            Self::MissingArgument { .. } => "set the argument",
            Self::ComputedArgument { .. } => {
                "remove the argument, because the provider computes its value"
            }
            Self::BlockCount { .. } => "add or remove blocks to match the schema",
            Self::WrongType { .. } => "convert the value, or specify a value of the expected type",
            Self::UnknownReference { .. } => "declare it, or refer to an existing declaration",
            Self::ForeignReference { .. } => "pass the value through an output and an input",
            Self::UnknownAttribute { .. } => "refer to an attribute of the schema",
            Self::NotIndexable { .. } => {
                "iterate over a set with `map`, or get its only element with `one`"
            }
            Self::WriteOnly { .. } => "refer to the source of the value",
            Self::Cycle { .. } => {
                "remove a reference from the cycle, for example with a separate resource that connects the others"
            }
            Self::SensitiveOutput { .. } => "mark the output with `sensitive`",
            Self::StoredEphemeral { .. } => {
                "use a write-only argument, or mark the variable or output as ephemeral"
            }
            Self::Unbound { .. } => "use it only within the closure that receives it",
            Self::Hidden { .. } => "rename one of the bindings",
            Self::ForEach { .. } => "convert the value with `toset` or `by_index`",
            Self::UnrelatedCondition { .. } => {
                "build the condition from the value that the closure receives"
            }
            Self::Message { .. } => {
                "start with a capital letter and end with a period or question mark"
            }
            Self::Undescribed => "add a description with `describe`",
            Self::ArgumentCount { .. } => "pass the arguments that the function requires",
            Self::Untested => "specify a value with `refuses` to generate a test",
            Self::Unused => {
                "remove it, or mark an input that exists for its validation with `only_validated`"
            }
            Self::NoExample => "specify a value with `example`",
            Self::InfiniteNumber => "use a finite number",
            Self::DuplicateKey { .. } => "remove the duplicate",
            Self::Printing(_) => "report this as a bug in the generator",
        }
    }
}

impl fmt::Display for Finding {
    /// Writes the location, the problem, and the remedy: `network/main.tf: aws_vpc.this: cidr_block: expected string,
    /// found bool; convert …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}: ", self.module, self.file)?;
        for place in [&self.address, &self.argument] {
            if !place.is_empty() {
                write!(f, "{place}: ")?;
            }
        }
        write!(f, "{}; {}", self.problem, self.problem.remedy())
    }
}

impl std::error::Error for Finding {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.problem)
    }
}

fn suggested(suggestion: &Option<String>) -> String {
    match suggestion {
        Some(name) => format!(" (did you mean {name:?}?)"),
        None => String::new(),
    }
}

fn arguments(least: usize, most: Option<usize>) -> String {
    match most {
        None => format!("at least {least}"),
        Some(most) if least == most => format!("exactly {least}"),
        Some(most) => format!("{least} to {most}"),
    }
}

fn bounds(least: u64, most: u64) -> String {
    match (least, most) {
        (least, 0) => format!("at least {least}"),
        (least, most) if least == most => format!("exactly {least}"),
        (least, most) => format!("{least} to {most}"),
    }
}

fn with_cause(error: &PrintError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
