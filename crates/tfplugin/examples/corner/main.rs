//! A provider made of edge cases: everything the protocol allows, in resources that keep themselves as files.
//!
//! It is driven by real command lines in tests, and shows authors how each case is written. It must stay free of
//! any service: what exists is what lies in the directory that the provider's configuration names.

mod blocks;
mod by_hand;
mod data;
mod ephemeral;
mod failing;
mod faulty;
mod function;
mod identity;
mod kinds;
mod life;
mod planned;
mod slow;
mod store;
mod tenant;

use std::process::ExitCode;

use self::store::Store;
use tfplugin::validate::length;
use tfplugin::{Configure, Configured, Diagnostics, Planned, Provider, Schema};

/// Keeps edge cases as files.
#[derive(Schema)]
#[provider]
struct Config {
    /// The directory that everything is kept in. It is made where it does not exist.
    #[attr(required)]
    directory: String,
    /// A word that opens nothing.
    #[attr(optional, sensitive)]
    password: Option<String>,
    /// What is said about the directory.
    #[block]
    note: Vec<Note>,
}

/// A remark about the directory.
#[derive(Schema)]
struct Note {
    /// The remark.
    #[attr(required, validate = length(1..=20))]
    text: String,
}

async fn configure(request: Configure<Config>) -> Result<Store, Diagnostics> {
    match request.config.directory {
        // While another resource is still to say where, there is nothing to read; planning goes on.
        Planned::Unknown => Ok(Store::nowhere()),
        directory => Store::at(directory.settle::<String>(Config::paths().directory())?),
    }
}

/// The provider, before it is served.
pub(crate) fn provider() -> Provider {
    let store = Configured::new();
    Provider::new("corner", "1.0.0")
        .configure(&store, configure)
        .resource(kinds::AllKinds(store.clone()))
        .resource(blocks::AllBlocks(store.clone()))
        .resource(by_hand::ByHand(store.clone()))
        .resource(planned::AllRules(store.clone()))
        .resource(life::Lives(store.clone()))
        .resource(failing::Failing(store.clone()))
        .resource(slow::Slow(store.clone()))
        .resource(faulty::Faulty(store.clone()))
        .resource(identity::Places(store.clone()))
        .resource(tenant::Tenants(store.clone()))
        .data_source(data::Notes(store.clone()))
        .ephemeral_resource(ephemeral::Leases(store))
        .function(function::Join)
        .function(function::Kind)
        .function(function::Else)
        .function(function::Add)
        .function(function::Panic)
}

fn main() -> ExitCode {
    tfplugin::serve(provider())
}
