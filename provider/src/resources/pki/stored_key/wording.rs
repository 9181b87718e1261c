//! Terms for a resource type in diagnostics: what the type calls its key, its certificate, and its object.

use crate::pki::CertificateKind;

/// Terms that diagnostics use for a resource type. The text of a diagnostic is otherwise the same for all types.
#[derive(Debug)]
pub struct Wording {
    /// Name of the resource type, such as `skreg_pki_root_ca`.
    pub resource_type: &'static str,
    /// Kind of the certificates for the key.
    pub kind: CertificateKind,
    /// Holder of the key, such as `root`.
    pub holder: &'static str,
    /// Object that the resource manages, such as `certificate authority`.
    pub object: &'static str,
    /// Short form of the object, such as `authority`.
    pub short: &'static str,
    /// Long form of the object, such as `root certificate authority`.
    pub long: &'static str,
    /// Sentence that states what a deletion of the key prevents.
    pub effect_of_deletion: &'static str,
    /// Clause that states what a loss of the key prevents, such as `this root can no longer sign certificates`.
    pub effect_of_loss: &'static str,
    /// Sentence that states the effect of an expired certificate.
    pub effect_of_expiry: &'static str,
    /// Remedy for a certificate that expires soon or has expired.
    pub expiry_remedy: &'static str,
    /// Clause that states why the identity is fixed, such as `clients trust this key and this name`.
    pub identity_reason: &'static str,
    /// Remedy if a user needs a different identity.
    pub identity_remedy: &'static str,
    /// Remedy if a user needs a different object instead of a replacement, as the end of a list item.
    pub replacement_remedy: &'static str,
}

impl Wording {
    /// Returns the term for the key, such as `root key`.
    pub(super) fn key(&self) -> String {
        format!("{} key", self.adjective())
    }

    /// Returns the term for the certificate, such as `root certificate`.
    pub(super) fn certificate(&self) -> String {
        format!("{} certificate", self.adjective())
    }

    /// Returns the adjective for the kind of certificate, such as `root`.
    const fn adjective(&self) -> &'static str {
        match self.kind {
            CertificateKind::Leaf => "end-entity",
            kind => kind.name(),
        }
    }
}

/// Returns a term with an uppercase first letter.
pub(super) fn capitalized(term: &str) -> String {
    let mut letters = term.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// Returns a term with its indefinite article.
pub(super) fn with_article(term: &str) -> String {
    let article = match term.starts_with(['a', 'e', 'i', 'o', 'u']) {
        true => "an",
        false => "a",
    };
    format!("{article} {term}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_begin_a_sentence_and_take_an_article() {
        assert_eq!(capitalized("root key"), "Root key");
        assert_eq!(capitalized(""), "");
        assert_eq!(with_article("root key"), "a root key");
        assert_eq!(with_article("intermediate key"), "an intermediate key");
    }
}
