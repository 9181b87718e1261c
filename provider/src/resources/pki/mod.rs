//! Resource types of the family `skreg_pki_*`.

pub mod root_ca;
