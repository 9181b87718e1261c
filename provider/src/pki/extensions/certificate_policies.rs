//! `certificatePolicies` (RFC 5280 section 4.2.1.4): the policies under which a certificate is issued, without
//! qualifiers.

use super::typed::{TypedExtension, write_oid};
use crate::pki::decoded::Extensions;
use crate::pki::oid::ObjectIdentifier;

/// Object identifiers of certificate policies, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CertificatePolicies(Vec<ObjectIdentifier>);

impl CertificatePolicies {
    /// Creates the extension. Repeated object identifiers are dropped because a policy must not occur more than once.
    #[must_use]
    pub fn new(policies: impl IntoIterator<Item = ObjectIdentifier>) -> Self {
        let mut kept = Vec::new();
        for policy in policies {
            if !kept.contains(&policy) {
                kept.push(policy);
            }
        }
        Self(kept)
    }

    /// Returns the object identifiers in order.
    #[must_use]
    pub fn oids(&self) -> &[ObjectIdentifier] {
        &self.0
    }
}

impl TypedExtension for CertificatePolicies {
    const OID: &'static str = "2.5.29.32";
    const CRITICAL: bool = false;

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn to_der(&self) -> Vec<u8> {
        yasna::construct_der(|writer| {
            writer.write_sequence_of(|writer| {
                for policy in &self.0 {
                    writer.next().write_sequence(|writer| {
                        write_oid(writer.next(), policy.arcs());
                    });
                }
            });
        })
    }

    fn decoded(extensions: &Extensions) -> Option<Self> {
        let policies = extensions.policy_oids.iter();
        let policies: Option<Vec<_>> = policies.map(|oid| oid.parse().ok()).collect();
        policies.map(Self)
    }
}
