//! Write-only values are read from configuration and never planned or stored.

use tfschema::{Block, Value};

use crate::level::{Level, Member, map_objects};

/// The same value with every write-only attribute, however deep, made null.
pub(crate) fn without_write_only(block: &Block, value: Value) -> Value {
    object(block.into(), value)
}

/// The same for an object of a level of the schema.
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
