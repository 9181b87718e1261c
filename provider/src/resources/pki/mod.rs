//! The `skreg_pki_*` resource types.

pub mod root_ca;
