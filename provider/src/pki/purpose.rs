//! Purposes of end-entity keys (RFC 5280 section 4.2.1.12), with their names in the configuration.

use super::description::KeyPurpose;
use super::oid::{InvalidObjectIdentifier, ObjectIdentifier};

/// Names of the purposes that RFC 5280 section 4.2.1.12 defines, with the last arc of each object identifier.
const PURPOSES: [(&str, u64); 6] = [
    ("server_auth", 1),
    ("client_auth", 2),
    ("code_signing", 3),
    ("email_protection", 4),
    ("time_stamping", 8),
    ("ocsp_signing", 9),
];

/// Names of the purposes in the configuration. Other purposes are specified as dotted object identifiers.
pub const KEY_PURPOSE_NAMES: [&str; PURPOSES.len()] = {
    let mut names = [""; PURPOSES.len()];
    let mut row = 0;
    while row < names.len() {
        names[row] = PURPOSES[row].0;
        row += 1;
    }
    names
};

impl KeyPurpose {
    /// Returns the purpose with a name from [`KEY_PURPOSE_NAMES`] or with a dotted object identifier.
    ///
    /// # Errors
    /// Returns an error if the text is neither a name nor an object identifier.
    pub fn named(text: &str) -> Result<Self, InvalidObjectIdentifier> {
        match PURPOSES.iter().find(|(name, _)| *name == text) {
            Some((_, arc)) => Self::defined(*arc),
            None => text.parse().map(Self),
        }
    }

    /// Returns the name in the configuration, or the dotted object identifier of a purpose without a name.
    #[must_use]
    pub fn name(&self) -> String {
        let mut purposes = PURPOSES.iter();
        let known = purposes.find(|(_, arc)| Self::defined(*arc).as_ref() == Ok(self));
        known.map_or_else(|| self.0.to_string(), |(name, _)| (*name).to_owned())
    }

    /// Returns whether this is the purpose with the specified name.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        Self::named(name).as_ref() == Ok(self)
    }

    fn defined(arc: u64) -> Result<Self, InvalidObjectIdentifier> {
        ObjectIdentifier::new([1, 3, 6, 1, 5, 5, 7, 3, arc]).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_object_identifiers_specify_purposes() {
        for (text, oid) in [
            ("server_auth", "1.3.6.1.5.5.7.3.1"),
            ("client_auth", "1.3.6.1.5.5.7.3.2"),
            ("code_signing", "1.3.6.1.5.5.7.3.3"),
            ("email_protection", "1.3.6.1.5.5.7.3.4"),
            ("time_stamping", "1.3.6.1.5.5.7.3.8"),
            ("ocsp_signing", "1.3.6.1.5.5.7.3.9"),
        ] {
            let purpose = KeyPurpose::named(text).unwrap();
            assert_eq!(purpose.0.to_string(), oid);
            assert_eq!(KeyPurpose::named(oid).unwrap().name(), text);
            assert!(purpose.is(text) && !purpose.is("1.2.3.4"));
            assert!(KEY_PURPOSE_NAMES.contains(&text));
        }
        assert_eq!(KeyPurpose::named("1.2.3.4").unwrap().name(), "1.2.3.4");
        assert!(KeyPurpose::named("serverAuth").is_err());
    }
}
