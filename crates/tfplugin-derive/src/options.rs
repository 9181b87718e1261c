//! Reads the struct and its options, and refuses what contradicts itself.

use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::{
    Attribute, Data, DeriveInput, Expr, ExprLit, Fields, Ident, Lit, LitInt, LitStr, Meta, Type,
    Visibility,
};

/// The struct as the derive understands it.
pub(crate) struct Model {
    pub(crate) name: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) description: String,
    pub(crate) role: Role,
    pub(crate) fields: Vec<Field>,
}

/// What the struct is used as.
pub(crate) enum Role {
    /// The state of a resource.
    Resource {
        type_name: LitStr,
        version: LitInt,
        timeouts: Vec<(String, LitStr)>,
    },
    /// The configuration of a provider.
    Provider,
    /// Nested attributes or a nested block.
    Nested,
}

/// A field of the struct.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) ty: Type,
    pub(crate) description: String,
    pub(crate) kind: FieldKind,
}

/// How a field stands in the schema.
pub(crate) enum FieldKind {
    Attribute(Box<Flags>),
    Block,
}

/// Options of an attribute.
#[derive(Default)]
pub(crate) struct Flags {
    /// Options without a value, which are methods of `tfplugin::AttributeSpec` by the same name.
    pub(crate) words: Vec<Ident>,
    pub(crate) default: Option<Expr>,
    pub(crate) validate: Vec<Expr>,
    pub(crate) deprecated: Option<LitStr>,
}

const WORDS: [&str; 7] = [
    "required",
    "optional",
    "computed",
    "sensitive",
    "write_only",
    "requires_replace",
    "keep",
];

/// Meta-arguments and reserved names of a `resource` block.
const RESERVED_IN_RESOURCES: [&str; 7] = [
    "connection",
    "count",
    "depends_on",
    "for_each",
    "lifecycle",
    "provider",
    "provisioner",
];
/// Meta-arguments and reserved names of a `provider` block.
const RESERVED_IN_PROVIDERS: [&str; 8] = [
    "alias",
    "count",
    "depends_on",
    "for_each",
    "lifecycle",
    "locals",
    "source",
    "version",
];

impl Model {
    pub(crate) fn parse(input: &DeriveInput) -> syn::Result<Self> {
        if !input.generics.params.is_empty() {
            return Err(syn::Error::new_spanned(
                &input.generics,
                "a schema cannot have type parameters",
            ));
        }
        let Data::Struct(data) = &input.data else {
            return Err(syn::Error::new_spanned(
                input,
                "a schema is a struct with named fields",
            ));
        };
        let Fields::Named(fields) = &data.fields else {
            return Err(syn::Error::new_spanned(
                input,
                "a schema is a struct with named fields",
            ));
        };
        let role = role(&input.attrs)?;
        let fields = fields.named.iter().map(|field| Field::parse(field, &role));
        Ok(Self {
            name: input.ident.clone(),
            visibility: input.vis.clone(),
            description: description(&input.attrs),
            fields: fields.collect::<syn::Result<_>>()?,
            role,
        })
    }
}

impl Field {
    fn parse(field: &syn::Field, role: &Role) -> syn::Result<Self> {
        let Some(ident) = field.ident.clone() else {
            return Err(syn::Error::new_spanned(field, "a field needs a name"));
        };
        check_name(&ident, role)?;
        let mut kind = None;
        for attribute in &field.attrs {
            let found = if attribute.path().is_ident("attr") {
                FieldKind::Attribute(Box::new(Flags::parse(attribute)?))
            } else if attribute.path().is_ident("block") {
                attribute.meta.require_path_only().map_err(|error| {
                    let message = "a block has no options: put them on the fields of its struct";
                    syn::Error::new(error.span(), message)
                })?;
                FieldKind::Block
            } else {
                continue;
            };
            if kind.replace(found).is_some() {
                return Err(syn::Error::new_spanned(
                    attribute,
                    "a field is either one attribute or one block",
                ));
            }
        }
        let missing = || {
            syn::Error::new_spanned(
                field,
                "say what this field is: #[attr(required)], #[attr(optional)], #[attr(computed)] or #[block]",
            )
        };
        Ok(Self {
            ident,
            visibility: field.vis.clone(),
            ty: field.ty.clone(),
            description: description(&field.attrs),
            kind: kind.ok_or_else(missing)?,
        })
    }
}

impl Flags {
    fn parse(attribute: &Attribute) -> syn::Result<Self> {
        let mut flags = Self::default();
        attribute.parse_nested_meta(|meta| flags.read(&meta))?;
        flags.check(attribute)?;
        Ok(flags)
    }

    fn read(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        let word = meta.path.require_ident()?;
        match word.to_string().as_str() {
            "default" => self.default = Some(meta.value()?.parse()?),
            "validate" => self.validate.push(meta.value()?.parse()?),
            "deprecated" => self.deprecated = Some(meta.value()?.parse()?),
            name if WORDS.contains(&name) => self.words.push(word.clone()),
            _ => {
                let known = format!(
                    "unknown option; known are {}, default, validate, deprecated",
                    WORDS.join(", ")
                );
                return Err(meta.error(known));
            }
        }
        Ok(())
    }

    pub(crate) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|known| known == word)
    }

    fn check(&self, attribute: &Attribute) -> syn::Result<()> {
        let refuse = |message| Err(syn::Error::new_spanned(attribute, message));
        let (required, optional, computed) = (
            self.has("required"),
            self.has("optional"),
            self.has("computed"),
        );
        if !(required || optional || computed) {
            return refuse(
                "an attribute is required, optional, computed, or optional and computed",
            );
        }
        if required && (optional || computed) {
            return refuse("a required attribute is neither optional nor computed");
        }
        if self.default.is_some() && !optional {
            return refuse("only an optional attribute has a default");
        }
        if self.has("write_only") && (computed || self.default.is_some()) {
            return refuse("a write-only attribute is neither computed nor has it a default");
        }
        if self.has("keep") && !computed {
            return refuse("only a computed attribute can keep its prior value");
        }
        Ok(())
    }
}

/// Refuses names that a configuration cannot use: identifiers of the language are lower-case by convention and required
/// to be by the protocol, and the command lines take some arguments of a block for themselves.
fn check_name(ident: &Ident, role: &Role) -> syn::Result<()> {
    let name = ident.unraw().to_string();
    let legal =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    if !name.chars().all(legal) {
        let message = format!(
            "an attribute name consists of lower-case letters, digits and underscores: rename `{name}`"
        );
        return Err(syn::Error::new(ident.span(), message));
    }
    let (reserved, block): (&[&str], _) = match role {
        Role::Resource { .. } => (&RESERVED_IN_RESOURCES, "resource"),
        Role::Provider => (&RESERVED_IN_PROVIDERS, "provider"),
        Role::Nested => return Ok(()),
    };
    if reserved.contains(&name.as_str()) {
        let message = format!(
            "`{name}` is reserved in a {block} block by the configuration language: choose another name"
        );
        return Err(syn::Error::new(ident.span(), message));
    }
    Ok(())
}

fn role(attributes: &[Attribute]) -> syn::Result<Role> {
    for attribute in attributes {
        if attribute.path().is_ident("provider") {
            return Ok(Role::Provider);
        }
        if attribute.path().is_ident("resource") {
            return resource(attribute);
        }
    }
    Ok(Role::Nested)
}

fn resource(attribute: &Attribute) -> syn::Result<Role> {
    let (mut type_name, mut version, mut timeouts) = (None, None, Vec::new());
    attribute.parse_nested_meta(|meta| {
        if meta.path.is_ident("name") {
            type_name = Some(meta.value()?.parse()?);
        } else if meta.path.is_ident("version") {
            version = Some(meta.value()?.parse()?);
        } else if meta.path.is_ident("timeouts") {
            meta.parse_nested_meta(|timeout| {
                let operation = timeout.path.require_ident()?.to_string();
                if !["create", "read", "update", "delete"].contains(&operation.as_str()) {
                    return Err(timeout.error("operations are create, read, update and delete"));
                }
                timeouts.push((operation, timeout.value()?.parse()?));
                Ok(())
            })?;
        } else {
            return Err(meta.error("unknown option; known are name, version, timeouts"));
        }
        Ok(())
    })?;
    let missing = |what| syn::Error::new_spanned(attribute, format!("a resource needs a {what}"));
    Ok(Role::Resource {
        type_name: type_name.ok_or_else(|| missing("name"))?,
        version: version.ok_or_else(|| missing("version"))?,
        timeouts,
    })
}

/// Joins doc comments: lines of a paragraph by a space, paragraphs by an empty line.
fn description(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    for line in attributes.iter().filter_map(doc_line) {
        let line = line.trim();
        if line.is_empty() {
            text.push_str("\n\n");
        } else {
            let joined = text.is_empty() || text.ends_with('\n');
            text.push_str(if joined { "" } else { " " });
            text.push_str(line);
        }
    }
    text.trim().to_owned()
}

fn doc_line(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}
