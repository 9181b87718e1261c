//! Fuzz target for DER certificate signing requests.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skreg::Parser;

fuzz_target!(|octets: &[u8]| Parser::Request.check(octets));
