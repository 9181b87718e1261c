//! Removes write-only values, which are read only from the configuration and are never planned or stored.

use tfschema::{Block, Value};

use crate::level::{Level, Member, map_objects};

/// Returns the value with all write-only attributes set to null, at any depth.
pub(crate) fn without_write_only(block: &Block, value: Value) -> Value {
    object(block.into(), value)
}

/// Sets all write-only attributes of an object to null, at any depth.
pub(super) fn object(level: Level<'_>, value: Value) -> Value {
    let Value::Object(mut attributes) = value else {
        return value;
    };
    for (name, member) in level.members() {
        let Some(slot) = attributes.get_mut(name) else {
            continue;
        };
        if let Member::Attribute(attribute) = member
            && attribute.write_only
        {
            *slot = Value::Null;
        } else if let Some((nesting, level)) = member.within() {
            let value = std::mem::take(slot);
            *slot = map_objects(nesting, value, &mut |_, value| object(level, value));
        }
    }
    Value::Object(attributes)
}
