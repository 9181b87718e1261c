//! Encodes values as MessagePack. Pure; supports integers only.

use anyhow::{Result, bail};
use serde_json::Value;

/// Encodes a value (MessagePack specification, "Formats").
///
/// # Errors
/// Returns an error if a number is not a non-negative integer.
pub(crate) fn encode(value: &Value) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write(value, &mut bytes)?;
    Ok(bytes)
}

fn write(value: &Value, to: &mut Vec<u8>) -> Result<()> {
    match value {
        Value::Null => to.push(0xc0),
        Value::Bool(truth) => to.push(if *truth { 0xc3 } else { 0xc2 }),
        Value::Number(number) => {
            let Some(number) = number.as_u64() else {
                bail!("{number} is not a non-negative integer");
            };
            to.push(0xcf);
            to.extend(number.to_be_bytes());
        }
        Value::String(text) => {
            to.push(0xdb);
            length(text.len(), to)?;
            to.extend(text.as_bytes());
        }
        Value::Array(elements) => {
            to.push(0xdd);
            length(elements.len(), to)?;
            elements.iter().try_for_each(|element| write(element, to))?;
        }
        Value::Object(attributes) => {
            to.push(0xdf);
            length(attributes.len(), to)?;
            for (name, value) in attributes {
                write(&Value::from(name.as_str()), to)?;
                write(value, to)?;
            }
        }
    }
    Ok(())
}

fn length(length: usize, to: &mut Vec<u8>) -> Result<()> {
    to.extend(u32::try_from(length)?.to_be_bytes());
    Ok(())
}

#[test]
fn values_are_encoded_according_to_the_specification() -> Result<()> {
    let value = serde_json::json!({ "a": [null, true, 258, "b"] });
    let expected = [
        &[0xdf, 0, 0, 0, 1, 0xdb, 0, 0, 0, 1, b'a'][..],
        &[0xdd, 0, 0, 0, 4, 0xc0, 0xc3],
        &[0xcf, 0, 0, 0, 0, 0, 0, 1, 2, 0xdb, 0, 0, 0, 1, b'b'],
    ];
    assert_eq!(encode(&value)?, expected.concat());
    assert!(encode(&serde_json::json!(0.5)).is_err());
    Ok(())
}
