//! Fuzz target for key documents.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skreg::Parser;

fuzz_target!(|octets: &[u8]| Parser::KeyDocument.check(octets));
