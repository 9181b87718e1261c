//! A program in front of a provider. It serves the schemas of selected types, and forwards every other call to the
//! provider.
//!
//! A CLI reads the schemas of all types of a provider at the start of each command. hashicorp/aws has more than 2,000
//! types, which cost a command about three seconds of processor time, although a configuration uses a few dozen of them.
//! This program reads the schemas from a file that the first command writes, and starts the provider only when a call
//! requires it. Validation, plans, and resources are those of the provider.
//!
//! The program is installed under the name of the provider program. The file `<program>.json` beside it contains the
//! [`Settings`].

mod codec;
mod provider;
mod schemas;
mod service;
mod settings;
mod shared;

use std::process::ExitCode;

use service::Subset;
use settings::Settings;

fn main() -> ExitCode {
    match Settings::of_process() {
        Ok(settings) => {
            let (address, protocol) = (settings.address.clone(), settings.protocol);
            tfplugin::serve_service(&address, protocol, Subset::new(settings))
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
