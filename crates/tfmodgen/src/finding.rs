//! What is wrong with a module: where, what, and what to do about it.

use std::fmt;

use crate::render::PrintError;

/// Something that is wrong with a module.
#[derive(Debug)]
pub struct Finding {
    /// The module.
    pub module: String,
    /// The file in which it would stand.
    pub file: String,
    /// The block in that file, such as `aws_vpc.this` or `variable.cidr_block`.
    pub address: String,
    /// The argument in that block, such as `setting.name`; empty for the block as a whole.
    pub argument: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What can be wrong with a module.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A name is no identifier.
    #[error("{name:?} is not an identifier")]
    InvalidName {
        /// The name.
        name: String,
    },
    /// A name means something else in this place.
    #[error("the name {name:?} is reserved")]
    ReservedName {
        /// The name.
        name: String,
    },
    /// Something of this name is declared already.
    #[error("{what} is declared more than once")]
    DuplicateName {
        /// What is declared.
        what: String,
    },
    /// No required provider serves a type.
    #[error("no provider is required that serves {ty:?}")]
    UnknownProvider {
        /// The type of the block.
        ty: String,
    },
    /// There is no schema to check against.
    #[error("there is no schema of {source_address:?}")]
    UnknownSchema {
        /// The provider's source.
        source_address: String,
    },
    /// The provider does not have a type.
    #[error("the provider has no {kind} {ty:?}{}", suggested(.suggestion))]
    UnknownType {
        /// `resource`, `data` or `ephemeral`.
        kind: &'static str,
        /// The type of the block.
        ty: String,
        /// A type that looks like it.
        suggestion: Option<String>,
    },
    /// There is no argument of this name.
    #[error("there is no argument {name:?}{}", suggested(.suggestion))]
    UnknownArgument {
        /// The name.
        name: String,
        /// A name that looks like it.
        suggestion: Option<String>,
    },
    /// A required argument is not set.
    #[error("the required argument {name:?} is not set")]
    MissingArgument {
        /// The name.
        name: String,
    },
    /// The provider alone sets an argument.
    #[error("{name:?} is set by the provider alone")]
    ComputedArgument {
        /// The name.
        name: String,
    },
    /// There is no nested block of this name.
    #[error("there is no nested block {name:?}{}", suggested(.suggestion))]
    UnknownBlock {
        /// The name.
        name: String,
        /// A name that looks like it.
        suggestion: Option<String>,
    },
    /// A nested block occurs too rarely or too often.
    #[error("{name:?} stands {found} times, of {}", bounds(*.least, *.most))]
    BlockCount {
        /// The name of the nested block.
        name: String,
        /// How often it stands.
        found: u64,
        /// The least number.
        least: u64,
        /// The greatest number; zero for no limit.
        most: u64,
    },
    /// A value cannot be converted to the expected type.
    #[error("expected {expected}, found {found}")]
    WrongType {
        /// The expected type.
        expected: String,
        /// The type that is given.
        found: String,
    },
    /// A reference points at nothing.
    #[error("{target} is not declared{}", suggested(.suggestion))]
    UnknownReference {
        /// What it points at.
        target: String,
        /// A declaration that looks like it.
        suggestion: Option<String>,
    },
    /// A reference was made for another module.
    #[error("{target} belongs to the module {module:?}")]
    ForeignReference {
        /// What it points at.
        target: String,
        /// The module it was made for.
        module: String,
    },
    /// Something has no attribute of this name.
    #[error("{of} has no attribute {name:?}{}", suggested(.suggestion))]
    UnknownAttribute {
        /// What was asked.
        of: String,
        /// The name.
        name: String,
        /// A name that looks like it.
        suggestion: Option<String>,
    },
    /// Something cannot be indexed.
    #[error("{of} cannot be indexed: it is {found}")]
    NotIndexable {
        /// What was indexed.
        of: String,
        /// Its type.
        found: String,
    },
    /// A write-only attribute is read.
    #[error("{target} is write-only: it can be set and never read")]
    WriteOnly {
        /// The attribute.
        target: String,
    },
    /// Declarations need each other.
    #[error("{} need each other", .path.join(" → "))]
    Cycle {
        /// The declarations, from one to itself.
        path: Vec<String>,
    },
    /// An output gives a sensitive value and does not say so.
    #[error("{target} is sensitive")]
    SensitiveOutput {
        /// What the value is made of.
        target: String,
    },
    /// An ephemeral value would be stored.
    #[error("{target} is ephemeral and would be stored here")]
    StoredEphemeral {
        /// What the value is made of.
        target: String,
    },
    /// A name is used where nothing binds it.
    #[error("{name:?} means nothing here")]
    Unbound {
        /// The name, such as `each.key`.
        name: String,
    },
    /// A name hides another.
    #[error("the name {name:?} hides another of the same name")]
    Hidden {
        /// The name.
        name: String,
    },
    /// `for_each` is given something else than a map or a set of strings.
    #[error("for_each runs over a map or a set of strings, not over {found}")]
    ForEach {
        /// The type that is given.
        found: String,
    },
    /// A validation is about something else than its variable.
    #[error("the condition does not look at {variable}")]
    IdleCondition {
        /// The variable.
        variable: String,
    },
    /// A message is no sentence.
    #[error("the message {message:?} is not a full sentence")]
    Message {
        /// The message.
        message: String,
    },
    /// A variable or output does not say what it is for.
    #[error("there is no description")]
    Undescribed,
    /// A function is given too few arguments, or too many.
    #[error("{function} is given {found} arguments, of {least}")]
    ArgumentCount {
        /// The function.
        function: &'static str,
        /// How many it is given.
        found: usize,
        /// How many it takes at least.
        least: usize,
    },
    /// A validation does not say what it refuses.
    #[error("no value is named that this validation refuses")]
    Untested,
    /// Nothing in the module uses a declaration.
    #[error("nothing in the module uses it")]
    Unused,
    /// An input that has to be given has no example.
    #[error("there is no example of a good value")]
    NoExample,
    /// A number that the language cannot write.
    #[error("an infinite number cannot be written")]
    InfiniteNumber,
    /// An object has a key twice.
    #[error("the key {key:?} stands more than once")]
    DuplicateKey {
        /// The key.
        key: String,
    },
    /// What was printed is not what was meant.
    #[error("{}", with_cause(.0))]
    Printing(#[source] PrintError),
}

impl Problem {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::InvalidName { .. } => {
                "use ASCII letters, digits, underscores and hyphens, a letter first"
            }
            Self::ReservedName { .. } => "choose another name",
            Self::DuplicateName { .. } => "rename one of them, or declare it once",
            Self::UnknownProvider { .. } => "require the provider with `Module::requires`",
            Self::UnknownSchema { .. } => {
                "add the provider's schema to those the module is checked against"
            }
            Self::UnknownType { .. } => {
                "correct the type, or import a schema of a release that has it"
            }
            Self::UnknownArgument { .. } | Self::UnknownBlock { .. } => {
                "correct the name, or take the line out"
            }
            Self::MissingArgument { .. } => "set it",
            Self::ComputedArgument { .. } => {
                "take it out, and refer to it where its value is needed"
            }
            Self::BlockCount { .. } => "write the block as often as the provider takes it",
            Self::WrongType { .. } => "convert the value, or give one of the right type",
            Self::UnknownReference { .. } => "declare it, or refer to what is declared",
            Self::ForeignReference { .. } => "hand it over as an output and an input",
            Self::UnknownAttribute { .. } => "refer to an attribute that the schema has",
            Self::NotIndexable { .. } => {
                "run over a set with `map`, or take its only element with `one`"
            }
            Self::WriteOnly { .. } => "refer to where the value comes from",
            Self::Cycle { .. } => {
                "break the circle, often by a resource of its own for what connects them"
            }
            Self::SensitiveOutput { .. } => "mark the output with `sensitive`",
            Self::StoredEphemeral { .. } => {
                "give it to a write-only argument, or to an ephemeral variable or output"
            }
            Self::Unbound { .. } => "use it only within the closure that it was handed to",
            Self::Hidden { .. } => "give one of them another name",
            Self::ForEach { .. } => "make it one with `toset` or `by_index`",
            Self::IdleCondition { .. } => {
                "build the condition from the value that the closure is given"
            }
            Self::Message { .. } => {
                "begin with a capital letter and end with a full stop or question mark"
            }
            Self::Undescribed => "say what it is for with `describe`",
            Self::ArgumentCount { .. } => "give as many as the function takes",
            Self::Untested => "name one with `refuses`, so that a test can be written of it",
            Self::Unused => {
                "take it out; an input that is there for its validation says so with `only_validated`"
            }
            Self::NoExample => "give one with `example`",
            Self::InfiniteNumber => "give a finite number",
            Self::DuplicateKey { .. } => "keep one of them",
            Self::Printing(_) => {
                "this is a fault of the generator, not of the declaration: report it"
            }
        }
    }
}

impl fmt::Display for Finding {
    /// `network/main.tf: aws_vpc.this: cidr_block: number is given …; convert the value …`
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
