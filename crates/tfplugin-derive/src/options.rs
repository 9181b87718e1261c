//! Parses the struct and its options, and rejects invalid combinations of options.

use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::{
    Attribute, Data, DeriveInput, Expr, Fields, FieldsNamed, Ident, LitInt, LitStr, Type,
    Visibility,
};

use crate::docs::description;

/// Parsed struct.
pub(crate) struct Model {
    pub(crate) name: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) description: String,
    pub(crate) role: Role,
    pub(crate) fields: Vec<Field>,
}

/// Role of the struct.
pub(crate) enum Role {
    /// State of a resource.
    Resource {
        type_name: LitStr,
        version: LitInt,
        identity_version: Option<LitInt>,
        timeouts: Vec<(String, LitStr)>,
    },
    /// Configuration and result of a data source.
    DataSource {
        type_name: LitStr,
        timeouts: Vec<(String, LitStr)>,
    },
    /// Configuration and result of an ephemeral resource.
    Ephemeral { type_name: LitStr },
    /// Configuration of a provider.
    Provider,
    /// Nested attributes or a nested block.
    Nested,
}

/// Field of the struct.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) ty: Type,
    pub(crate) description: String,
    pub(crate) kind: FieldKind,
}

/// Kind of a field in the schema.
pub(crate) enum FieldKind {
    Attribute(Box<Flags>),
    Block,
}

/// Options for an attribute.
#[derive(Default)]
pub(crate) struct Flags {
    /// Options that have no value. `tfplugin::AttributeSpec` has a method with the same name for each option.
    pub(crate) words: Vec<Ident>,
    pub(crate) default: Option<Expr>,
    pub(crate) validate: Vec<Expr>,
    pub(crate) deprecated: Option<LitStr>,
}

const WORDS: [&str; 9] = [
    "required",
    "optional",
    "computed",
    "sensitive",
    "write_only",
    "requires_replace",
    "keep",
    "identity",
    "optional_identity",
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
/// Meta-arguments and reserved names of `data` and `ephemeral` blocks.
const RESERVED_IN_DATA: [&str; 5] = ["count", "depends_on", "for_each", "lifecycle", "provider"];
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

impl Role {
    /// Returns whether Terraform and OpenTofu do not store the values of the struct.
    pub(crate) fn is_stateless(&self) -> bool {
        matches!(self, Self::DataSource { .. } | Self::Ephemeral { .. })
    }
}

impl Model {
    pub(crate) fn parse(input: &DeriveInput) -> syn::Result<Self> {
        let fields = named_fields(input, "schema")?;
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

/// Returns the fields of a struct. Error messages refer to the struct as a `what`.
pub(crate) fn named_fields<'i>(input: &'i DeriveInput, what: &str) -> syn::Result<&'i FieldsNamed> {
    if !input.generics.params.is_empty() {
        let message = format!("a {what} cannot have type parameters");
        return Err(syn::Error::new_spanned(&input.generics, message));
    }
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(fields),
            _ => Err(not_named(input, what)),
        },
        _ => Err(not_named(input, what)),
    }
}

fn not_named(input: &DeriveInput, what: &str) -> syn::Error {
    syn::Error::new_spanned(
        input,
        format!("a {what} must be a struct with named fields"),
    )
}

impl Field {
    fn parse(field: &syn::Field, role: &Role) -> syn::Result<Self> {
        let Some(ident) = field.ident.clone() else {
            return Err(syn::Error::new_spanned(field, "a field must have a name"));
        };
        check_name(&ident, role)?;
        let mut kind = None;
        for attribute in &field.attrs {
            let found = if attribute.path().is_ident("attr") {
                FieldKind::Attribute(Box::new(Flags::parse(attribute, role)?))
            } else if attribute.path().is_ident("block") {
                attribute.meta.require_path_only().map_err(|error| {
                    let message =
                        "a block does not accept options; set them on the fields of its struct";
                    syn::Error::new(error.span(), message)
                })?;
                FieldKind::Block
            } else {
                continue;
            };
            if kind.replace(found).is_some() {
                return Err(syn::Error::new_spanned(
                    attribute,
                    "a field must have exactly one of #[attr(…)] and #[block]",
                ));
            }
        }
        let missing = || {
            syn::Error::new_spanned(
                field,
                "missing attribute on the field; add #[attr(required)], #[attr(optional)], #[attr(computed)], or #[block]",
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
    fn parse(attribute: &Attribute, role: &Role) -> syn::Result<Self> {
        let mut flags = Self::default();
        attribute.parse_nested_meta(|meta| flags.read(&meta))?;
        flags.check(attribute)?;
        if role.is_stateless() {
            flags.check_stateless(attribute)?;
        }
        if flags.is_identity() {
            flags.check_identity(attribute, role)?;
        }
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
                let message = format!(
                    "unknown option; expected one of {}, default, validate, or deprecated",
                    WORDS.join(", ")
                );
                return Err(meta.error(message));
            }
        }
        Ok(())
    }

    /// Rejects options that only a managed resource supports.
    fn check_stateless(&self, attribute: &Attribute) -> syn::Result<()> {
        let only_managed = ["write_only", "requires_replace", "keep"];
        match only_managed.into_iter().find(|word| self.has(word)) {
            Some(word) => {
                let message = format!("only attributes of a managed resource can have `{word}`");
                Err(syn::Error::new_spanned(attribute, message))
            }
            None => Ok(()),
        }
    }

    /// Returns whether the attribute is part of the resource identity.
    pub(crate) fn is_identity(&self) -> bool {
        self.has("identity") || self.has("optional_identity")
    }

    /// Rejects an identity attribute whose value could change during the lifetime of the object, or that users must not see.
    fn check_identity(&self, attribute: &Attribute, role: &Role) -> syn::Result<()> {
        let refuse = |message| Err(syn::Error::new_spanned(attribute, message));
        if !matches!(role, Role::Resource { .. }) {
            return refuse("an identity attribute must be at the root of a managed resource");
        }
        if !self.has("requires_replace") && !self.has("keep") {
            return refuse(
                "an identity must not change during the lifetime of the object; add `requires_replace`, or `keep` if the attribute is computed",
            );
        }
        if self.has("sensitive") {
            return refuse("an identity is shown to users and must not be sensitive");
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
                "an attribute must be required, optional, computed, or both optional and computed",
            );
        }
        if required && (optional || computed) {
            return refuse("a required attribute cannot be optional or computed");
        }
        if self.default.is_some() && !optional {
            return refuse("only an optional attribute can have a default");
        }
        if self.has("write_only") && (computed || self.default.is_some()) {
            return refuse("a write-only attribute cannot be computed or have a default");
        }
        if self.has("keep") && !computed {
            return refuse("only a computed attribute can keep its prior value");
        }
        Ok(())
    }
}

/// Rejects names that cannot be used in a configuration. The protocol requires lowercase names, and Terraform and OpenTofu
/// reserve some argument names in each block type.
fn check_name(ident: &Ident, role: &Role) -> syn::Result<()> {
    let name = ident.unraw().to_string();
    let valid =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    if !name.chars().all(valid) {
        let message = format!(
            "an attribute name must consist of lowercase letters, digits, and underscores; rename `{name}`"
        );
        return Err(syn::Error::new(ident.span(), message));
    }
    let (reserved, block): (&[&str], _) = match role {
        Role::Resource { .. } => (&RESERVED_IN_RESOURCES, "resource"),
        Role::DataSource { .. } => (&RESERVED_IN_DATA, "data"),
        Role::Ephemeral { .. } => (&RESERVED_IN_DATA, "ephemeral"),
        Role::Provider => (&RESERVED_IN_PROVIDERS, "provider"),
        Role::Nested => return Ok(()),
    };
    if reserved.contains(&name.as_str()) {
        let message = format!("`{name}` is reserved in a {block} block; choose another name");
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
            let known = ["name", "version", "timeouts", "identity_version"];
            let options = Options::parse(attribute, &known)?;
            return Ok(Role::Resource {
                type_name: options.name(attribute)?,
                version: options.version.clone().ok_or_else(|| {
                    syn::Error::new_spanned(attribute, "a resource must have a version")
                })?,
                identity_version: options.identity_version,
                timeouts: options.timeouts,
            });
        }
        if attribute.path().is_ident("data_source") {
            let options = Options::parse(attribute, &["name", "timeouts"])?;
            return Ok(Role::DataSource {
                type_name: options.name(attribute)?,
                timeouts: options.timeouts,
            });
        }
        if attribute.path().is_ident("ephemeral_resource") {
            let options = Options::parse(attribute, &["name"])?;
            return Ok(Role::Ephemeral {
                type_name: options.name(attribute)?,
            });
        }
    }
    Ok(Role::Nested)
}

/// Options in `#[resource(…)]`, `#[data_source(…)]`, and `#[ephemeral_resource(…)]`.
#[derive(Default)]
struct Options {
    name: Option<LitStr>,
    version: Option<LitInt>,
    identity_version: Option<LitInt>,
    timeouts: Vec<(String, LitStr)>,
}

impl Options {
    fn parse(attribute: &Attribute, known: &[&str]) -> syn::Result<Self> {
        let mut options = Self::default();
        attribute.parse_nested_meta(|meta| {
            let word = meta.path.require_ident()?.to_string();
            if !known.contains(&word.as_str()) {
                let message = format!("unknown option; expected one of {}", known.join(", "));
                return Err(meta.error(message));
            }
            match word.as_str() {
                "name" => options.name = Some(meta.value()?.parse()?),
                "version" => options.version = Some(meta.value()?.parse()?),
                "identity_version" => options.identity_version = Some(meta.value()?.parse()?),
                _ => options.read_timeouts(&meta, known)?,
            }
            Ok(())
        })?;
        Ok(options)
    }

    fn read_timeouts(&mut self, meta: &ParseNestedMeta<'_>, known: &[&str]) -> syn::Result<()> {
        // Among the roles with timeouts, only a data source has no version. Its only operation is `read`.
        let operations: &[&str] = match known.contains(&"version") {
            true => &["create", "read", "update", "delete"],
            false => &["read"],
        };
        meta.parse_nested_meta(|timeout| {
            let operation = timeout.path.require_ident()?.to_string();
            if !operations.contains(&operation.as_str()) {
                let message = format!(
                    "unknown operation; expected one of {}",
                    operations.join(", ")
                );
                return Err(timeout.error(message));
            }
            self.timeouts.push((operation, timeout.value()?.parse()?));
            Ok(())
        })
    }

    fn name(&self, attribute: &Attribute) -> syn::Result<LitStr> {
        let missing = || {
            let kind = attribute.path().get_ident().map(ToString::to_string);
            let kind = kind.unwrap_or_default().replace('_', " ");
            syn::Error::new_spanned(attribute, format!("a {kind} must have a name"))
        };
        self.name.clone().ok_or_else(missing)
    }
}
