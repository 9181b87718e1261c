//! Must not compile. A comment marks the line of the expected error.

use tfplugin::Schema;

#[derive(Schema)]
#[provider]
struct Config {
    #[attr(optional)]
    version: Option<String>, //~ `version` is reserved in a provider block
}

fn main() {}
