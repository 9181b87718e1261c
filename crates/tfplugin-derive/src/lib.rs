//! `#[derive(Schema)]`: one struct is schema, codec, documentation and paths.
//!
//! The derive writes plain implementations of the documented traits of `tfplugin`, all of which can be written
//! by hand. It decides nothing: what an attribute means stands in `tfplugin`.

mod options;
mod output;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Derives schema, codec, planned form and paths of a struct.
///
/// Doc comments become descriptions. On the struct: `#[resource(name = "…", version = 0, timeouts(create = "30m"))]`
/// for the state of a resource, `#[provider]` for the configuration of a provider, nothing for nested attributes and
/// blocks. On a field, exactly one of:
///
/// - `#[attr(…)]` with `required`, `optional`, `computed`, `sensitive`, `write_only`, `requires_replace`, `keep`,
///   `default = expression`, `validate = validator` (repeatable; import what you use from `tfplugin::validate`) and
///   `deprecated = "what to use instead"`. An attribute with a default is optional and computed.
/// - `#[block]` for a nested block: a struct, `Option`, `Vec`, `BTreeSet` or `BTreeMap` of structs.
///
/// For a struct `Greeting` it writes `GreetingPlan`, in which every field may be null or unknown, and
/// `GreetingPaths`, which `Greeting::paths()` returns.
#[proc_macro_derive(Schema, attributes(resource, provider, attr, block))]
pub fn derive_schema(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    options::Model::parse(&input)
        .map_or_else(syn::Error::into_compile_error, |model| {
            output::write(&model)
        })
        .into()
}
