//! Decoder for MessagePack.

use std::collections::BTreeMap;

use rmp::{Marker, decode};
use tfschema::{Conformance, Dynamic, Number, ObjectType, Step, Text, Type, Unknown, Value};

use super::{Problem, WireError, refinement};

/// Input that remains to be read.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Returns the number of remaining bytes.
    pub(super) fn left(&self) -> usize {
        self.0.len()
    }

    /// Reads a value of the specified type that is nested at most `depth` levels deep.
    pub(super) fn value(&mut self, ty: &Type, depth: usize) -> Result<Value, WireError> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Problem::Depth.into());
        };
        match (self.peek()?, ty) {
            (Marker::Null, _) => {
                self.skip_marker();
                Ok(Value::Null)
            }
            (marker, ty) if is_extension(marker) => Ok(Value::Unknown(Box::new(self.unknown(ty)?))),
            (_, Type::Dynamic) => self.dynamic(depth),
            (_, Type::String) => self.text(ty).map(Value::String),
            (_, Type::Number) => self.number().map(Value::Number),
            (Marker::True | Marker::False, Type::Bool) => Ok(Value::Bool(self.bool()?)),
            (_, Type::Bool) => Err(self.unexpected(ty)),
            (_, Type::List(element)) => self.list(ty, element, depth),
            (_, Type::Set(element)) => self.set(ty, element, depth),
            (_, Type::Tuple(elements)) => self.tuple(ty, elements, depth),
            (_, Type::Map(element)) => self.map(ty, element, depth),
            (_, Type::Object(object)) => self.object(ty, object, depth),
        }
    }

    fn list(&mut self, ty: &Type, element: &Type, depth: usize) -> Result<Value, WireError> {
        let length = self.array_length(ty)?;
        // The declared length can be false, so it must not determine the allocation. Each element requires at least one byte
        // of input.
        (0..length)
            .map(|index| self.indexed(index, element, depth))
            .collect::<Result<_, _>>()
            .map(Value::List)
    }

    fn set(&mut self, ty: &Type, element: &Type, depth: usize) -> Result<Value, WireError> {
        let length = self.array_length(ty)?;
        let elements =
            (0..length).map(|_| self.value(element, depth).map_err(WireError::within_set));
        elements.collect::<Result<_, _>>().map(Value::Set)
    }

    fn tuple(&mut self, ty: &Type, types: &[Type], depth: usize) -> Result<Value, WireError> {
        let found = self.array_length(ty)? as usize;
        if found != types.len() {
            let expected = types.len();
            return Err(Problem::from(Conformance::Length { expected, found }).into());
        }
        (0..)
            .zip(types)
            .map(|(index, ty)| self.indexed(index, ty, depth))
            .collect::<Result<_, _>>()
            .map(Value::Tuple)
    }

    fn indexed(&mut self, index: u32, ty: &Type, depth: usize) -> Result<Value, WireError> {
        self.value(ty, depth)
            .map_err(|error| error.within(Step::Index(index.into())))
    }

    fn map(&mut self, ty: &Type, element: &Type, depth: usize) -> Result<Value, WireError> {
        let mut elements = BTreeMap::new();
        for _ in 0..self.map_length(ty)? {
            let key = self.text(&Type::String)?.into_string();
            let value = self
                .value(element, depth)
                .map_err(|error| error.within(Step::Key(key.clone())))?;
            elements.insert(key, value);
        }
        Ok(Value::Map(elements))
    }

    fn object(&mut self, ty: &Type, object: &ObjectType, depth: usize) -> Result<Value, WireError> {
        let mut attributes = BTreeMap::new();
        for _ in 0..self.map_length(ty)? {
            let name = self.text(&Type::String)?.into_string();
            let Some(ty) = object.attributes.get(&name) else {
                return Err(Problem::from(Conformance::Extra { name }).into());
            };
            let value = self
                .value(ty, depth)
                .map_err(|error| error.within(Step::Attribute(name.clone())))?;
            attributes.insert(name, value);
        }
        let mut names = object.attributes.keys();
        match names.find(|name| !attributes.contains_key(*name)) {
            Some(name) => Err(Problem::from(Conformance::Missing { name: name.clone() }).into()),
            None => Ok(Value::Object(attributes)),
        }
    }

    /// Reads an array that contains a type, encoded as JSON, and a value of that type.
    fn dynamic(&mut self, depth: usize) -> Result<Value, WireError> {
        if self.array_length(&Type::Dynamic)? != 2 {
            return Err(Problem::Dynamic.into());
        }
        let length = match self.peek()? {
            Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => decode::read_bin_len(&mut self.0),
            marker if is_text(marker) => decode::read_str_len(&mut self.0),
            _ => return Err(Problem::Dynamic.into()),
        };
        let json = self.take(length.map_err(|_| Problem::Truncated)?)?;
        let ty = Type::from_json_bytes(json).map_err(Problem::Type)?;
        let value = self.value(&ty, depth)?;
        Ok(match ty {
            Type::Dynamic => value,
            ty => Value::Dynamic(Box::new(Dynamic { ty, value })),
        })
    }

    /// Reads an extension. Every extension type represents an unknown value, and one extension type carries refinements.
    fn unknown(&mut self, ty: &Type) -> Result<Unknown, WireError> {
        let meta = decode::read_ext_meta(&mut self.0).map_err(|_| Problem::Truncated)?;
        let payload = self.take(meta.size)?;
        Ok(refinement::read(meta.typeid, payload, ty)?)
    }

    /// Reads a number from an integer, a float, or a decimal string.
    pub(super) fn number(&mut self) -> Result<Number, WireError> {
        let marker = self.peek()?;
        let cut = |_| Problem::Truncated;
        let number = match marker {
            Marker::FixPos(_) | Marker::U8 | Marker::U16 | Marker::U32 | Marker::U64 => {
                Ok(decode::read_int::<u64, _>(&mut self.0)
                    .map_err(|_| Problem::Truncated)?
                    .into())
            }
            Marker::FixNeg(_) | Marker::I8 | Marker::I16 | Marker::I32 | Marker::I64 => {
                Ok(decode::read_int::<i64, _>(&mut self.0)
                    .map_err(|_| Problem::Truncated)?
                    .into())
            }
            Marker::F32 => Number::from_f64(decode::read_f32(&mut self.0).map_err(cut)?.into()),
            Marker::F64 => Number::from_f64(decode::read_f64(&mut self.0).map_err(cut)?),
            _ => self.str(&Type::Number)?.parse(),
        };
        Ok(number.map_err(Problem::Number)?)
    }

    pub(super) fn bool(&mut self) -> Result<bool, WireError> {
        match self.peek()? {
            Marker::True | Marker::False => {
                Ok(decode::read_bool(&mut self.0).map_err(|_| Problem::Truncated)?)
            }
            _ => Err(self.unexpected(&Type::Bool)),
        }
    }

    pub(super) fn text(&mut self, ty: &Type) -> Result<Text, WireError> {
        self.str(ty).map(Text::from)
    }

    fn str(&mut self, ty: &Type) -> Result<&'a str, WireError> {
        if !is_text(self.peek()?) {
            return Err(self.unexpected(ty));
        }
        let length = decode::read_str_len(&mut self.0).map_err(|_| Problem::Truncated)?;
        Ok(std::str::from_utf8(self.take(length)?).map_err(Problem::Utf8)?)
    }

    pub(super) fn array_length(&mut self, ty: &Type) -> Result<u32, WireError> {
        match self.peek()? {
            Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => {
                Ok(decode::read_array_len(&mut self.0).map_err(|_| Problem::Truncated)?)
            }
            _ => Err(self.unexpected(ty)),
        }
    }

    pub(super) fn map_length(&mut self, ty: &Type) -> Result<u32, WireError> {
        match self.peek()? {
            Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => {
                Ok(decode::read_map_len(&mut self.0).map_err(|_| Problem::Truncated)?)
            }
            _ => Err(self.unexpected(ty)),
        }
    }

    fn peek(&self) -> Result<Marker, Problem> {
        let first = self.0.first().ok_or(Problem::Truncated)?;
        Ok(Marker::from_u8(*first))
    }

    fn skip_marker(&mut self) {
        self.0 = self.0.get(1..).unwrap_or_default();
    }

    pub(super) fn take(&mut self, length: u32) -> Result<&'a [u8], Problem> {
        let taken = self.0.split_at_checked(length as usize);
        let (taken, rest) = taken.ok_or(Problem::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }

    /// Returns the error for a value whose kind does not match the type.
    fn unexpected(&self, ty: &Type) -> WireError {
        let found = self.peek().map_or("nothing", kind);
        let expected = ty.clone();
        Problem::from(Conformance::Kind { expected, found }).into()
    }

    /// Skips a value of any kind and depth, without recursion.
    pub(super) fn skip(&mut self) -> Result<(), Problem> {
        let mut values: u64 = 1;
        while values > 0 {
            values -= 1;
            let cut = |_| Problem::Truncated;
            let marker = self.peek()?;
            match marker {
                Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => {
                    values += u64::from(decode::read_array_len(&mut self.0).map_err(cut)?);
                }
                Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => {
                    values += 2 * u64::from(decode::read_map_len(&mut self.0).map_err(cut)?);
                }
                Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => {
                    let length = decode::read_bin_len(&mut self.0).map_err(cut)?;
                    self.take(length)?;
                }
                marker if is_text(marker) => {
                    let length = decode::read_str_len(&mut self.0).map_err(cut)?;
                    self.take(length)?;
                }
                marker if is_extension(marker) => {
                    let meta = decode::read_ext_meta(&mut self.0).map_err(cut)?;
                    self.take(meta.size)?;
                }
                marker => {
                    self.skip_marker();
                    self.take(scalar_length(marker))?;
                }
            }
        }
        Ok(())
    }
}

/// Returns the number of bytes after the marker of a scalar value.
fn scalar_length(marker: Marker) -> u32 {
    match marker {
        Marker::U8 | Marker::I8 => 1,
        Marker::U16 | Marker::I16 => 2,
        Marker::U32 | Marker::I32 | Marker::F32 => 4,
        Marker::U64 | Marker::I64 | Marker::F64 => 8,
        _ => 0,
    }
}

fn is_extension(marker: Marker) -> bool {
    matches!(
        marker,
        Marker::FixExt1
            | Marker::FixExt2
            | Marker::FixExt4
            | Marker::FixExt8
            | Marker::FixExt16
            | Marker::Ext8
            | Marker::Ext16
            | Marker::Ext32
    )
}

fn is_text(marker: Marker) -> bool {
    matches!(
        marker,
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32
    )
}

/// Describes the kind of value that the marker introduces.
fn kind(marker: Marker) -> &'static str {
    match marker {
        Marker::Null => "null",
        Marker::True | Marker::False => "a bool",
        Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => "an array",
        Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => "a map",
        Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => "bytes",
        Marker::Reserved => "a reserved byte",
        marker if is_text(marker) => "a string",
        marker if is_extension(marker) => "an unknown value",
        _ => "a number",
    }
}
