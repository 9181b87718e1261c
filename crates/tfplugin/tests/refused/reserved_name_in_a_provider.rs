//! Must not compile; the fault is marked.

use tfplugin::Schema;

#[derive(Schema)]
#[provider]
struct Config {
    #[attr(optional)]
    version: Option<String>, //~ `version` is reserved in a provider block
}

fn main() {}
