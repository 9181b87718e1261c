//! A provider made of data, for tests of modules without the provider itself and without its API.
//!
//! Under the name `terraform-provider-NAME_vX`, the program serves the schema beside it. It validates and plans by this
//! schema and by rule files, assigns deterministic values to computed attributes, and stores its objects as files. It must
//! not contain any knowledge about a specific provider except the forms of generated values.

mod definition;
mod documents;
mod fill;
mod generated;
mod installation;
mod objects;
mod rules;
mod served;
mod template;

use std::process::ExitCode;

fn main() -> ExitCode {
    let installation = match installation::of_process() {
        Ok(installation) => installation,
        Err(error) => return tfplugin::refuse("tfdouble", &error),
    };
    let address = installation.address.clone();
    match served::provider(installation) {
        Ok(provider) => tfplugin::serve(provider),
        Err(error) => tfplugin::refuse(&address, &error),
    }
}
