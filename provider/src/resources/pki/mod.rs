//! The `skreg_pki_*` resource types, and the attributes and operations that they share.

pub mod authority_extensions;
mod calls;
pub mod certificate;
pub mod certificate_revision;
pub mod certificate_room;
pub mod clock;
pub mod crl;
pub mod cross_certificate;
pub mod intermediate_ca;
pub mod issuer;
pub mod key_source;
pub mod kms_key;
pub mod name_constraints;
pub mod path_length;
pub mod publication;
pub mod requested_import;
pub mod root_ca;
pub mod signature_algorithm;
pub mod stored_key;
pub mod subject;
pub mod term;
pub mod trust_bundle;
mod violation;
