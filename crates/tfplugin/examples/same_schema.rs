//! Compares the schemas that a command line prints for an example with those that its structs author.
//!
//! ```text
//! tofu providers schema -json | cargo run --example same_schema hello
//! ```

use std::error::Error;
use std::process::ExitCode;

use tfplugin::Provider;
use tfplugin::schema::ProviderSchema;
use tfplugin::schema::json::read_provider_schemas;

#[expect(dead_code, reason = "its main is not called")]
#[path = "corner/main.rs"]
mod corner;
#[expect(dead_code, reason = "its main is not called")]
#[path = "hello.rs"]
mod hello;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let provider: Provider = match name.as_str() {
        "corner" => corner::provider(),
        "hello" => hello::provider(),
        _ => return Err("which example: corner or hello?".into()),
    };
    let document = serde_json::from_reader(std::io::stdin())?;
    let printed = read_provider_schemas(&document)?;
    let printed = printed
        .into_iter()
        .find(|(address, _)| address.ends_with(&format!("/{name}/{name}")));
    let (_, printed) = printed.ok_or("the document has no such provider")?;
    let differences = differences(&provider.schema(), &printed);
    for difference in &differences {
        println!("{difference}");
    }
    Ok(if differences.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What differs, a line each.
fn differences(authored: &ProviderSchema, printed: &ProviderSchema) -> Vec<String> {
    let mut differences = Vec::new();
    let mut compare =
        |what: &str, authored: &dyn std::fmt::Debug, printed: &dyn std::fmt::Debug| {
            let (authored, printed) = (format!("{authored:?}"), format!("{printed:?}"));
            if authored != printed {
                differences.push(format!(
                    "{what} is authored as\n  {authored}\nand printed as\n  {printed}"
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
    if differences.is_empty() && authored != printed {
        differences.push("something beside resources differs".to_owned());
    }
    differences
}
