//! Compares the schemas that Terraform or OpenTofu prints for an example with the schemas that the example's structs define.
//!
//! ```text
//! tofu providers schema -json | cargo run --example same_schema hello
//! ```

use std::error::Error;
use std::process::ExitCode;

use tfplugin::Provider;
use tfplugin::schema::json::read_provider_schemas;
use tfplugin::schema::{Block, ProviderSchema};

#[expect(dead_code, reason = "`main` of the example is not called")]
#[path = "corner/main.rs"]
mod corner;
#[expect(dead_code, reason = "`main` of the example is not called")]
#[path = "hello.rs"]
mod hello;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let provider: Provider = match name.as_str() {
        "corner" => corner::provider(),
        "hello" => hello::provider(),
        _ => return Err("usage: same_schema corner|hello".into()),
    };
    let document: serde_json::Value = serde_json::from_reader(std::io::stdin())?;
    let mut authored = provider.schema();
    let providers = document["provider_schemas"]
        .as_object()
        .into_iter()
        .flatten();
    let mut resources = providers.map(|(_, provider)| provider["resource_schemas"].to_string());
    if !resources.any(|schemas| schemas.contains("deprecation_message")) {
        // Terraform prints the deprecation messages of functions, but does not print the messages of attributes.
        for schema in authored.resources.values_mut() {
            clear_messages(&mut schema.block);
        }
    }
    let printed = read_provider_schemas(&document)?;
    let printed = printed
        .into_iter()
        .find(|(address, _)| address.ends_with(&format!("/{name}/{name}")));
    let (_, printed) = printed.ok_or("the document does not contain the provider")?;
    // OpenTofu 1.12 does not print whether a function is deprecated.
    for (name, function) in &mut authored.functions {
        let printed = printed.functions.get(name);
        if printed.is_some_and(|printed| printed.deprecated.is_none()) {
            function.deprecated = None;
        }
        // Neither CLI prints whether a parameter allows unknown values.
        let parameters = function.parameters.iter_mut();
        for parameter in parameters.chain(&mut function.variadic_parameter) {
            parameter.allow_unknown = false;
        }
    }
    if !document.to_string().contains("resource_identity_schemas") {
        // Terraform prints identities in version 1.12 and later.
        authored.identities.clear();
    }
    let differences = differences(&authored, &printed);
    for difference in &differences {
        println!("{difference}");
    }
    Ok(if differences.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Clears the deprecation messages of attributes. The attributes remain deprecated.
fn clear_messages(block: &mut Block) {
    let messages = block.attributes.values_mut();
    for message in messages.filter_map(|attribute| attribute.deprecated.as_mut()) {
        message.clear();
    }
    for nested in block.blocks.values_mut() {
        clear_messages(&mut nested.block);
    }
}

/// Returns descriptions of the differences.
fn differences(authored: &ProviderSchema, printed: &ProviderSchema) -> Vec<String> {
    let mut differences = Vec::new();
    let mut compare =
        |what: &str, authored: &dyn std::fmt::Debug, printed: &dyn std::fmt::Debug| {
            let (authored, printed) = (format!("{authored:?}"), format!("{printed:?}"));
            if authored != printed {
                differences.push(format!(
                    "{what} is defined as\n  {authored}\nand printed as\n  {printed}"
                ));
            }
        };
    compare(
        "the provider's configuration",
        &authored.provider,
        &printed.provider,
    );
    let names = authored.resources.keys().chain(printed.resources.keys());
    for name in names.collect::<std::collections::BTreeSet<_>>() {
        compare(
            name,
            &authored.resources.get(name),
            &printed.resources.get(name),
        );
    }
    compare("functions", &authored.functions, &printed.functions);
    compare(
        "data sources",
        &authored.data_sources,
        &printed.data_sources,
    );
    if differences.is_empty() && authored != printed {
        differences.push("the schemas differ outside of the compared parts".to_owned());
    }
    differences
}
