//! Fuzz target for DER revocation lists.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skreg::Parser;

fuzz_target!(|octets: &[u8]| Parser::Crl.check(octets));
