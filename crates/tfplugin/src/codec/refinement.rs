//! Refinements: known facts about an unknown value, encoded as MessagePack extension type 12.

use tfschema::{Bound, Text, Type, Unknown};

use super::read::Reader;
use super::write::Writer;
use super::{Problem, WireError};

/// Extension type of an unknown value with refinements.
const REFINED: i8 = 12;

/// Maximum length of a payload. Terraform and OpenTofu use the same limit.
const MAX_PAYLOAD: usize = 1024;

/// Maximum length of a prefix, and maximum number of digits in a bound. It keeps the payload below its limit. A longer prefix is
/// truncated, and a longer bound is omitted. The result is valid because a weaker refinement is always valid.
const MAX_TEXT: usize = 256;

// Keys in the payload.
const NULLNESS: u64 = 1;
const PREFIX: u64 = 2;
const LOWER: u64 = 3;
const UPPER: u64 = 4;
const MIN_LENGTH: u64 = 5;
const MAX_LENGTH: u64 = 6;

/// Decodes an extension payload for a value of the specified type.
///
/// # Errors
/// Returns an error if the payload is too long or malformed.
pub(super) fn read(extension: i8, payload: &[u8], ty: &Type) -> Result<Unknown, Problem> {
    // The payload of a plain unknown value has at most one byte, and dynamic types have no refinements.
    if extension != REFINED || payload.len() <= 1 || *ty == Type::Dynamic {
        return Ok(Unknown::default());
    }
    if payload.len() > MAX_PAYLOAD {
        return Err(Problem::Refinement);
    }
    let mut reader = Reader::new(payload);
    let read = members(&mut reader).map_err(|_| Problem::Refinement)?;
    match reader.left() {
        0 => Ok(read),
        _ => Err(Problem::Refinement),
    }
}

fn members(reader: &mut Reader<'_>) -> Result<Unknown, WireError> {
    let mut unknown = Unknown::default();
    for _ in 0..reader.map_length(&Type::Dynamic)? {
        match whole(reader)? {
            Some(NULLNESS) => unknown.nullness = Some(reader.bool()?),
            Some(PREFIX) => unknown.prefix = Some(reader.text(&Type::String)?),
            Some(LOWER) => unknown.lower = Some(bound(reader)?),
            Some(UPPER) => unknown.upper = Some(bound(reader)?),
            Some(MIN_LENGTH) => unknown.min_length = whole(reader)?,
            Some(MAX_LENGTH) => unknown.max_length = whole(reader)?,
            // A later protocol version can define further refinements.
            _ => reader.skip()?,
        }
    }
    Ok(unknown)
}

fn whole(reader: &mut Reader<'_>) -> Result<Option<u64>, WireError> {
    let number = reader.number()?.as_i64();
    Ok(number.and_then(|number| number.try_into().ok()))
}

fn bound(reader: &mut Reader<'_>) -> Result<Bound, WireError> {
    match reader.array_length(&Type::Dynamic)? {
        2 => Ok(Bound {
            number: reader.number()?,
            inclusive: reader.bool()?,
        }),
        _ => Err(Problem::Refinement.into()),
    }
}

/// Encodes an unknown value of the specified type with the refinements that the type supports.
///
/// # Errors
/// Returns an error if a length exceeds the limit of the encoding, which cannot occur because all lengths are bounded.
pub(super) fn write(unknown: &Unknown, ty: &Type, writer: &mut Writer) -> Result<(), WireError> {
    let mut members = Members::default();
    if let (Some(null), false) = (unknown.nullness, *ty == Type::Dynamic) {
        members.next(NULLNESS).bool(null);
    }
    match ty {
        // A value that is known to be null has no other refinements.
        _ if unknown.nullness == Some(true) => {}
        Type::String => {
            let prefix = unknown.prefix.as_ref().map(short).unwrap_or_default();
            if !prefix.is_empty() {
                members.next(PREFIX).text(prefix)?;
            }
        }
        Type::Number => {
            for (key, bound) in [(LOWER, &unknown.lower), (UPPER, &unknown.upper)] {
                if let Some(bound) = bound.as_ref().filter(|bound| is_short(bound)) {
                    let out = members.next(key);
                    out.array(2)?;
                    out.number(&bound.number)?;
                    out.bool(bound.inclusive);
                }
            }
        }
        Type::List(_) | Type::Set(_) | Type::Map(_) => {
            let lengths = [
                (MIN_LENGTH, unknown.min_length),
                (MAX_LENGTH, unknown.max_length),
            ];
            for (key, length) in lengths {
                // Hosts decode lengths as signed integers.
                if let Some(length) = length.filter(|length| i64::try_from(*length).is_ok()) {
                    members.next(key).uint(length);
                }
            }
        }
        _ => {}
    }
    if members.count == 0 {
        writer.extension(0, &[0])
    } else {
        let mut payload = Writer::new();
        payload.map(members.count)?;
        let payload = [payload.into_bytes(), members.written.into_bytes()].concat();
        writer.extension(REFINED, &payload)
    }
}

/// Members of a payload. They are collected first, because their number precedes them on the wire.
#[derive(Default)]
struct Members {
    count: usize,
    written: Writer,
}

impl Members {
    /// Starts a member. The caller must write its value next.
    fn next(&mut self, key: u64) -> &mut Writer {
        self.count += 1;
        self.written.uint(key);
        &mut self.written
    }
}

/// Truncates a prefix at a character boundary.
fn short(text: &Text) -> &str {
    let end = text.floor_char_boundary(MAX_TEXT.min(text.len()));
    text.get(..end).unwrap_or_default()
}

fn is_short(bound: &Bound) -> bool {
    bound.number.to_string().len() <= MAX_TEXT
}
