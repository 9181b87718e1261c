//! Cross-certificates: certificates from another issuer for the key of an existing authority (RFC 5280 section 3.2).

use super::description::{Description, Extension, Issuance};
use super::extensions::{CertificatePolicies, NameConstraints, TypedExtension as _};

impl Description {
    /// Returns the description of a cross-certificate: another certificate for the subject and the key of `certified`,
    /// from another issuer. It keeps the purposes, the name constraints, and the policies of the authority, because they
    /// would otherwise be missing in paths through this certificate. Issue it for the public key of `certified`, so that
    /// the subject key identifier is the same.
    #[must_use]
    pub fn cross(certified: &Self, path_length: Option<u8>, issuance: Issuance) -> Self {
        let restricts = |extension: &&Extension| {
            let oid = extension.oid.to_string();
            [NameConstraints::OID, CertificatePolicies::OID].contains(&oid.as_str())
        };
        let extensions = certified.extensions.iter().filter(restricts);
        Self {
            extended_key_usage: certified.extended_key_usage.clone(),
            extensions: extensions.cloned().collect(),
            ..Self::intermediate(certified.subject.clone(), path_length, issuance)
        }
    }
}
