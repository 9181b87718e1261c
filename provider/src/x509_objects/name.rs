//! Distinguished names as attribute values.

use tfplugin::Schema;

use crate::pki::decoded::{Attribute, Name};

/// Distinguished name. If the name contains an attribute type more than once, the corresponding field contains the last and
/// most specific value. The list `attributes` contains all values.
#[derive(Schema)]
pub struct NameObject {
    /// Distinguished name in RFC 4514 string format, such as `CN=Example Root CA,O=Example,C=DE`.
    #[attr(computed)]
    pub rfc4514: String,
    /// Common name.
    #[attr(computed)]
    pub common_name: Option<String>,
    /// Organization.
    #[attr(computed)]
    pub organization: Option<String>,
    /// Organizational unit.
    #[attr(computed)]
    pub organizational_unit: Option<String>,
    /// Country code.
    #[attr(computed)]
    pub country: Option<String>,
    /// Locality.
    #[attr(computed)]
    pub locality: Option<String>,
    /// State or province.
    #[attr(computed)]
    pub province: Option<String>,
    /// All attributes in encoding order.
    #[attr(computed)]
    pub attributes: Vec<AttributeObject>,
}

/// Attribute of a distinguished name.
#[derive(Schema)]
pub struct AttributeObject {
    /// Object identifier of the attribute type, such as `2.5.4.3` for the common name.
    #[attr(computed)]
    pub oid: String,
    /// Value of the attribute. For a value that is not a string, `#` followed by the DER encoding in hexadecimal.
    #[attr(computed)]
    pub value: String,
}

impl From<&Name> for NameObject {
    fn from(name: &Name) -> Self {
        Self {
            rfc4514: name.to_string(),
            common_name: name.last("2.5.4.3"),
            organization: name.last("2.5.4.10"),
            organizational_unit: name.last("2.5.4.11"),
            country: name.last("2.5.4.6"),
            locality: name.last("2.5.4.7"),
            province: name.last("2.5.4.8"),
            attributes: name.attributes().map(AttributeObject::from).collect(),
        }
    }
}

impl From<&Attribute> for AttributeObject {
    fn from(attribute: &Attribute) -> Self {
        Self {
            oid: attribute.oid.clone(),
            value: attribute.value(),
        }
    }
}
