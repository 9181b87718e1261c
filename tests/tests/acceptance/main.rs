//! Tests the provider and the examples with every CLI, against one local AWS emulator that all tests share.
//!
//! Expected values come from independent sources: direct API calls, `openssl`, and the JSON output of the CLIs. Tests
//! do not sleep or retry.

mod attributes;
mod authority;
mod bad_bundle;
mod bad_input;
mod bundle;
mod certificate;
mod clis;
mod corner;
mod crl;
mod cross_certificate;
mod default_tags;
mod deletion_protection;
mod deployed;
mod diagnostic;
mod documented;
mod example;
mod faults;
mod guides;
mod imported;
mod in_place;
mod infrastructure;
mod intermediate_ca;
mod key_owner;
mod kms_key;
mod openssl;
mod path_validation;
mod permissions;
mod program;
mod release;
mod replacement;
mod replica_regions;
mod rollout;
mod root_ca;
mod root_key;
mod rotation;
mod scenario;
mod schemas;
mod secrets;
mod service;
mod trust_bundle;
mod tutorial;
mod upgrade;
mod values;
mod x509;
