//! The `skreg_pki_*` ephemeral resource types.

pub mod private_key;
