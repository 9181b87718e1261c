//! The provider binary. Without an argument, it serves the plugin protocol; the options print information.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;

use skreg::core_dumps;
use skreg::provider::{ADDRESS, VERSION, provider};
use tfplugin::schema::json::write_provider_schemas;

const HELP: &str = "\
terraform-provider-skreg is a provider plugin for Terraform and OpenTofu, which start it automatically:

    terraform { required_providers { skreg = { source = \"skreg/skreg\" } } }

Usage: terraform-provider-skreg [OPTION]

Options:
    --debug      Start in debug mode and print the environment variable that lets Terraform or OpenTofu attach
    --schema     Print the provider schema in the format of `tofu providers schema -json`
    --version    Print the version
    --help       Print this help
";

fn main() -> ExitCode {
    let argument = std::env::args().nth(1);
    let text = match argument.as_deref() {
        Some("--version" | "-V" | "version") => format!("terraform-provider-skreg {VERSION}\n"),
        Some("--help" | "-h" | "help") => HELP.to_owned(),
        Some("--schema") => {
            let schemas = BTreeMap::from([(ADDRESS.to_owned(), provider().schema())]);
            format!("{:#}\n", write_provider_schemas(&schemas))
        }
        _ => return serve(),
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader has closed the pipe, so the program cannot report the error.
        Err(_) => ExitCode::FAILURE,
    }
}

/// Serves the plugin protocol. No request is served before core dumps are disabled.
fn serve() -> ExitCode {
    match core_dumps::disable() {
        Ok(()) => tfplugin::serve(provider().address(ADDRESS)),
        Err(error) => {
            eprintln!("Core dumps, which can contain private keys, cannot be disabled: {error}");
            ExitCode::FAILURE
        }
    }
}
