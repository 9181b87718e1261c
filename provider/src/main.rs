//! The provider binary: started by a command line it serves, started by hand it explains itself.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;

use skreg::provider::{ADDRESS, VERSION, provider};
use tfplugin::schema::json::write_provider_schemas;

const HELP: &str = "\
terraform-provider-skreg, a plugin for OpenTofu and Terraform. A command line starts it by itself:

    terraform { required_providers { skreg = { source = \"skreg/skreg\" } } }

By hand it can be started with one of:

    --debug      wait for command lines to attach, and print the variable that tells them how
    --schema     print the schemas of everything it serves, as `tofu providers schema -json` does
    --version    print the version
    --help       print this
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
        _ => return tfplugin::serve(provider().address(ADDRESS)),
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader has closed the pipe, so no report is possible.
        Err(_) => ExitCode::FAILURE,
    }
}
