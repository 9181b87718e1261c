//! Converts XML responses from AWS to JSON. The lists of element names are the only service-specific part.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};

/// Elements that contain a list with named entries (RDS, S3, CloudFront, Route 53).
const LISTS: [&str; 19] = [
    "Buckets",
    "DBClusterMembers",
    "DBClusterParameterGroups",
    "DBClusters",
    "DBInstances",
    "DBParameterGroups",
    "DBSecurityGroups",
    "DBSnapshots",
    "DBSubnetGroups",
    "Items",
    "OptionGroupMemberships",
    "Parameters",
    "ResourceRecordSets",
    "ResourceRecords",
    "Subnets",
    "TagList",
    "TagSet",
    "VpcSecurityGroups",
    "DomainMemberships",
];
/// Unwrapped list entries (S3 and SNS): the parent element name and the entry names.
const ENTRIES: [(&str, &[&str]); 8] = [
    ("Attributes", &["entry"]),
    ("LifecycleConfiguration", &["Rule"]),
    ("Rule", &["Transition", "NoncurrentVersionTransition"]),
    ("OwnershipControls", &["Rule"]),
    ("ServerSideEncryptionConfiguration", &["Rule"]),
    ("ListBucketResult", &["Contents", "CommonPrefixes"]),
    ("ListVersionsResult", &["Version", "DeleteMarker"]),
    (
        "NotificationConfiguration",
        &["QueueConfiguration", "TopicConfiguration"],
    ),
];

/// Converts a document. An element with children becomes an object, a list becomes an array, and an element that
/// contains only text becomes a string. Returns `None` if the document is not well-formed.
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
        let listed = |name: &str| name == "member" || name == "item";
        let is_list = LISTS.contains(&self.name.as_str())
            && self.children.windows(2).all(|pair| pair[0].0 == pair[1].0);
        if is_list && (!self.children.is_empty() || self.text.trim().is_empty()) {
            return Value::Array(self.children.into_iter().map(|(_, value)| value).collect());
        }
        if self.children.is_empty() {
            return Value::String(self.text);
        }
        if self.children.iter().all(|(name, _)| listed(name)) {
            return Value::Array(self.children.into_iter().map(|(_, value)| value).collect());
        }
        let entries = ENTRIES.iter().find(|(parent, _)| *parent == self.name);
        let entries = entries.map_or(&[][..], |(_, names)| names);
        let mut fields = Map::new();
        for (name, value) in self.children {
            match fields.get_mut(&name) {
                Some(Value::Array(list)) if entries.contains(&name.as_str()) => list.push(value),
                None if entries.contains(&name.as_str()) => {
                    fields.insert(name, Value::Array(vec![value]));
                }
                _ => {
                    fields.insert(name, value);
                }
            }
        }
        Value::Object(fields)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn elements_lists_and_references_are_converted_to_json() {
        let text = r#"<?xml version="1.0"?><R xmlns="x"><A>1 &amp; &#50;</A><L><member>a</member></L><S><item><B/></item></S></R>"#;
        assert_eq!(
            to_json(text),
            Some(json!({ "R": { "A": "1 & 2", "L": ["a"], "S": [{ "B": "" }] } }))
        );
        let text = "<L><Buckets/><Items><O>1</O></Items><LifecycleConfiguration><Rule>1</Rule></LifecycleConfiguration></L>";
        assert_eq!(
            to_json(text),
            Some(
                json!({ "L": { "Buckets": [], "Items": ["1"], "LifecycleConfiguration": { "Rule": ["1"] } } })
            )
        );
        assert_eq!(to_json("<R><A></R>"), None);
        assert_eq!(to_json("<R>"), None);
    }
}
