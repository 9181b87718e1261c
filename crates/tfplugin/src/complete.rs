//! Completion of partial states. Missing attributes become null, and missing repeated blocks become empty collections.
//!
//! Resources can omit attributes during import, read, and move operations. Terraform and OpenTofu require all attributes,
//! and reject null for a repeated block.

use tfschema::{Block, BlockNesting, Dynamic, NestedBlock, Type, Value};

use crate::level::{Level, Member, map_objects};

/// Adds missing members to a state at every depth. Missing attributes and single blocks become null, missing group blocks
/// become an object of nulls, and missing repeated blocks become an empty collection. A state that is null or unknown as a
/// whole does not change.
pub(crate) fn complete(block: &Block, value: Value) -> Value {
    object(block.into(), value)
}

fn object(level: Level<'_>, value: Value) -> Value {
    let Value::Object(mut attributes) = value else {
        return value;
    };
    for (name, member) in level.members() {
        if !attributes.contains_key(name) {
            attributes.insert(name.to_owned(), Value::Null);
        }
        let Some(slot) = attributes.get_mut(name) else {
            continue;
        };
        if let Member::Block(nested) = member
            && slot.is_null()
        {
            *slot = absent(nested);
        }
        if let Some((nesting, level)) = member.within() {
            let value = std::mem::take(slot);
            *slot = map_objects(nesting, value, &mut |_, value| object(level, value));
        }
    }
    Value::Object(attributes)
}

/// Returns the value for a block that is not configured.
fn absent(nested: &NestedBlock) -> Value {
    let open = nested.implied_type() == Type::Dynamic;
    let typed = |ty, value| Value::Dynamic(Box::new(Dynamic { ty, value }));
    match nested.nesting {
        BlockNesting::Single => Value::Null,
        BlockNesting::Group => Value::Object(Default::default()),
        BlockNesting::Set => Value::Set(Default::default()),
        BlockNesting::List if open => typed(Type::Tuple(Vec::new()), Value::Tuple(Vec::new())),
        BlockNesting::List => Value::List(Vec::new()),
        BlockNesting::Map if open => {
            let none: [(String, Type); 0] = [];
            typed(Type::object(none), Value::Object(Default::default()))
        }
        BlockNesting::Map => Value::Map(Default::default()),
    }
}

#[cfg(test)]
mod tests;
