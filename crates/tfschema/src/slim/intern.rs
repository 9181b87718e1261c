//! Finds equal bodies in a schema, and names the shared bodies, which are written only once. This module must not write
//! documents.

use std::collections::BTreeMap;

use crate::{Attribute, AttributeKind, Block, BlockNesting, ObjectNesting, Schema};

use super::FLAGS;

/// Minimum number of lines in a shared body. A reference to a shorter body would not save space.
const LINES: usize = 3;

/// Content of a block, or of an object in an attribute. Nested bodies are indices into [`Bodies`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Body {
    pub(super) deprecated: bool,
    pub(super) attributes: Vec<(String, Kind, String)>,
    pub(super) blocks: Vec<(String, Occurrence)>,
}

/// Kind of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Type, as JSON.
    Type(String),
    /// Nesting mode and body of nested attributes.
    Nested(&'static str, usize),
}

/// A nested block in a body.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Occurrence {
    pub(super) nesting: &'static str,
    pub(super) min: u64,
    pub(super) max: u64,
    pub(super) body: usize,
}

/// Distinct bodies in a schema.
pub(super) struct Bodies {
    /// Bodies by number. A body follows the bodies that it contains.
    pub(super) bodies: Vec<Body>,
    /// Number of the top-level body.
    pub(super) root: usize,
    /// Names of the shared bodies, by number.
    pub(super) shapes: BTreeMap<usize, String>,
}

impl Bodies {
    /// Returns the bodies of a schema.
    pub(super) fn of(schema: &Schema) -> Self {
        let mut interner = Interner::default();
        let root = interner.block(&schema.block);
        let bodies = interner.bodies;
        let shapes = name(&bodies, root);
        Self {
            bodies,
            root,
            shapes,
        }
    }
}

#[derive(Default)]
struct Interner {
    bodies: Vec<Body>,
    numbers: BTreeMap<Body, usize>,
}

impl Interner {
    fn block(&mut self, block: &Block) -> usize {
        let attributes = self.attributes(&block.attributes);
        let blocks = block.blocks.iter().map(|(name, nested)| {
            let occurrence = Occurrence {
                nesting: block_nesting(nested.nesting),
                min: nested.min_items,
                max: nested.max_items,
                body: self.block(&nested.block),
            };
            (name.clone(), occurrence)
        });
        let blocks = blocks.collect();
        self.number(Body {
            deprecated: block.deprecated.is_some(),
            attributes,
            blocks,
        })
    }

    fn attributes(
        &mut self,
        attributes: &BTreeMap<String, Attribute>,
    ) -> Vec<(String, Kind, String)> {
        let attributes = attributes.iter().map(|(name, attribute)| {
            let kind = match &attribute.kind {
                AttributeKind::Type(ty) => Kind::Type(ty.to_json().to_string()),
                AttributeKind::Nested(nested) => {
                    let attributes = self.attributes(&nested.attributes);
                    let body = self.number(Body {
                        deprecated: false,
                        attributes,
                        blocks: Vec::new(),
                    });
                    Kind::Nested(object_nesting(nested.nesting), body)
                }
            };
            (name.clone(), kind, flags(attribute))
        });
        attributes.collect()
    }

    fn number(&mut self, body: Body) -> usize {
        if let Some(number) = self.numbers.get(&body) {
            return *number;
        }
        let number = self.bodies.len();
        self.bodies.push(body.clone());
        self.numbers.insert(body, number);
        number
    }
}

fn flags(attribute: &Attribute) -> String {
    FLAGS
        .iter()
        .filter(|(_, get, _)| get(attribute))
        .map(|(sign, _, _)| *sign)
        .collect()
}

/// Names every shared body after the block or attribute that uses it first, in breadth-first order.
fn name(bodies: &[Body], root: usize) -> BTreeMap<usize, String> {
    let mut uses = vec![0_usize; bodies.len()];
    for (_, inner) in bodies.iter().flat_map(Body::inner) {
        uses[inner] += 1;
    }
    let mut shapes = BTreeMap::new();
    let mut taken = BTreeMap::<&str, usize>::new();
    let mut seen = vec![false; bodies.len()];
    let mut queue = std::collections::VecDeque::from([root]);
    while let Some(number) = queue.pop_front() {
        for (name, inner) in bodies[number].inner() {
            if std::mem::replace(&mut seen[inner], true) {
                continue;
            }
            queue.push_back(inner);
            if uses[inner] > 1 && bodies[inner].lines() >= LINES {
                let count = taken.entry(name).or_default();
                *count += 1;
                let shape = match *count {
                    1 => name.to_owned(),
                    count => format!("{name} {count}"),
                };
                shapes.insert(inner, shape);
            }
        }
    }
    shapes
}

impl Body {
    /// Returns the nested bodies, with the names of the attributes and blocks that contain them.
    fn inner(&self) -> impl Iterator<Item = (&str, usize)> {
        let nested = self
            .attributes
            .iter()
            .filter_map(|(name, kind, _)| match kind {
                Kind::Type(_) => None,
                Kind::Nested(_, body) => Some((name.as_str(), *body)),
            });
        let blocks = self
            .blocks
            .iter()
            .map(|(name, occurrence)| (name.as_str(), occurrence.body));
        nested.chain(blocks)
    }

    fn lines(&self) -> usize {
        self.attributes.len() + 2 * self.blocks.len()
    }
}

fn block_nesting(nesting: BlockNesting) -> &'static str {
    match nesting {
        BlockNesting::Single => "single",
        BlockNesting::Group => "group",
        BlockNesting::List => "list",
        BlockNesting::Set => "set",
        BlockNesting::Map => "map",
    }
}

fn object_nesting(nesting: ObjectNesting) -> &'static str {
    match nesting {
        ObjectNesting::Single => "single",
        ObjectNesting::List => "list",
        ObjectNesting::Set => "set",
        ObjectNesting::Map => "map",
    }
}
