//! Resource types `skreg_pki_*`.

pub mod root_ca;
