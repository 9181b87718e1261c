//! Generates documentation pages in registry format from a provider's schema, handwritten templates, and examples.
//!
//! All input and output is passed as strings and schemas. The crate must not read files, start processes, or depend on
//! a cloud provider.
//!
//! ```
//! use std::collections::BTreeMap;
//! use tfdocs::Source;
//! use tfschema::{Attribute, Block, ProviderSchema, Schema, Type};
//!
//! let greeting = Block::new()
//!     .describe("A greeting.")
//!     .attribute("name", Attribute::of(Type::String).required().describe("Name of the person to greet."));
//! let source = Source {
//!     provider: "hello",
//!     schema: &ProviderSchema {
//!         provider: Schema::new(0, Block::new().describe("Greets people.")),
//!         resources: BTreeMap::from([("hello_greeting".into(), Schema::new(0, greeting))]),
//!         ..ProviderSchema::default()
//!     },
//!     templates: &BTreeMap::new(),
//!     examples: &BTreeMap::new(),
//!     made_by: "make docs",
//! };
//! let pages = tfdocs::pages(&source)?;
//! assert!(pages["docs/resources/greeting.md"].contains("- `name` (String) Name of the person to greet."));
//! # Ok::<(), tfdocs::DocsError>(())
//! ```

mod function;
mod guide;
mod markdown;
pub mod module;
mod template;

use std::collections::{BTreeMap, BTreeSet};

use template::Actions;
use tfschema::{Function, ProviderSchema, Schema};

/// Input for page generation.
pub struct Source<'a> {
    /// Short name of the provider. Type names start with this name and an underscore.
    pub provider: &'a str,
    /// Schemas of the provider.
    pub schema: &'a ProviderSchema,
    /// Handwritten page bodies by path, such as `index.md.tmpl`, `resources/greeting.md.tmpl`, or `guides/upgrade.md.tmpl`.
    pub templates: &'a BTreeMap<String, String>,
    /// Files that templates can include, by path, such as `examples/resources/hello_greeting/resource.tf`. The files do not
    /// have to exist on disk.
    pub examples: &'a BTreeMap<String, String>,
    /// Command that generates the pages. Every page shows this command.
    pub made_by: &'a str,
}

/// Error in page generation.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocsError {
    /// A template contains an unknown action.
    #[error("templates/{template}: unknown action `{action}`; expected one of {known}")]
    UnknownAction {
        /// Path of the template.
        template: String,
        /// Action in the template.
        action: String,
        /// Supported actions.
        known: String,
    },
    /// An action is not closed.
    #[error("templates/{template}: `{{{{` has no matching `}}}}`")]
    OpenAction {
        /// Path of the template.
        template: String,
    },
    /// A template includes a file that does not exist.
    #[error("templates/{template}: file {file} does not exist")]
    NoFile {
        /// Path of the template.
        template: String,
        /// Path of the missing file.
        file: String,
    },
    /// A template omits a required part.
    #[error("templates/{template}: {{{{ {action} }}}} is required")]
    NotPlaced {
        /// Path of the template.
        template: String,
        /// Action that inserts the part.
        action: String,
    },
    /// A guide does not start with a title and a paragraph.
    #[error(
        "templates/{template}: a guide is an .md.tmpl file that starts with a title (# Title) and a paragraph"
    )]
    NoTitle {
        /// Path of the template.
        template: String,
    },
    /// A template does not belong to a page.
    #[error("templates/{template}: the provider has no type or function with this name")]
    Orphan {
        /// Path of the template.
        template: String,
    },
    /// A package has no root module.
    #[error("the package has no root module")]
    NoRoot,
    /// A type, function, attribute, or parameter has no description.
    #[error("{address} has no description")]
    Undescribed {
        /// Type name, followed by the attribute path.
        address: String,
    },
}

/// Generates the pages of a provider: `docs/index.md`, and one page for each resource, data source, ephemeral resource,
/// function, and guide. Templates in `guides/` are guides.
///
/// The keys are paths relative to the repository root.
///
/// # Errors
/// Returns an error if a template is malformed, includes a missing file, or does not belong to a page, or if a
/// description is missing.
pub fn pages(source: &Source<'_>) -> Result<BTreeMap<String, String>, DocsError> {
    let mut pages = BTreeMap::new();
    let mut used = BTreeSet::new();
    for page in page_list(source) {
        let (path, template) = (page.path(), page.template());
        let text = page.render(source)?;
        used.insert(template);
        pages.insert(path, text);
    }
    let guides = source.templates.iter();
    for (template, text) in guides.filter(|(template, _)| guide::is_guide(template)) {
        let (path, text) = guide::page(source, template, text)?;
        used.insert(template.clone());
        pages.insert(path, text);
    }
    match source.templates.keys().find(|name| !used.contains(*name)) {
        Some(orphan) => Err(DocsError::Orphan {
            template: orphan.clone(),
        }),
        None => Ok(pages),
    }
}

fn page_list<'a>(source: &Source<'a>) -> Vec<Page<'a>> {
    let schema = source.schema;
    let index = Page {
        kind: Kind::Provider,
        type_name: source.provider,
        provider: source.provider,
        content: Content::Schema(&schema.provider),
    };
    let of = |kind, schemas: &'a BTreeMap<String, Schema>| {
        schemas.iter().map(move |(name, schema)| Page {
            kind,
            type_name: name,
            provider: source.provider,
            content: Content::Schema(schema),
        })
    };
    let functions = schema.functions.iter().map(|(name, function)| Page {
        kind: Kind::Function,
        type_name: name,
        provider: source.provider,
        content: Content::Function(function),
    });
    std::iter::once(index)
        .chain(of(Kind::Resource, &schema.resources))
        .chain(of(Kind::DataSource, &schema.data_sources))
        .chain(of(Kind::Ephemeral, &schema.ephemeral_resources))
        .chain(functions)
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Provider,
    Resource,
    DataSource,
    Ephemeral,
    Function,
}

impl Kind {
    fn title(self) -> &'static str {
        match self {
            Self::Provider => "Provider",
            Self::Resource => "Resource",
            Self::DataSource => "Data Source",
            Self::Ephemeral => "Ephemeral Resource",
            Self::Function => "function",
        }
    }

    fn folder(self) -> Option<&'static str> {
        match self {
            Self::Provider => None,
            Self::Resource => Some("resources"),
            Self::DataSource => Some("data-sources"),
            Self::Ephemeral => Some("ephemeral-resources"),
            Self::Function => Some("functions"),
        }
    }

    fn example(self, type_name: &str) -> String {
        match self {
            Self::Provider => "examples/provider/provider.tf".into(),
            Self::Resource => format!("examples/resources/{type_name}/resource.tf"),
            Self::DataSource => format!("examples/data-sources/{type_name}/data-source.tf"),
            Self::Ephemeral => {
                format!("examples/ephemeral-resources/{type_name}/ephemeral-resource.tf")
            }
            Self::Function => format!("examples/functions/{type_name}/function.tf"),
        }
    }
}

/// A page to generate.
struct Page<'a> {
    kind: Kind,
    type_name: &'a str,
    provider: &'a str,
    content: Content<'a>,
}

/// Subject of a page.
enum Content<'a> {
    Schema(&'a Schema),
    Function(&'a Function),
}

impl Page<'_> {
    fn stem(&self) -> String {
        let short = self
            .type_name
            .strip_prefix(self.provider)
            .and_then(|rest| rest.strip_prefix('_'))
            .unwrap_or(self.type_name);
        match self.kind.folder() {
            None => "index".into(),
            Some(folder) => format!("{folder}/{short}"),
        }
    }

    fn path(&self) -> String {
        format!("docs/{}.md", self.stem())
    }

    fn template(&self) -> String {
        format!("{}.md.tmpl", self.stem())
    }

    fn render(&self, source: &Source<'_>) -> Result<String, DocsError> {
        let (part, rendered) = match self.content {
            Content::Schema(schema) => {
                let rendered = markdown::schema(self.type_name, &schema.block)?;
                ("SchemaMarkdown", rendered)
            }
            Content::Function(function) => {
                let rendered = function::signature(self.type_name, function)?;
                ("SignatureMarkdown", rendered)
            }
        };
        let description = self.description();
        let name = self.template();
        let body = match source.templates.get(&name) {
            Some(text) => text.clone(),
            None => self.default_body(source, part),
        };
        let actions = Actions {
            parts: &[("Description", description, false), (part, &rendered, true)],
            files: source.examples,
        };
        let body = template::expand(&name, &body, &actions)?;
        let title = match self.kind {
            Kind::Provider => format!("{} Provider", self.provider),
            Kind::Function => format!("function: {}", self.type_name),
            kind => format!("{} ({})", self.type_name, kind.title()),
        };
        Ok(format!(
            "{}\n# {title}\n\n{}\n",
            self.front_matter(source.made_by),
            body.trim()
        ))
    }

    fn description(&self) -> &str {
        match self.content {
            Content::Schema(schema) => schema.block.description.trim(),
            Content::Function(function) => function.description.trim(),
        }
    }

    /// Returns the summary of the page, for lists.
    fn summary(&self) -> &str {
        match self.content {
            Content::Function(function) if !function.summary.is_empty() => &function.summary,
            _ => self.description().split("\n\n").next().unwrap_or_default(),
        }
    }

    fn front_matter(&self, made_by: &str) -> String {
        let page_title = match self.kind {
            Kind::Provider => format!("Provider: {}", self.provider),
            kind => format!("{} {} - {}", self.type_name, kind.title(), self.provider),
        };
        let indented: Vec<String> = self
            .summary()
            .lines()
            .map(|line| format!("  {line}"))
            .collect();
        format!(
            "---\n# Generated by {made_by}; do not edit.\npage_title: \"{page_title}\"\ndescription: |-\n{}\n---\n",
            indented.join("\n")
        )
    }

    /// Returns the default body for a page without a template: the description, the example if it exists, and the
    /// schema.
    fn default_body(&self, source: &Source<'_>, part: &str) -> String {
        let example = self.kind.example(self.type_name);
        let usage = match source.examples.contains_key(&example) {
            true => format!("## Example Usage\n\n{{{{ tffile \"{example}\" }}}}\n\n"),
            false => String::new(),
        };
        format!("{{{{ .Description }}}}\n\n{usage}{{{{ .{part} }}}}\n")
    }
}
