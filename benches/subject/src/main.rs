//! A provider with resources of three sizes that it stores in memory. The benchmark compares this provider with the
//! same provider in Go, so the framework must account for nearly all of the work.

mod memory;
mod models;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;

use memory::Memory;
use models::{Large, Medium, Small};
use tfplugin::Provider;
use tfplugin::schema::json::write_provider_schemas;

/// Provider address in the printed schemas.
const ADDRESS: &str = "registry.opentofu.org/skreg/bench";

fn provider() -> Provider {
    Provider::new("bench", "1.0.0")
        .resource(Memory::<Small>::default())
        .resource(Memory::<Medium>::default())
        .resource(Memory::<Large>::default())
}

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() != Some("--schema") {
        return tfplugin::serve(provider().address(ADDRESS));
    }
    let schemas = BTreeMap::from([(ADDRESS.to_owned(), provider().schema())]);
    let text = format!("{:#}\n", write_provider_schemas(&schemas));
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
