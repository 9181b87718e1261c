//! Tests of certificate revocation lists and of the ledger.

mod authority;
mod issuance;
mod ledger;
mod lint;
mod succession;

#[path = "../openssl/mod.rs"]
mod openssl;
