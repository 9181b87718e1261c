//! Fuzz target for DER certificates.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skreg::Parser;

fuzz_target!(|octets: &[u8]| Parser::Certificate.check(octets));
