//! The `skreg_pki_*` resource types, and the attributes and operations that they share.

mod calls;
pub mod certificate;
pub mod issuer;
pub mod kms_key;
pub mod path_length;
pub mod root_ca;
pub mod stored_key;
pub mod subject;
pub mod term;
