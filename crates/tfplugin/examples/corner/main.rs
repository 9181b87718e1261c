//! A provider of edge cases. It uses every feature of the protocol in resources that are stored as files.
//!
//! Tests run the provider with Terraform and OpenTofu, and provider authors can use it as a reference for each case. It must
//! not depend on a service: its objects are files in a directory.

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

/// Stores edge cases as files.
#[derive(Schema)]
#[provider]
struct Config {
    /// Directory that contains the files. The provider creates the directory if it does not exist.
    #[attr(required)]
    directory: String,
    /// Sensitive value that is not used.
    #[attr(optional, sensitive)]
    password: Option<String>,
    /// Remarks about the directory.
    #[block]
    note: Vec<Note>,
}

/// A remark about the directory.
#[derive(Schema)]
struct Note {
    /// Text of the remark.
    #[attr(required, validate = length(1..=20))]
    text: String,
}

async fn configure(request: Configure<Config>) -> Result<Store, Diagnostics> {
    match request.config.directory {
        // The directory can depend on a resource that does not exist yet. In this case, planning continues without reading
        // objects.
        Planned::Unknown => Ok(Store::unknown()),
        directory => Store::at(directory.settle::<String>(Config::paths().directory())?),
    }
}

/// Returns the provider without serving it.
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
