//! Generates the trait implementations.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Type;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use crate::options::{Field, FieldKind, Flags, Model, Role};

/// Returns all implementations for a struct.
pub(crate) fn write(model: &Model) -> TokenStream {
    let name = &model.name;
    let plan = format_ident!("{name}Plan");
    let paths = format_ident!("{name}Paths");
    let plain: Vec<_> = model
        .fields
        .iter()
        .map(|field| (field, field.ty.clone()))
        .collect();
    let planned: Vec<_> = model
        .fields
        .iter()
        .map(|field| (field, planned_type(field)))
        .collect();
    let parts = [
        plan_struct(model, &plan, &planned),
        plan_order(&plan),
        codec(name, &plain),
        codec(&plan, &planned),
        attribute_type(model, &plan, &paths),
        paths_struct(model, &paths),
        role(model, &plan),
        checks(model),
    ];
    quote! { #(#parts)* }
}

fn planned_type(field: &Field) -> Type {
    let ty = &field.ty;
    syn::parse_quote!(<#ty as ::tfplugin::AttributeType>::Planned)
}

fn attribute_name(field: &Field) -> String {
    field.ident.unraw().to_string()
}

fn plan_struct(model: &Model, plan: &Ident, fields: &[(&Field, Type)]) -> TokenStream {
    let Model {
        name, visibility, ..
    } = model;
    let doc = format!("Planned form of [`{name}`], in which every value can be null or unknown.");
    let values = fields.iter().map(|(field, _)| {
        let ident = &field.ident;
        quote! { #ident: ::tfplugin::AttributeType::into_planned(plain.#ident) }
    });
    let fields = fields.iter().map(|(field, ty)| {
        let Field {
            ident,
            visibility,
            description,
            ..
        } = field;
        quote! { #[doc = #description] #visibility #ident: #ty }
    });
    quote! {
        #[doc = #doc]
        #[derive(Clone, Default)]
        #visibility struct #plan { #(#fields),* }

        impl ::core::convert::From<#name> for #plan {
            fn from(plain: #name) -> Self {
                Self { #(#values),* }
            }
        }
    }
}

/// Generates comparisons of plans by their encoded values. Plan hooks use equality to detect changes, and sets require an
/// order.
fn plan_order(plan: &Ident) -> TokenStream {
    quote! {
        impl ::core::cmp::PartialEq for #plan {
            fn eq(&self, other: &Self) -> bool {
                ::core::cmp::Ord::cmp(self, other).is_eq()
            }
        }

        impl ::core::cmp::Eq for #plan {}

        impl ::core::cmp::PartialOrd for #plan {
            fn partial_cmp(&self, other: &Self) -> ::core::option::Option<::core::cmp::Ordering> {
                ::core::option::Option::Some(::core::cmp::Ord::cmp(self, other))
            }
        }

        impl ::core::cmp::Ord for #plan {
            fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
                let value = |plan: &Self| ::tfplugin::Codec::encode(::core::clone::Clone::clone(plan));
                ::core::cmp::Ord::cmp(&value(self), &value(other))
            }
        }
    }
}

fn codec(name: &Ident, fields: &[(&Field, Type)]) -> TokenStream {
    let reads = fields.iter().map(|(field, _)| {
        let (ident, key) = (&field.ident, attribute_name(field));
        quote! { #ident: fields.take(#key)? }
    });
    let writes = fields.iter().map(|(field, _)| {
        let (ident, key) = (&field.ident, attribute_name(field));
        quote! { (#key, ::tfplugin::Codec::encode(self.#ident)) }
    });
    quote! {
        impl ::tfplugin::Codec for #name {
            fn decode(
                value: ::tfplugin::schema::Value,
                path: &::tfplugin::schema::AttributePath,
            ) -> ::core::result::Result<Self, ::tfplugin::DecodeError> {
                let mut fields = ::tfplugin::ObjectFields::of(value, path)?;
                ::core::result::Result::Ok(Self { #(#reads),* })
            }

            fn encode(self) -> ::tfplugin::schema::Value {
                ::tfplugin::schema::Value::object([#(#writes),*])
            }
        }
    }
}

fn attribute_type(model: &Model, plan: &Ident, paths: &Ident) -> TokenStream {
    let Model {
        name, description, ..
    } = model;
    let fields = model.fields.iter().map(|field| {
        let (key, ty, doc) = (attribute_name(field), &field.ty, &field.description);
        match &field.kind {
            FieldKind::Block => quote! { .block::<#ty>(#key, #doc) },
            FieldKind::Attribute(flags) => {
                let calls = attribute_calls(flags, ty);
                quote! { .attribute::<#ty>(#key, #doc, |attribute| attribute #calls) }
            }
        }
    });
    let facts = model.fields.iter().map(|field| {
        let ty = &field.ty;
        quote! { <#ty as ::tfplugin::AttributeType>::FACTS }
    });
    let blocks = model
        .fields
        .iter()
        .any(|field| matches!(field.kind, FieldKind::Block));
    quote! {
        impl ::tfplugin::AttributeType for #name {
            type Planned = ::tfplugin::Planned<#plan>;
            type Paths = #paths;

            const FACTS: ::tfplugin::TypeFacts = ::tfplugin::TypeFacts::object(&[#(#facts),*], #blocks);

            fn shape() -> ::tfplugin::Shape {
                ::tfplugin::ObjectShape::new(#description) #(#fields)* .into_shape()
            }

            fn into_planned(self) -> Self::Planned {
                ::tfplugin::Planned::Known(::core::convert::From::from(self))
            }
        }
    }
}

/// Returns constants whose evaluation fails for types that are not allowed. The compiler reports each error at the type in
/// the author's file.
fn checks(model: &Model) -> TokenStream {
    let checks = model.fields.iter().map(|field| {
        let ty = &field.ty;
        let facts = quote_spanned! { ty.span() => <#ty as ::tfplugin::AttributeType>::FACTS };
        match &field.kind {
            FieldKind::Block => {
                quote_spanned! { ty.span() => const _: () = #facts.check_block(); }
            }
            FieldKind::Attribute(flags) => {
                let words = ["optional", "computed", "write_only"];
                let words = words.into_iter().filter(|word| flags.has(word));
                let default = flags.default.iter().map(|_| "default");
                let identity = flags.is_identity().then_some("identity");
                let flags = words
                    .chain(default)
                    .chain(identity)
                    .map(|word| format_ident!("{word}"));
                quote_spanned! { ty.span() =>
                    const _: () =
                        #facts.check_attribute(::tfplugin::AttributeFlags::none() #(.#flags())*);
                }
            }
        }
    });
    let stateless = model
        .fields
        .iter()
        .filter(|_| model.role.is_stateless())
        .map(|field| {
            let ty = &field.ty;
            quote_spanned! { ty.span() =>
                const _: () = <#ty as ::tfplugin::AttributeType>::FACTS.check_stateless();
            }
        });
    quote! { #(#checks)* #(#stateless)* }
}

fn attribute_calls(flags: &Flags, ty: &Type) -> TokenStream {
    let words = &flags.words;
    let default = flags.default.iter().map(|value| {
        quote! { .default({ let value: #ty = ::core::convert::From::from(#value); value }) }
    });
    let validate = &flags.validate;
    let deprecated = flags.deprecated.iter();
    quote! { #(.#words())* #(#default)* #(.validate(#validate))* #(.deprecated(#deprecated))* }
}

fn paths_struct(model: &Model, paths: &Ident) -> TokenStream {
    let Model {
        name, visibility, ..
    } = model;
    let doc = format!("Attribute paths in [`{name}`].");
    let methods = model.fields.iter().map(|field| {
        let (ident, ty, key) = (&field.ident, &field.ty, attribute_name(field));
        let doc = format!("Returns the path of `{key}`.");
        quote! {
            #[doc = #doc]
            pub fn #ident(&self) -> <#ty as ::tfplugin::AttributeType>::Paths {
                ::core::convert::From::from(self.0.attribute(#key))
            }
        }
    });
    quote! {
        #[doc = #doc]
        #visibility struct #paths(::tfplugin::schema::AttributePath);

        #[allow(dead_code, reason = "a resource might not use every path")]
        impl #paths { #(#methods)* }

        impl ::core::convert::From<::tfplugin::schema::AttributePath> for #paths {
            fn from(path: ::tfplugin::schema::AttributePath) -> Self {
                Self(path)
            }
        }

        impl ::core::convert::From<#paths> for ::tfplugin::schema::AttributePath {
            fn from(paths: #paths) -> Self {
                paths.0
            }
        }
    }
}

fn role(model: &Model, plan: &Ident) -> TokenStream {
    let Model {
        name, visibility, ..
    } = model;
    let paths = format_ident!("{name}Paths");
    let definition = match &model.role {
        Role::Nested => return TokenStream::new(),
        Role::Provider => quote! { ::tfplugin::Definition::provider::<Self>() },
        Role::Resource {
            type_name,
            version,
            identity_version,
            timeouts,
        } => {
            let timeouts = timeouts_of(timeouts);
            let identity = identity_version.iter();
            quote! {
                ::tfplugin::Definition::resource::<Self>(#type_name, #version, #timeouts)
                    #(.identity_version(#identity))*
            }
        }
        Role::DataSource {
            type_name,
            timeouts,
        } => {
            let timeouts = timeouts_of(timeouts);
            quote! { ::tfplugin::Definition::data_source::<Self>(#type_name, #timeouts) }
        }
        Role::Ephemeral { type_name } => {
            quote! { ::tfplugin::Definition::ephemeral_resource::<Self>(#type_name) }
        }
    };
    quote! {
        impl ::tfplugin::Model for #name {
            type Plan = #plan;

            fn definition() -> ::tfplugin::Definition {
                #definition
            }
        }

        impl #name {
            /// Returns the attribute paths, starting at the root of the schema.
            #[allow(dead_code, reason = "a resource might not use paths")]
            #visibility fn paths() -> #paths {
                #paths(::tfplugin::schema::AttributePath::root())
            }
        }
    }
}

fn timeouts_of(timeouts: &[(String, syn::LitStr)]) -> TokenStream {
    let calls = timeouts.iter().map(|(operation, text)| {
        let operation = format_ident!("{operation}");
        quote! { .#operation(#text) }
    });
    quote! { ::tfplugin::Timeouts::default() #(#calls)* }
}
