//! Resource, data source, and ephemeral resource blocks, and the interface that generated builders implement.
//!
//! A generated builder is a newtype over [`Block`]. Its `new` function takes the required arguments, and each optional
//! argument has a method. Its reference is a newtype over [`Handle`] with a method for every attribute:
//!
//! ```
//! use tfmodgen::prelude::*;
//! use tfmodgen::{Block, BlockBuilder, BlockReference, Handle};
//!
//! pub struct Vpc(Block);
//! pub struct VpcReference(Handle);
//!
//! impl Vpc {
//!     pub fn new(name: &str) -> Self {
//!         Self(Block::resource("aws_vpc", name))
//!     }
//!
//!     pub fn cidr_block(mut self, value: impl IntoExpr<Str>) -> Self {
//!         self.0.body().set("cidr_block", value);
//!         self
//!     }
//! }
//!
//! impl VpcReference {
//!     pub fn id(&self) -> Expr<Str> {
//!         self.0.attribute("id")
//!     }
//! }
//!
//! impl BlockBuilder for Vpc {
//!     type Reference = VpcReference;
//!
//!     fn block(&mut self) -> &mut Block {
//!         &mut self.0
//!     }
//!
//!     fn into_block(self) -> Block {
//!         self.0
//!     }
//! }
//!
//! impl BlockReference for VpcReference {
//!     fn at(handle: Handle) -> Self {
//!         Self(handle)
//!     }
//!
//!     fn handle(&self) -> &Handle {
//!         &self.0
//!     }
//! }
//!
//! let mut module = Module::new("network", "A network.");
//! let vpc = module.resource(Vpc::new("this").cidr_block("10.0.0.0/16"));
//! assert_eq!(vpc.id().to_string(), "aws_vpc.this.id");
//! ```

mod lifecycle;
mod reference;
mod repeated;

pub use lifecycle::LifecycleBuilder;
pub(crate) use lifecycle::{Lifecycle, Rule};
pub use reference::{BlockReference, Handle};
pub use repeated::{ForEach, Many, Maybe, When};

use crate::Variable;
use crate::body::{Body, Each};
use crate::expr::{IntoExpr, Known};
use crate::marker::{Bool, Collection, Str};
use crate::node::{Node, Target};

/// Kind of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Managed resource.
    Resource,
    /// Data source.
    Data,
    /// Ephemeral resource, which is never stored.
    Ephemeral,
}

/// A resource, data source, or ephemeral resource.
#[derive(Clone, Debug)]
pub struct Block {
    pub(crate) kind: Kind,
    pub(crate) ty: String,
    pub(crate) name: String,
    pub(crate) repetition: Repetition,
    /// Local name and alias of the provider configuration. `None` selects the default configuration.
    pub(crate) provider: Option<(String, String)>,
    pub(crate) body: Body,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) depends_on: Vec<Node>,
    pub(crate) comment: Option<String>,
}

/// Number of instances of a block.
#[derive(Clone, Debug, Default)]
pub(crate) enum Repetition {
    #[default]
    Once,
    /// One instance or none: `count = condition ? 1 : 0`.
    When(Node),
    ForEach(Node),
}

impl Repetition {
    pub(crate) fn for_each(over: Node) -> Self {
        Self::ForEach(match over {
            // A literal is a tuple, which `for_each` does not accept.
            list @ Node::Tuple(_) => Node::call("toset", [list]),
            keyed => keyed,
        })
    }
}

/// Methods of all block builders. Generated builders implement the two methods that have no default body.
pub trait BlockBuilder: Sized {
    /// Type of references to the block.
    type Reference: BlockReference;

    /// Returns the unfinished block.
    fn block(&mut self) -> &mut Block;

    /// Returns the finished block.
    fn into_block(self) -> Block;

    /// Adds a comment above the block to explain why it exists.
    #[must_use]
    fn comment(mut self, why: &str) -> Self {
        self.block().comment = Some(why.to_owned());
        self
    }

    /// Adds a comment above the argument or nested block that was set last, or above the block if none was set.
    #[must_use]
    fn argument_comment(mut self, why: &str) -> Self {
        match self.block().body.argument_comment(why) {
            true => self,
            false => self.comment(why),
        }
    }

    /// Creates a block instance for each element in a map or a set of strings. The keys identify the instances and
    /// should be static.
    fn for_each<K>(self, over: K, write: impl FnOnce(Self, Each<K::Type>) -> Self) -> ForEach<Self>
    where
        K: Known,
        K::Type: Collection<Key = Str>,
    {
        let mut builder = write(self, Each::of_block());
        builder.block().repetition = Repetition::for_each(over.known().into_node());
        ForEach::new(builder)
    }

    /// Declares the block only if the condition is true.
    fn when(mut self, condition: impl IntoExpr<Bool>) -> When<Self> {
        self.block().repetition = Repetition::When(condition.into_expr().into_node());
        When::new(self)
    }

    /// Selects a non-default provider configuration: `provider = name.alias`.
    #[must_use]
    fn provider(mut self, name: &str, alias: &str) -> Self {
        self.block().provider = Some((name.to_owned(), alias.to_owned()));
        self
    }

    /// Adds a dependency on a block that no argument refers to.
    #[must_use]
    fn depends_on(mut self, other: &impl BlockReference) -> Self {
        let target = other.handle().whole();
        self.block().depends_on.push(target);
        self
    }

    /// Adds a dependency on the objects that an input refers to. They are created first and destroyed last, even if no
    /// argument refers to the input.
    #[must_use]
    fn depends_on_input<T>(mut self, input: &Variable<T>) -> Self {
        let target = input.node().clone();
        self.block().depends_on.push(target);
        self
    }
}

impl Block {
    /// Returns an empty resource block.
    pub fn resource(ty: &str, name: &str) -> Self {
        Self::of_kind(Kind::Resource, ty, name)
    }

    /// Returns an empty data block.
    pub fn data(ty: &str, name: &str) -> Self {
        Self::of_kind(Kind::Data, ty, name)
    }

    /// Returns an empty ephemeral block.
    pub fn ephemeral(ty: &str, name: &str) -> Self {
        Self::of_kind(Kind::Ephemeral, ty, name)
    }

    /// Returns an empty block of the specified kind.
    pub(crate) fn of_kind(kind: Kind, ty: &str, name: &str) -> Self {
        Self {
            kind,
            ty: ty.to_owned(),
            name: name.to_owned(),
            repetition: Repetition::Once,
            provider: None,
            body: Body::default(),
            lifecycle: Lifecycle::default(),
            depends_on: Vec::new(),
            comment: None,
        }
    }

    /// Returns the content of the block.
    pub fn body(&mut self) -> &mut Body {
        &mut self.body
    }

    pub(crate) fn target(&self) -> Target {
        let (ty, name) = (self.ty.clone(), self.name.clone());
        match self.kind {
            Kind::Resource => Target::Resource(ty, name),
            Kind::Data => Target::Data(ty, name),
            Kind::Ephemeral => Target::Ephemeral(ty, name),
        }
    }
}

impl Kind {
    /// Returns the keyword that starts the block.
    pub(crate) fn keyword(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::Data => "data",
            Self::Ephemeral => "ephemeral",
        }
    }
}
