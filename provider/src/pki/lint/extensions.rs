//! Rules for the extensions of a certificate (RFC 5280 section 4.2).

use super::fields::has_subject;
use super::profile::has_extensions;
use super::rule::{AUTHORITIES, EVERY_KIND, Rule, Severity};
use super::values::{
    ENCIPHERS, EXTENDED_KEY_USAGE, SIGNS_OTHERS, SUBJECT_ALTERNATIVE_NAME, TIME_STAMPING,
    extension, has_one_purpose, has_only_policy_oids, has_rsa_key, has_server_identity,
    has_valid_names, is_authority_key_identifier_valid, is_exact, is_readable,
    is_subject_key_identifier_valid, is_unique, key_usage, policies, purposes,
};
use crate::pki::description::CertificateKind::{Intermediate, Leaf, Root};
use crate::pki::description::KeyUsage;
use crate::pki::extensions::{
    AuthorityInformationAccess, CrlDistributionPoints, NameConstraints, TypedExtension as _,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        source: "RFC 5280 section 4.2",
        requirement: "extensions must include authorityKeyIdentifier, subjectKeyIdentifier, keyUsage, and \
                      basicConstraints, and can include nameConstraints and certificatePolicies, each once",
        severity: Severity::Error,
        kinds: &[Root],
        is_met: has_extensions,
    },
    Rule {
        source: "RFC 5280 section 4.2",
        requirement: "extensions must include authorityKeyIdentifier, subjectKeyIdentifier, keyUsage, and \
                      basicConstraints, and can include extKeyUsage, nameConstraints, certificatePolicies, \
                      cRLDistributionPoints, and authorityInfoAccess, each once",
        severity: Severity::Error,
        kinds: &[Intermediate],
        is_met: has_extensions,
    },
    Rule {
        source: "RFC 5280 section 4.2",
        requirement: "extensions must include authorityKeyIdentifier, subjectKeyIdentifier, keyUsage, and extKeyUsage, \
                      and can include basicConstraints, subjectAltName, certificatePolicies, cRLDistributionPoints, \
                      and authorityInfoAccess, each once",
        severity: Severity::Error,
        kinds: &[Leaf],
        is_met: has_extensions,
    },
    Rule {
        source: "RFC 5280 section 4.2.1.9",
        requirement: "basicConstraints must be critical, with cA TRUE",
        severity: Severity::Error,
        kinds: AUTHORITIES,
        is_met: |linted| {
            matches!(linted.certificate.basic_constraints(), Ok(Some(extension))
                if extension.critical && extension.value.ca)
        },
    },
    Rule {
        source: "RFC 5280 section 4.2.1.9",
        requirement: "basicConstraints must be absent or have cA FALSE",
        severity: Severity::Error,
        kinds: &[Leaf],
        is_met: |linted| {
            matches!(linted.certificate.basic_constraints(), Ok(found)
                if found.as_ref().is_none_or(|extension| !extension.value.ca
                    && extension.value.path_len_constraint.is_none()))
        },
    },
    Rule {
        source: "RFC 5280 section 4.2.1.3",
        requirement: "keyUsage must be critical, with keyCertSign and cRLSign only",
        severity: Severity::Error,
        kinds: AUTHORITIES,
        is_met: |linted| key_usage(linted) == Some(SIGNS_OTHERS),
    },
    Rule {
        source: "RFC 5280 section 4.2.1.3",
        requirement: "keyUsage must be critical, with digitalSignature and without keyCertSign or cRLSign",
        severity: Severity::Error,
        kinds: &[Leaf],
        is_met: |linted| {
            key_usage(linted).is_some_and(|bits| {
                bits & SIGNS_OTHERS == 0 && bits & KeyUsage::DigitalSignature.flag() != 0
            })
        },
    },
    Rule {
        source: "RFC 5280 section 4.2.1.12",
        requirement: "extKeyUsage must not contain anyExtendedKeyUsage",
        severity: Severity::Error,
        kinds: &[Intermediate, Leaf],
        is_met: |linted| {
            matches!(linted.certificate.extended_key_usage(), Ok(found)
                if found.as_ref().is_none_or(|extension| !extension.value.any))
        },
    },
    Rule {
        source: "RFC 5280 section 4.2.1.12",
        requirement: "extKeyUsage must have at least one purpose, and each purpose once",
        severity: Severity::Error,
        kinds: &[Intermediate, Leaf],
        is_met: |linted| purposes(linted).is_none_or(|found| is_unique(&found)),
    },
    Rule {
        source: "RFC 5280 section 4.2.1.12",
        requirement: "extKeyUsage of an authority must not be critical",
        severity: Severity::Error,
        kinds: &[Intermediate],
        is_met: |linted| extension(linted, EXTENDED_KEY_USAGE).is_none_or(|found| !found.critical),
    },
    Rule {
        source: "RFC 3161 section 2.3",
        requirement: "extKeyUsage must be critical if timeStamping is its only purpose, and must not be critical otherwise",
        severity: Severity::Error,
        kinds: &[Leaf],
        is_met: |linted| {
            extension(linted, EXTENDED_KEY_USAGE).is_none_or(|found| {
                let only = purposes(linted).is_some_and(|purposes| purposes == [TIME_STAMPING]);
                found.critical == only
            })
        },
    },
    Rule {
        source: "RFC 3161 section 2.3",
        requirement: "timeStamping must be the only purpose",
        severity: Severity::Error,
        kinds: &[Leaf],
        is_met: |linted| {
            purposes(linted).is_none_or(|found| {
                found.len() < 2 || !found.iter().any(|purpose| purpose == TIME_STAMPING)
            })
        },
    },
    Rule {
        source: "RFC 5280 section 4.2.1.12",
        requirement: "extKeyUsage should have one purpose, or serverAuth and clientAuth, because a signature for one purpose can be \
                      valid for another one",
        severity: Severity::Warning,
        kinds: &[Leaf],
        is_met: has_one_purpose,
    },
    Rule {
        source: "RFC 8813 section 3",
        requirement: "keyUsage must not have keyEncipherment or dataEncipherment if the key is not an RSA key",
        severity: Severity::Error,
        kinds: &[Leaf],
        is_met: |linted| {
            has_rsa_key(linted) || key_usage(linted).is_none_or(|bits| bits & ENCIPHERS == 0)
        },
    },
    Rule {
        source: "RFC 5280 section 4.2.1.10",
        requirement: "nameConstraints must be critical",
        severity: Severity::Error,
        kinds: AUTHORITIES,
        is_met: |linted| extension(linted, NameConstraints::OID).is_none_or(|found| found.critical),
    },
    Rule {
        source: "RFC 5280 section 4.2.1.10",
        requirement: "nameConstraints must have at least one subtree, and only DNS domains, mailboxes, IP address ranges without \
                      host bits, and directory names",
        severity: Severity::Error,
        kinds: AUTHORITIES,
        is_met: is_readable::<NameConstraints>,
    },
    Rule {
        source: "RFC 5280 section 6.1.1",
        requirement: "nameConstraints of a root restrict nothing for verifiers that use only the name and the key of a trust \
                      anchor",
        severity: Severity::Warning,
        kinds: &[Root],
        is_met: |linted| extension(linted, NameConstraints::OID).is_none(),
    },
    Rule {
        source: "RFC 5280 section 4.2.1.4",
        requirement: "certificatePolicies must have at least one policy, and each policy once",
        severity: Severity::Error,
        kinds: EVERY_KIND,
        is_met: |linted| policies(linted).is_none_or(|found| is_unique(&found)),
    },
    Rule {
        source: "RFC 5280 section 4.2.1.4",
        requirement: "certificatePolicies should not have qualifiers, which many verifiers ignore",
        severity: Severity::Warning,
        kinds: EVERY_KIND,
        is_met: has_only_policy_oids,
    },
    Rule {
        source: "RFC 5280 section 4.2.1.13",
        requirement: "cRLDistributionPoints should not be critical",
        severity: Severity::Warning,
        kinds: &[Intermediate, Leaf],
        is_met: |linted| {
            extension(linted, CrlDistributionPoints::OID).is_none_or(|found| !found.critical)
        },
    },
    Rule {
        source: "RFC 5280 section 4.2.1.13",
        requirement: "cRLDistributionPoints must have one distribution point with HTTP URLs, and nothing else",
        severity: Severity::Error,
        kinds: &[Intermediate, Leaf],
        is_met: is_exact::<CrlDistributionPoints>,
    },
    Rule {
        source: "RFC 5280 section 4.2.2.1",
        requirement: "authorityInfoAccess must not be critical",
        severity: Severity::Error,
        kinds: &[Intermediate, Leaf],
        is_met: |linted| {
            extension(linted, AuthorityInformationAccess::OID).is_none_or(|found| !found.critical)
        },
    },
    Rule {
        source: "RFC 5280 section 4.2.2.1",
        requirement: "authorityInfoAccess must have at least one HTTP URL of the issuer's certificate or of an OCSP responder, in \
                      this order, and nothing else",
        severity: Severity::Error,
        kinds: &[Intermediate, Leaf],
        is_met: is_exact::<AuthorityInformationAccess>,
    },
    Rule {
        source: "RFC 5280 section 4.2.1.6",
        requirement: "subjectAltName must be critical if the subject is empty, and must not be critical otherwise",
        severity: Severity::Error,
        kinds: &[Leaf],
        is_met: |linted| {
            extension(linted, SUBJECT_ALTERNATIVE_NAME)
                .is_none_or(|found| found.critical != has_subject(linted.certificate))
        },
    },
    Rule {
        source: "RFC 5280 section 4.2.1.6",
        requirement: "subjectAltName must have at least one name, and only DNS names, mailboxes, URIs with a host, and IP \
                      addresses, each with a valid syntax",
        severity: Severity::Error,
        kinds: &[Leaf],
        is_met: has_valid_names,
    },
    Rule {
        source: "RFC 9525 section 6.1",
        requirement: "a certificate for serverAuth should have a DNS name or an IP address in subjectAltName, because clients do \
                      not use the common name",
        severity: Severity::Warning,
        kinds: &[Leaf],
        is_met: has_server_identity,
    },
    Rule {
        source: "RFC 5280 section 4.2.1.2",
        requirement: "subjectKeyIdentifier must not be critical and must be the truncated SHA-256 hash of the public key (RFC \
               7093 section 2)",
        severity: Severity::Error,
        kinds: EVERY_KIND,
        is_met: is_subject_key_identifier_valid,
    },
    Rule {
        source: "RFC 5280 section 4.2.1.1",
        requirement: "authorityKeyIdentifier must not be critical and must contain only the issuer's key identifier",
        severity: Severity::Error,
        kinds: EVERY_KIND,
        is_met: is_authority_key_identifier_valid,
    },
];
