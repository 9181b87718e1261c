//! Implements `#[derive(Arguments)]`: parses the struct that declares a function's parameters, and generates the trait
//! implementation.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, DeriveInput, Expr, Ident, LitStr, Type, Visibility};

use crate::docs::description;
use crate::options::named_fields;

/// Parsed struct.
pub(crate) struct Function {
    ident: Ident,
    visibility: Visibility,
    description: String,
    name: LitStr,
    deprecated: Option<LitStr>,
    parameters: Vec<Parameter>,
}

struct Parameter {
    ident: Ident,
    ty: Type,
    description: String,
    variadic: bool,
    validate: Vec<Expr>,
}

impl Function {
    pub(crate) fn parse(input: &DeriveInput) -> syn::Result<Self> {
        let fields = named_fields(input, "function")?;
        let parameters = fields.named.iter().map(Parameter::parse);
        let parameters: Vec<_> = parameters.collect::<syn::Result<_>>()?;
        let last = parameters.len().saturating_sub(1);
        for (index, parameter) in parameters.iter().enumerate() {
            if parameter.variadic && index != last {
                let message = "only the last parameter can be variadic";
                return Err(syn::Error::new(parameter.ident.span(), message));
            }
        }
        let (name, deprecated) = options(input)?;
        Ok(Self {
            ident: input.ident.clone(),
            visibility: input.vis.clone(),
            description: description(&input.attrs),
            name,
            deprecated,
            parameters,
        })
    }

    pub(crate) fn write(&self) -> TokenStream {
        let implementation = self.implementation();
        let positions = self.positions();
        quote! { #implementation #positions }
    }

    fn implementation(&self) -> TokenStream {
        let Self {
            ident,
            description,
            name,
            ..
        } = self;
        let parameters = self.parameters.iter().map(|parameter| {
            let Parameter {
                ty,
                description,
                validate,
                ..
            } = parameter;
            let key = parameter.key();
            let method = match parameter.variadic {
                true => quote! { variadic },
                false => quote! { parameter },
            };
            quote! {
                .#method::<#ty>(#key, #description, |parameter| parameter #(.validate(#validate))*)
            }
        });
        let deprecated = self.deprecated.iter();
        let fields = self.parameters.iter().map(|parameter| {
            let ident = &parameter.ident;
            match parameter.variadic {
                true => quote! { #ident: values.rest()? },
                false => quote! { #ident: values.take()? },
            }
        });
        quote! {
            impl ::tfplugin::Arguments for #ident {
                fn signature() -> ::tfplugin::Signature {
                    ::tfplugin::Signature::new(#name, #description)
                        #(#parameters)*
                        #(.deprecated(#deprecated))*
                }

                fn decode(
                    values: ::tfplugin::ArgumentValues,
                ) -> ::core::result::Result<Self, ::tfplugin::FunctionError> {
                    let mut values = values;
                    ::core::result::Result::Ok(Self { #(#fields),* })
                }
            }
        }
    }

    fn positions(&self) -> TokenStream {
        let Self {
            ident, visibility, ..
        } = self;
        let positions = format_ident!("{ident}Positions");
        let doc = format!("Positions of the arguments in [`{ident}`].");
        let methods = self
            .parameters
            .iter()
            .enumerate()
            .map(|(index, parameter)| {
                let (ident, key) = (&parameter.ident, parameter.key());
                let (doc, takes, position) = match parameter.variadic {
                    true => (
                        format!("Returns the position of the argument at an index in `{key}`."),
                        quote! { , index: usize },
                        quote! { #index + index },
                    ),
                    false => (
                        format!("Position of `{key}`."),
                        quote! {},
                        quote! { #index },
                    ),
                };
                quote! {
                    #[doc = #doc]
                    pub fn #ident(&self #takes) -> ::tfplugin::ArgumentPosition {
                        ::tfplugin::ArgumentPosition::new(#position)
                    }
                }
            });
        quote! {
            #[doc = #doc]
            #visibility struct #positions(());

            #[allow(dead_code, reason = "a function might not use every position")]
            impl #positions { #(#methods)* }

            impl #ident {
                /// Returns the positions of the arguments, for use in errors.
                #[allow(dead_code, reason = "a function might not use positions")]
                #visibility fn positions() -> #positions {
                    #positions(())
                }
            }
        }
    }
}

impl Parameter {
    fn parse(field: &syn::Field) -> syn::Result<Self> {
        let Some(ident) = field.ident.clone() else {
            return Err(syn::Error::new_spanned(
                field,
                "a parameter must have a name",
            ));
        };
        let mut parameter = Self {
            ident,
            ty: field.ty.clone(),
            description: description(&field.attrs),
            variadic: false,
            validate: Vec::new(),
        };
        let mut marks = field
            .attrs
            .iter()
            .filter(|mark| mark.path().is_ident("parameter"));
        let Some(mark) = marks.next() else {
            let message = "missing #[parameter] on the field";
            return Err(syn::Error::new_spanned(field, message));
        };
        parameter.read(mark)?;
        Ok(parameter)
    }

    fn read(&mut self, mark: &Attribute) -> syn::Result<()> {
        if mark.meta.require_path_only().is_ok() {
            return Ok(());
        }
        mark.parse_nested_meta(|meta| {
            if meta.path.is_ident("variadic") {
                self.variadic = true;
            } else if meta.path.is_ident("validate") {
                self.validate.push(meta.value()?.parse()?);
            } else {
                return Err(meta.error("unknown option; expected variadic or validate"));
            }
            Ok(())
        })
    }

    fn key(&self) -> String {
        self.ident.unraw().to_string()
    }
}

fn options(input: &DeriveInput) -> syn::Result<(LitStr, Option<LitStr>)> {
    let (mut name, mut deprecated) = (None, None);
    for attribute in &input.attrs {
        if attribute.path().is_ident("function") {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("name") {
                    name = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("deprecated") {
                    deprecated = Some(meta.value()?.parse()?);
                } else {
                    return Err(meta.error("unknown option; expected name or deprecated"));
                }
                Ok(())
            })?;
        }
    }
    let missing = || {
        let message = "missing function name; add #[function(name = \"…\")]";
        syn::Error::new_spanned(&input.ident, message)
    };
    Ok((name.ok_or_else(missing)?, deprecated))
}
