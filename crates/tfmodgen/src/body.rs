//! Content of a block: arguments and nested blocks. Generated builders write the content, and the checker compares it
//! with the schemas.

use crate::expr::{Expr, IntoExpr, Known};
use crate::marker::{Collection, Typed};
use crate::node::{Node, Target};

/// Arguments and nested blocks, in the order in which they were set.
#[derive(Clone, Debug, Default)]
pub struct Body {
    pub(crate) items: Vec<Item>,
}

#[derive(Clone, Debug)]
pub(crate) enum Item {
    Argument(Argument),
    Block(NestedBlock),
}

/// `name = value`, with an optional comment.
#[derive(Clone, Debug)]
pub(crate) struct Argument {
    pub(crate) name: String,
    pub(crate) value: Node,
    pub(crate) comment: Option<String>,
}

/// A nested block, which is static or repeated for each element of a collection.
#[derive(Clone, Debug)]
pub struct NestedBlock {
    pub(crate) name: String,
    pub(crate) repetition: Option<Repetition>,
    pub(crate) body: Body,
    pub(crate) comment: Option<String>,
}

/// Collection that a dynamic block iterates over. The iterator has the same name as the block.
#[derive(Clone, Debug)]
pub(crate) struct Repetition {
    pub(crate) collection: Node,
}

/// Current element of a repeated block.
pub struct Each<C: Collection> {
    key: Expr<C::Key>,
    value: Expr<C::Value>,
}

impl Body {
    /// Sets an argument. Replaces an earlier value.
    pub fn set<T>(&mut self, name: &str, value: impl IntoExpr<T>) {
        let argument = Argument {
            name: name.to_owned(),
            value: value.into_expr().into_node(),
            comment: None,
        };
        let same = |item: &&mut Item| matches!(item, Item::Argument(old) if old.name == name);
        match self.items.iter_mut().find(same) {
            Some(item) => *item = Item::Argument(argument),
            None => self.items.push(Item::Argument(argument)),
        }
    }

    /// Adds a nested block.
    pub fn nest(&mut self, block: NestedBlock) {
        self.items.push(Item::Block(block));
    }

    /// Adds a dynamic block, which generates a nested block with this name for each element of a collection.
    pub fn nest_each<K, B>(&mut self, name: &str, over: K, write: impl FnOnce(Each<K::Type>) -> B)
    where
        K: Known,
        K::Type: Collection,
        B: Into<NestedBlock>,
    {
        let collection = over.known().into_node();
        self.nest(NestedBlock {
            name: name.to_owned(),
            repetition: Some(Repetition { collection }),
            ..write(Each::of_dynamic(name)).into()
        });
    }

    /// Adds a comment to the argument or block that was set last. Returns false if none was set.
    pub(crate) fn argument_comment(&mut self, why: &str) -> bool {
        let comment = match self.items.last_mut() {
            Some(Item::Argument(argument)) => &mut argument.comment,
            Some(Item::Block(block)) => &mut block.comment,
            None => return false,
        };
        *comment = Some(why.to_owned());
        true
    }

    pub(crate) fn arguments(&self) -> impl Iterator<Item = &Argument> {
        self.items.iter().filter_map(|item| match item {
            Item::Argument(argument) => Some(argument),
            Item::Block(_) => None,
        })
    }

    pub(crate) fn blocks(&self) -> impl Iterator<Item = &NestedBlock> {
        self.items.iter().filter_map(|item| match item {
            Item::Argument(_) => None,
            Item::Block(block) => Some(block),
        })
    }
}

impl NestedBlock {
    /// Returns an empty block with this name.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            repetition: None,
            body: Body::default(),
            comment: None,
        }
    }

    /// Returns the content of the block.
    pub fn body(&mut self) -> &mut Body {
        &mut self.body
    }
}

/// Methods of all nested block builders. Generated builders implement the method that has no default body.
pub trait NestedBuilder: Into<NestedBlock> + Sized {
    /// Returns the unfinished block.
    fn nested(&mut self) -> &mut NestedBlock;

    /// Adds a comment above the block to explain why it exists.
    #[must_use]
    fn comment(mut self, why: &str) -> Self {
        self.nested().comment = Some(why.to_owned());
        self
    }

    /// Adds a comment above the argument or nested block that was set last, or above the block if none was set.
    #[must_use]
    fn argument_comment(mut self, why: &str) -> Self {
        match self.nested().body.argument_comment(why) {
            true => self,
            false => self.comment(why),
        }
    }
}

impl<C: Collection> Each<C> {
    /// Returns the key of the element. In a set, the key is the element itself.
    pub fn key(&self) -> Expr<C::Key> {
        self.key.clone()
    }

    /// Returns the value of the element.
    pub fn value(&self) -> Expr<C::Value> {
        self.value.clone()
    }

    /// Returns an attribute of the value, which must be an object.
    pub fn get<T: Typed>(&self, name: &str) -> Expr<T> {
        self.value.attribute(name)
    }

    /// Returns the current element of a block with `for_each`.
    pub(crate) fn of_block() -> Self {
        Self::of(Target::Each)
    }

    fn of_dynamic(name: &str) -> Self {
        Self::of(|part| Target::Iterator(name.to_owned(), part))
    }

    fn of(target: impl Fn(&'static str) -> Target) -> Self {
        Self {
            key: Expr::new(Node::reference("", target("key"))),
            value: Expr::new(Node::reference("", target("value"))),
        }
    }
}
