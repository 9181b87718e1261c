//! `#[derive(Schema)]`: one struct is schema, codec, documentation and paths. `#[derive(Arguments)]`: one struct is the
//! signature of a function and its decoder.
//!
//! The derives write plain implementations of the documented traits of `tfplugin`, all of which can be written
//! by hand. They decide nothing: what an attribute means stands in `tfplugin`.

mod arguments;
mod docs;
mod options;
mod output;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Derives schema, codec, planned form and paths of a struct.
///
/// Doc comments become descriptions. On the struct: `#[resource(name = "…", version = 0, identity_version = 0,
/// timeouts(create = "30m"))]`
/// for the state of a resource, `#[data_source(name = "…", timeouts(read = "1m"))]` for a data source,
/// `#[ephemeral_resource(name = "…")]` for an ephemeral resource, `#[provider]` for the configuration of a provider,
/// nothing for nested attributes and blocks. On a field, exactly one of:
///
/// - `#[attr(…)]` with `required`, `optional`, `computed`, `sensitive`, `write_only`, `requires_replace`, `keep`,
///   `identity` (part of the resource's identity), `optional_identity` (which an import may leave out), `default = expression`, `validate = validator` (repeatable; import what you use from `tfplugin::validate`) and
///   `deprecated = "what to use instead"`. An attribute with a default is optional and computed.
/// - `#[block]` for a nested block: a struct, `Option`, `Vec`, `BTreeSet` or `BTreeMap` of structs.
///
/// For a struct `Greeting` it writes `GreetingPlan`, in which every field may be null or unknown, and
/// `GreetingPaths`, which `Greeting::paths()` returns.
#[proc_macro_derive(
    Schema,
    attributes(resource, data_source, ephemeral_resource, provider, attr, block)
)]
pub fn derive_schema(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    options::Model::parse(&input)
        .map_or_else(syn::Error::into_compile_error, |model| {
            output::write(&model)
        })
        .into()
}

/// Derives the signature and the decoder of a function's arguments.
///
/// Doc comments become descriptions; the first paragraph of the struct's is the summary. On the struct:
/// `#[function(name = "…", deprecated = "what to use instead")]`. On a field, `#[parameter]`, with `validate = validator`
/// (repeatable; import what you use from `tfplugin::validate`). The last field may be `#[parameter(variadic)]`: a `Vec` that
/// takes all further arguments.
///
/// For a struct `JoinWords` it writes `JoinWordsPositions`, which `JoinWords::positions()` returns: the position of each
/// argument, for errors.
#[proc_macro_derive(Arguments, attributes(function, parameter))]
pub fn derive_arguments(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    arguments::Function::parse(&input)
        .map_or_else(syn::Error::into_compile_error, |function| function.write())
        .into()
}
