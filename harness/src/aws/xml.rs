//! Reads the XML of AWS Query answers as JSON. Must not know a service.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};

/// An element with children becomes an object, one whose children are all `member` or `item` an array, one with text
/// only a string. `None` means that the text is not well-formed.
pub(super) fn to_json(text: &str) -> Option<Value> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = vec![Element::default()];
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => open.push(Element::named(start.local_name().as_ref())),
            Event::Empty(start) => {
                let element = Element::named(start.local_name().as_ref());
                open.last_mut()?.adopt(element);
            }
            Event::End(_) => {
                let element = open.pop()?;
                open.last_mut()?.adopt(element);
            }
            Event::Text(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
            Event::CData(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref().ok()? {
                    Some(character) => character.to_string(),
                    None => {
                        quick_xml::escape::resolve_predefined_entity(&reference.xml10_content())?
                            .to_owned()
                    }
                };
                open.last_mut()?.text.push_str(&resolved);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    match open.len() {
        1 => open.pop().map(Element::into_value),
        _ => None,
    }
}

#[derive(Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<(String, Value)>,
}

impl Element {
    fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    fn adopt(&mut self, child: Element) {
        self.children.push((child.name.clone(), child.into_value()));
    }

    fn into_value(self) -> Value {
        if self.children.is_empty() {
            return Value::String(self.text);
        }
        if self
            .children
            .iter()
            .all(|(name, _)| name == "member" || name == "item")
        {
            return Value::Array(self.children.into_iter().map(|(_, value)| value).collect());
        }
        Value::Object(self.children.into_iter().collect::<Map<_, _>>())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn elements_lists_and_references_become_json() {
        let text = r#"<?xml version="1.0"?><R xmlns="x"><A>1 &amp; &#50;</A><L><member>a</member></L><S><item><B/></item></S></R>"#;
        assert_eq!(
            to_json(text),
            Some(json!({ "R": { "A": "1 & 2", "L": ["a"], "S": [{ "B": "" }] } }))
        );
        assert_eq!(to_json("<R><A></R>"), None);
        assert_eq!(to_json("<R>"), None);
    }
}
