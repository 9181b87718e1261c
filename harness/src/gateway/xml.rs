//! An XML response as a tree that corrections read and change. Must not contain service-specific code.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::response::escape;

/// An element with text or children. Attributes are kept as strings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) name: String,
    attributes: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Node>,
}

impl Node {
    /// Creates an element with text.
    pub(crate) fn leaf(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: text.to_owned(),
            ..Self::default()
        }
    }

    /// Creates an element with children.
    pub(crate) fn branch(name: &str, children: impl IntoIterator<Item = Node>) -> Self {
        Self {
            name: name.to_owned(),
            children: children.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Creates a list. All entries are elements with the same name, such as `item` or `member`.
    pub(crate) fn list<T: AsRef<str>>(
        name: &str,
        entry: &str,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        let entries = values
            .into_iter()
            .map(|value| Self::leaf(entry, value.as_ref()));
        Self::branch(name, entries)
    }

    /// Parses a document. Returns `None` if it is not well-formed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader::from_str(text);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => open.push(Self::opened(&start)),
                Event::Empty(start) => open.last_mut()?.children.push(Self::opened(&start)),
                Event::End(_) => {
                    let mut node = open.pop()?;
                    if !node.children.is_empty() {
                        // Text between child elements is white space.
                        node.text.clear();
                    }
                    open.last_mut()?.children.push(node);
                }
                Event::Text(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
                Event::CData(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let resolved = match reference.resolve_char_ref().ok()? {
                        Some(character) => character.to_string(),
                        None => quick_xml::escape::resolve_predefined_entity(
                            &reference.xml10_content(),
                        )?
                        .to_owned(),
                    };
                    open.last_mut()?.text.push_str(&resolved);
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let document = open.pop().filter(|_| open.is_empty())?;
        document.children.into_iter().next()
    }

    fn opened(start: &quick_xml::events::BytesStart<'_>) -> Self {
        Self {
            name: start.name().as_ref().to_owned(),
            attributes: start.attributes_raw().to_owned(),
            ..Self::default()
        }
    }

    /// Serializes the document.
    pub(crate) fn print(&self) -> String {
        let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        out.extend(["<", &self.name, &self.attributes, ">"]);
        out.push_str(&escape(&self.text));
        for child in &self.children {
            child.write(out);
        }
        out.extend(["</", &self.name, ">"]);
    }

    /// Returns whether the element has an attribute with the specified name.
    pub(crate) fn has_attribute(&self, name: &str) -> bool {
        self.attributes
            .split_ascii_whitespace()
            .any(|attribute| attribute.split('=').next() == Some(name))
    }

    /// Returns the first child with the specified name.
    pub(crate) fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Returns the text of the first child with the specified name. Returns an empty string if none exists.
    pub(crate) fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.trim())
    }

    /// Replaces all children with the same name.
    pub(crate) fn set(&mut self, child: Node) {
        self.children.retain(|other| other.name != child.name);
        self.children.push(child);
    }

    /// Calls `change` on every element that has a child with the specified name, parents first.
    pub(crate) fn visit_with(&mut self, child: &str, change: &mut impl FnMut(&mut Node)) {
        if self.child(child).is_some() {
            change(self);
        }
        for node in &mut self.children {
            node.visit_with(child, change);
        }
    }

    /// Returns the text of each descendant with the specified name.
    pub(crate) fn texts(&self, name: &str) -> Vec<&str> {
        let own = (self.name == name).then_some(self.text.trim());
        let below = self.children.iter().flat_map(|child| child.texts(name));
        own.into_iter().chain(below).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parsed_document_is_serialized_unchanged() {
        let text = r#"<?xml version="1.0" encoding="UTF-8"?><R xmlns="x"><a>1 &amp; 2</a><l><item>b</item><item></item></l></R>"#;
        let mut node = Node::parse(text).unwrap();
        assert_eq!(node.print(), text);
        node.visit_with("item", &mut |list| list.set(Node::leaf("c", "<")));
        assert_eq!(node.texts("c"), ["<"]);
        assert_eq!(Node::parse("<R><A></R>"), None);
    }
}
