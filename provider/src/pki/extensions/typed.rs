//! The interface of all extension types, and the parts of values that several of them have.

use yasna::models::ObjectIdentifier as Oid;
use yasna::{DERWriter, Tag};

use crate::pki::alternative_name::{AlternativeNameViolation, check_http_url};
use crate::pki::decoded::Extensions;
use crate::pki::description::{Description, Extension};

/// Tag of `uniformResourceIdentifier` in a `GeneralName` (RFC 5280 section 4.2.1.6).
const URI: Tag = Tag {
    tag_class: yasna::TagClass::ContextSpecific,
    tag_number: 6,
};

/// Extension that a description stores as DER.
pub trait TypedExtension: Sized {
    /// Object identifier of the extension in dotted notation.
    const OID: &'static str;
    /// Whether the extension is critical.
    const CRITICAL: bool;

    /// Returns whether the extension would contain nothing. Such an extension is omitted.
    fn is_empty(&self) -> bool;

    /// Returns the DER value.
    fn to_der(&self) -> Vec<u8>;

    /// Reads the value that the second parser decoded. Returns `None` if the extension has a value that this provider
    /// does not issue.
    fn decoded(extensions: &Extensions) -> Option<Self>;
}

impl Description {
    /// Adds an extension, or replaces it if the description has it. An empty extension is omitted.
    #[must_use]
    pub fn with<E: TypedExtension>(mut self, extension: &E) -> Self {
        self.extensions
            .retain(|other| other.oid.to_string() != E::OID);
        if !extension.is_empty() {
            self.extensions.push(Extension {
                oid: E::OID
                    .parse()
                    .expect("the constant is an object identifier"),
                critical: E::CRITICAL,
                value: extension.to_der(),
            });
        }
        self
    }

    /// Returns an extension. Returns `None` if the description does not have it or if it has a value that this provider
    /// does not issue.
    #[must_use]
    pub fn extension<E: TypedExtension>(&self) -> Option<E> {
        let mut extensions = self.extensions.iter();
        let found = extensions.find(|extension| extension.oid.to_string() == E::OID)?;
        let read = E::decoded(&Extensions::only(E::OID, &found.value)?)?;
        (read.to_der() == found.value).then_some(read)
    }
}

/// Checks the HTTP URLs of an extension.
pub(super) fn check_urls(urls: &[String]) -> Result<(), AlternativeNameViolation> {
    for url in urls {
        check_http_url(url).map_err(|rule| AlternativeNameViolation {
            form: "URL",
            value: url.clone(),
            rule,
        })?;
    }
    Ok(())
}

pub(super) fn write_oid(writer: DERWriter<'_>, arcs: &[u64]) {
    writer.write_oid(&Oid::from_slice(arcs));
}

pub(super) fn write_uri(writer: DERWriter<'_>, uri: &str) {
    writer.write_tagged_implicit(URI, |writer| writer.write_ia5_string(uri));
}
