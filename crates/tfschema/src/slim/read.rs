//! Reads slim documents. Strict: what the writer does not write is an error that says where it stands.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::{
    Attribute, AttributeKind, Block, BlockNesting, NestedBlock, NestedObject, ObjectNesting,
    Schema, Type, TypeError,
};

use super::FLAGS;

/// Says why a document is not a slim schema, and where. Places are slash-separated paths in the document.
#[derive(Debug, thiserror::Error)]
pub enum SlimError {
    /// The text is not JSON at all.
    #[error("document is not JSON")]
    Syntax(#[source] serde_json::Error),
    /// A member is missing or of another kind.
    #[error("{place}: {problem}")]
    Form {
        /// Where in the document.
        place: String,
        /// What is wrong there.
        problem: &'static str,
    },
    /// A member that no slim schema has.
    #[error("{place}: there is no member `{name}`; there are {known}")]
    Member {
        /// Where in the document.
        place: String,
        /// The member.
        name: String,
        /// The members that there can be.
        known: String,
    },
    /// A flag that no attribute has.
    #[error("{place}: `{flag}` is not a flag; flags are r, o, c, s, w and d")]
    Flag {
        /// Where in the document.
        place: String,
        /// The flag.
        flag: char,
    },
    /// A type constraint cannot be read.
    #[error("{place}: type cannot be read")]
    Type {
        /// Where in the document.
        place: String,
        /// What the type parser said.
        #[source]
        source: TypeError,
    },
    /// A shape that the document does not have.
    #[error("{place}: there is no shape `{name}`")]
    Shape {
        /// Where in the document.
        place: String,
        /// The name.
        name: String,
    },
    /// A shape that holds itself: no schema is without end.
    #[error("{place}: shape `{name}` holds itself")]
    Endless {
        /// Where in the document.
        place: String,
        /// The name.
        name: String,
    },
}

type Members = Map<String, Json>;

/// Reads a document.
///
/// # Errors
/// The document is of another form; the error says where.
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
        .ok_or_else(|| place.form("a whole number `version` is required"))?;
    let shapes = match members.get("shapes") {
        Some(shapes) => place.child("shapes").members(shapes)?,
        None => &Members::new(),
    };
    let reader = Reader { shapes };
    Ok(Schema::new(version, reader.block(members, &place, &[])?))
}

/// The command that a document names as its maker, if it is JSON and names one.
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
            return Err(place.form("a type and flags are required: [\"string\", \"o\"]"));
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
            _ => return Err(place.form("nesting is not one of single, list, set, map")),
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
            _ => return Err(place.form("nesting is not one of single, group, list, set, map")),
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

    /// Reads a body where it stands, or where its shape does. `within` are the shapes that are being read.
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
            .ok_or_else(|| place_of_name.form("the name of a shape is required"))?;
        if ["deprecated", "attributes", "blocks"]
            .iter()
            .any(|member| members.contains_key(*member))
        {
            return Err(place.form("a shape says everything: nothing can stand beside it"));
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

/// Where the reader is in the document; it makes the errors.
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
            .ok_or_else(|| self.child(name).form("a text is required"))
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
