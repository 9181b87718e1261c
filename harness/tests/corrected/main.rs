//! Compares the emulator without and with the corrections for KMS, S3, and Secrets Manager.

mod kms;
mod plain;
mod s3;
mod secrets;

type TestResult = Result<(), Box<dyn std::error::Error>>;
