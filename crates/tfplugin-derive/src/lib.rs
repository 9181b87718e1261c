//! Derive macros for `tfplugin`. `#[derive(Schema)]` derives the schema, codec, documentation, and attribute paths from a
//! struct. `#[derive(Arguments)]` derives the signature of a function and the decoder for its arguments from a struct.
//!
//! The macros generate implementations of the documented traits in `tfplugin`, which can also be implemented manually. The
//! attributes are interpreted only in `tfplugin`.

mod arguments;
mod docs;
mod options;
mod output;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Derives the schema, codec, planned form, and attribute paths from a struct.
///
/// Doc comments become descriptions. An attribute on the struct selects its role:
///
/// - `#[resource(name = "…", version = 0, identity_version = 0, timeouts(create = "30m"))]` for the state of a resource.
/// - `#[data_source(name = "…", timeouts(read = "1m"))]` for a data source.
/// - `#[ephemeral_resource(name = "…")]` for an ephemeral resource.
/// - `#[provider]` for the configuration of a provider.
/// - No attribute for nested attributes and nested blocks.
///
/// Each field has exactly one of these attributes:
///
/// - `#[attr(…)]` with `required`, `optional`, `computed`, `sensitive`, `write_only`, `requires_replace`, `keep`,
///   `identity` (part of the resource identity), `optional_identity` (part of the resource identity that an import can omit),
///   `default = expression`, `validate = validator` (repeatable; import the validators from `tfplugin::validate`), and
///   `deprecated = "replacement"`. An attribute with a default is optional and computed.
/// - `#[block]` for a nested block. Its type is a struct, or an `Option`, `Vec`, `BTreeSet`, or `BTreeMap` of a struct.
///
/// For a struct `Greeting`, the macro generates two types: `GreetingPlan`, in which every field can be null or unknown, and
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

/// Derives the signature of a function and the decoder for its arguments.
///
/// Doc comments become descriptions. The first paragraph of the struct's doc comment is the summary. The struct has the
/// attribute `#[function(name = "…", deprecated = "replacement")]`. Each field has the attribute `#[parameter]`, which
/// accepts `validate = validator` (repeatable; import the validators from `tfplugin::validate`). The last field can be
/// `#[parameter(variadic)]`: a `Vec` that receives all remaining arguments.
///
/// For a struct `JoinWords`, the macro generates `JoinWordsPositions`, which `JoinWords::positions()` returns. It provides
/// the position of each argument, for use in errors.
#[proc_macro_derive(Arguments, attributes(function, parameter))]
pub fn derive_arguments(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    arguments::Function::parse(&input)
        .map_or_else(syn::Error::into_compile_error, |function| function.write())
        .into()
}
