//! Fuzz target for PEM blocks, and the parsers of single objects in PEM format.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skreg::Parser;

fuzz_target!(|octets: &[u8]| Parser::Pem.check(octets));
