//! Fuzz target for ledger records and trust bundles.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skreg::Parser;

fuzz_target!(|octets: &[u8]| Parser::Ledger.check(octets));
