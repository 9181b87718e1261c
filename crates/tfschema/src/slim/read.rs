//! Reads slim documents. The reader is strict: if a document contains anything that the writer does not produce, the
//! reader returns an error with the path.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::{
    Attribute, AttributeKind, Block, BlockNesting, NestedBlock, NestedObject, ObjectNesting,
    Schema, Type, TypeError,
};

use super::FLAGS;

/// Error for a document that is not a slim schema. Each `place` is a path within the document, separated by slashes.
#[derive(Debug, thiserror::Error)]
pub enum SlimError {
    /// The input is not valid JSON.
    #[error("document is not JSON")]
    Syntax(#[source] serde_json::Error),
    /// A member is missing or has an invalid value.
    #[error("{place}: {problem}")]
    Form {
        /// Path within the document.
        place: String,
        /// Reason.
        problem: &'static str,
    },
    /// A member is unknown.
    #[error("{place}: unknown member `{name}`; expected one of {known}")]
    Member {
        /// Path within the document.
        place: String,
        /// Name of the member.
        name: String,
        /// Names of the supported members.
        known: String,
    },
    /// A flag is unknown.
    #[error("{place}: unknown flag `{flag}`; expected r, o, c, s, w, or d")]
    Flag {
        /// Path within the document.
        place: String,
        /// Unknown flag.
        flag: char,
    },
    /// A type constraint is invalid.
    #[error("{place}: invalid type constraint")]
    Type {
        /// Path within the document.
        place: String,
        /// Error from the type parser.
        #[source]
        source: TypeError,
    },
    /// A shape is not defined in the document.
    #[error("{place}: shape `{name}` is not defined")]
    Shape {
        /// Path within the document.
        place: String,
        /// Name of the shape.
        name: String,
    },
    /// A shape contains itself, so the schema would be infinite.
    #[error("{place}: shape `{name}` contains itself")]
    Endless {
        /// Path within the document.
        place: String,
        /// Name of the shape.
        name: String,
    },
}

type Members = Map<String, Json>;

/// Reads a document.
///
/// # Errors
/// Returns an error with the path if the document has a different form.
pub fn read(text: &str) -> Result<Schema, SlimError> {
    let document: Json = serde_json::from_str(text).map_err(SlimError::Syntax)?;
    let place = Place::default();
    let members = place.members(&document)?;
    place.only(
        members,
        &[
            "made_by",
            "version",
            "deprecated",
            "attributes",
            "blocks",
            "shapes",
        ],
    )?;
    let version = members
        .get("version")
        .and_then(Json::as_i64)
        .ok_or_else(|| place.form("an integer `version` is required"))?;
    let shapes = match members.get("shapes") {
        Some(shapes) => place.child("shapes").members(shapes)?,
        None => &Members::new(),
    };
    let reader = Reader { shapes };
    Ok(Schema::new(version, reader.block(members, &place, &[])?))
}

/// Returns the command in the `made_by` member of a document, if it exists.
pub fn made_by(text: &str) -> Option<String> {
    let document: Json = serde_json::from_str(text).ok()?;
    Some(document.get("made_by")?.as_str()?.to_owned())
}

struct Reader<'a> {
    shapes: &'a Members,
}

impl<'a> Reader<'a> {
    fn block(
        &self,
        members: &'a Members,
        place: &Place,
        within: &[&str],
    ) -> Result<Block, SlimError> {
        let blocks = place.each(members, "blocks", |json, place| {
            self.nested_block(json, place, within)
        })?;
        Ok(Block {
            attributes: self.attributes(members, place, within)?,
            blocks,
            description: String::new(),
            deprecated: place.flag(members, "deprecated")?.then(String::new),
        })
    }

    fn attributes(
        &self,
        members: &'a Members,
        place: &Place,
        within: &[&str],
    ) -> Result<BTreeMap<String, Attribute>, SlimError> {
        place.each(members, "attributes", |json, place| {
            self.attribute(json, place, within)
        })
    }

    fn attribute(
        &self,
        json: &'a Json,
        place: &Place,
        within: &[&str],
    ) -> Result<Attribute, SlimError> {
        let Some([kind, Json::String(flags)]) = json.as_array().map(Vec::as_slice) else {
            return Err(place.form("a type and flags are required, such as [\"string\", \"o\"]"));
        };
        let kind = match kind {
            Json::Object(nested) => {
                AttributeKind::Nested(self.nested_object(nested, place, within)?)
            }
            ty => AttributeKind::Type(Type::from_json(ty).map_err(|source| SlimError::Type {
                place: place.0.clone(),
                source,
            })?),
        };
        let mut attribute = Attribute::new(kind);
        for flag in flags.chars() {
            let known = FLAGS.iter().find(|(sign, _, _)| *sign == flag);
            let (_, _, set) = known.ok_or_else(|| SlimError::Flag {
                place: place.0.clone(),
                flag,
            })?;
            set(&mut attribute);
        }
        Ok(attribute)
    }

    fn nested_object(
        &self,
        members: &'a Members,
        place: &Place,
        within: &[&str],
    ) -> Result<NestedObject, SlimError> {
        place.only(members, &["nesting", "shape", "attributes"])?;
        let nesting = match place.text(members, "nesting")? {
            "single" => ObjectNesting::Single,
            "list" => ObjectNesting::List,
            "set" => ObjectNesting::Set,
            "map" => ObjectNesting::Map,
            _ => return Err(place.form("nesting must be single, list, set, or map")),
        };
        self.body(members, place, within, |members, place, within| {
            Ok(NestedObject {
                nesting,
                attributes: self.attributes(members, place, within)?,
            })
        })
    }

    fn nested_block(
        &self,
        json: &'a Json,
        place: &Place,
        within: &[&str],
    ) -> Result<NestedBlock, SlimError> {
        let members = place.members(json)?;
        let known = [
            "nesting",
            "min",
            "max",
            "shape",
            "deprecated",
            "attributes",
            "blocks",
        ];
        place.only(members, &known)?;
        let nesting = match place.text(members, "nesting")? {
            "single" => BlockNesting::Single,
            "group" => BlockNesting::Group,
            "list" => BlockNesting::List,
            "set" => BlockNesting::Set,
            "map" => BlockNesting::Map,
            _ => return Err(place.form("nesting must be single, group, list, set, or map")),
        };
        Ok(NestedBlock {
            nesting,
            block: self.body(members, place, within, |members, place, within| {
                self.block(members, place, within)
            })?,
            min_items: place.count(members, "min")?,
            max_items: place.count(members, "max")?,
        })
    }

    /// Reads a body or the shape that it references. `within` contains the shapes that are being read.
    fn body<T>(
        &self,
        members: &'a Members,
        place: &Place,
        within: &[&str],
        read: impl FnOnce(&'a Members, &Place, &[&str]) -> Result<T, SlimError>,
    ) -> Result<T, SlimError> {
        let Some(shape) = members.get("shape") else {
            return read(members, place, within);
        };
        let place_of_name = place.child("shape");
        let name = shape
            .as_str()
            .ok_or_else(|| place_of_name.form("a shape name is required"))?;
        if ["deprecated", "attributes", "blocks"]
            .iter()
            .any(|member| members.contains_key(*member))
        {
            return Err(
                place.form("`shape` cannot be combined with deprecated, attributes, or blocks")
            );
        }
        let (place, name) = (place_of_name.0, name.to_owned());
        if within.contains(&name.as_str()) {
            return Err(SlimError::Endless { place, name });
        }
        let Some(json) = self.shapes.get(&name) else {
            return Err(SlimError::Shape { place, name });
        };
        let place = Place::default().child("shapes").child(&name);
        let members = place.members(json)?;
        place.only(members, &["deprecated", "attributes", "blocks"])?;
        let within = [within, &[name.as_str()]].concat();
        read(members, &place, &within)
    }
}

/// Position of the reader in the document, for use in errors.
#[derive(Default)]
struct Place(String);

impl Place {
    fn child(&self, name: &str) -> Self {
        match self.0.as_str() {
            "" => Self(name.to_owned()),
            place => Self(format!("{place}/{name}")),
        }
    }

    fn form(&self, problem: &'static str) -> SlimError {
        let place = match self.0.as_str() {
            "" => "document".to_owned(),
            place => place.to_owned(),
        };
        SlimError::Form { place, problem }
    }

    fn members<'a>(&self, json: &'a Json) -> Result<&'a Members, SlimError> {
        json.as_object()
            .ok_or_else(|| self.form("an object is required"))
    }

    fn only(&self, members: &Members, known: &[&str]) -> Result<(), SlimError> {
        match members.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => Err(SlimError::Member {
                place: match self.0.as_str() {
                    "" => "document".to_owned(),
                    place => place.to_owned(),
                },
                name: name.clone(),
                known: known.join(", "),
            }),
        }
    }

    fn each<'a, T>(
        &self,
        members: &'a Members,
        name: &str,
        read: impl Fn(&'a Json, &Place) -> Result<T, SlimError>,
    ) -> Result<BTreeMap<String, T>, SlimError> {
        let Some(json) = members.get(name) else {
            return Ok(BTreeMap::new());
        };
        let place = self.child(name);
        place
            .members(json)?
            .iter()
            .map(|(name, json)| Ok((name.clone(), read(json, &place.child(name))?)))
            .collect()
    }

    fn text<'a>(&self, members: &'a Members, name: &'static str) -> Result<&'a str, SlimError> {
        members
            .get(name)
            .and_then(Json::as_str)
            .ok_or_else(|| self.child(name).form("a string is required"))
    }

    fn flag(&self, members: &Members, name: &str) -> Result<bool, SlimError> {
        match members.get(name) {
            None => Ok(false),
            Some(Json::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.child(name).form("true or false is required")),
        }
    }

    fn count(&self, members: &Members, name: &str) -> Result<u64, SlimError> {
        match members.get(name) {
            None => Ok(0),
            Some(json) => json
                .as_u64()
                .ok_or_else(|| self.child(name).form("a count is required")),
        }
    }
}
