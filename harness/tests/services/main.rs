//! Tests the services and corrections of the gateway with the official SDK for Python and with the AWS provider.

mod application_autoscaling;
mod capacity;
mod sdk;
mod stack;

use std::error::Error;

type TestResult = Result<(), Box<dyn Error>>;
