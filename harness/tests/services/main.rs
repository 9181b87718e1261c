//! Tests the services and corrections of the gateway with the official SDK for Python and with the AWS provider.

mod application_autoscaling;
mod sdk;

use std::error::Error;

type TestResult = Result<(), Box<dyn Error>>;
