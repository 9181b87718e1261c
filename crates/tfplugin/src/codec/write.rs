//! Encoder for MessagePack.

use std::collections::BTreeMap;

use rmp::encode::{self, ByteBuf};
use tfschema::{Conformance, Dynamic, Number, ObjectType, Step, Type, Value};

use super::{Problem, WireError, refinement};

/// Output buffer. Writes to memory cannot fail, so an error occurs only if a value does not conform to its type.
#[derive(Default)]
pub(super) struct Writer(ByteBuf);

impl Writer {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.into_vec()
    }

    /// Writes a value of the specified type.
    pub(super) fn value(&mut self, value: &Value, ty: &Type) -> Result<(), WireError> {
        match (value, ty) {
            (Value::Null, _) => {
                let Ok(()) = encode::write_nil(&mut self.0);
            }
            (Value::Unknown(unknown), ty) => refinement::write(unknown, ty, self)?,
            (Value::Bool(truth), Type::Bool) => self.bool(*truth),
            (Value::Number(number), Type::Number) => self.number(number)?,
            (Value::String(text), Type::String) => self.text(text)?,
            (Value::List(elements), Type::List(element)) => {
                self.elements(elements, std::iter::repeat(element.as_ref()))?;
            }
            (Value::Tuple(elements), Type::Tuple(types)) if elements.len() == types.len() => {
                self.elements(elements, types.iter())?;
            }
            (Value::Tuple(elements), Type::Tuple(types)) => {
                let (expected, found) = (types.len(), elements.len());
                return Err(Problem::from(Conformance::Length { expected, found }).into());
            }
            (Value::Set(elements), Type::Set(element)) => {
                self.array(elements.len())?;
                for value in elements {
                    self.value(value, element).map_err(WireError::within_set)?;
                }
            }
            (Value::Map(elements), Type::Map(element)) => {
                self.map(elements.len())?;
                for (key, value) in elements {
                    self.text(key)?;
                    self.value(value, element)
                        .map_err(|error| error.within(Step::Key(key.clone())))?;
                }
            }
            (Value::Object(attributes), Type::Object(object)) => self.object(attributes, object)?,
            (Value::Dynamic(inner), Type::Dynamic) => self.dynamic(inner)?,
            (value, ty) => {
                let (expected, found) = (ty.clone(), value.kind());
                return Err(Problem::from(Conformance::Kind { expected, found }).into());
            }
        }
        Ok(())
    }

    fn elements<'t>(
        &mut self,
        elements: &[Value],
        types: impl Iterator<Item = &'t Type>,
    ) -> Result<(), WireError> {
        self.array(elements.len())?;
        for ((index, value), ty) in (0..).zip(elements).zip(types) {
            self.value(value, ty)
                .map_err(|error| error.within(Step::Index(index)))?;
        }
        Ok(())
    }

    fn object(
        &mut self,
        attributes: &BTreeMap<String, Value>,
        object: &ObjectType,
    ) -> Result<(), WireError> {
        let mut names = attributes.keys();
        if let Some(name) = names.find(|name| !object.attributes.contains_key(*name)) {
            return Err(Problem::from(Conformance::Extra { name: name.clone() }).into());
        }
        self.map(object.attributes.len())?;
        for (name, ty) in &object.attributes {
            let Some(value) = attributes.get(name) else {
                return Err(Problem::from(Conformance::Missing { name: name.clone() }).into());
            };
            self.text(name)?;
            self.value(value, ty)
                .map_err(|error| error.within(Step::Attribute(name.clone())))?;
        }
        Ok(())
    }

    fn dynamic(&mut self, inner: &Dynamic) -> Result<(), WireError> {
        // A value whose inner type is also dynamic has no type that could be encoded.
        if inner.ty == Type::Dynamic {
            return self.value(&inner.value, &inner.ty);
        }
        let ty = inner.ty.to_json().to_string().into_bytes();
        length(ty.len())?;
        self.array(2)?;
        let Ok(()) = encode::write_bin(&mut self.0, &ty);
        self.value(&inner.value, &inner.ty)
    }

    /// Writes a 64-bit integer or an exact float if possible, and a decimal string otherwise.
    pub(super) fn number(&mut self, number: &Number) -> Result<(), WireError> {
        let exact_float = number.as_exact_f64().filter(|_| !number.is_integer());
        if let Some(integer) = number.as_i64() {
            let Ok(_) = encode::write_sint(&mut self.0, integer);
        } else if let Some(float) = exact_float {
            let Ok(()) = encode::write_f64(&mut self.0, float);
        } else {
            self.text(&number.to_string())?;
        }
        Ok(())
    }

    pub(super) fn text(&mut self, text: &str) -> Result<(), WireError> {
        length(text.len())?;
        let Ok(()) = encode::write_str(&mut self.0, text);
        Ok(())
    }

    pub(super) fn array(&mut self, elements: usize) -> Result<(), WireError> {
        let Ok(_) = encode::write_array_len(&mut self.0, length(elements)?);
        Ok(())
    }

    pub(super) fn map(&mut self, elements: usize) -> Result<(), WireError> {
        let Ok(_) = encode::write_map_len(&mut self.0, length(elements)?);
        Ok(())
    }

    pub(super) fn extension(&mut self, kind: i8, payload: &[u8]) -> Result<(), WireError> {
        let Ok(_) = encode::write_ext_meta(&mut self.0, length(payload.len())?, kind);
        self.0.as_mut_vec().extend_from_slice(payload);
        Ok(())
    }

    pub(super) fn bool(&mut self, truth: bool) {
        let Ok(()) = encode::write_bool(&mut self.0, truth);
    }

    pub(super) fn uint(&mut self, integer: u64) {
        let Ok(_) = encode::write_uint(&mut self.0, integer);
    }
}

fn length(length: usize) -> Result<u32, Problem> {
    u32::try_from(length).map_err(|_| Problem::Length)
}
