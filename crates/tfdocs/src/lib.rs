//! Registry-format documentation pages from a provider's schema, hand-written templates and examples.
//!
//! Pure: takes texts and a schema, gives texts. It must not read a file, start a process or know a cloud.
//!
//! ```
//! use std::collections::BTreeMap;
//! use tfdocs::Source;
//! use tfschema::{Attribute, Block, ProviderSchema, Schema, Type};
//!
//! let greeting = Block::new()
//!     .describe("A greeting.")
//!     .attribute("name", Attribute::of(Type::String).required().describe("Who is greeted."));
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
//! assert!(pages["docs/resources/greeting.md"].contains("- `name` (String) Who is greeted."));
//! # Ok::<(), tfdocs::DocsError>(())
//! ```

mod function;
mod markdown;
pub mod module;
mod template;

use std::collections::{BTreeMap, BTreeSet};

use template::Actions;
use tfschema::{Function, ProviderSchema, Schema};

/// Everything that pages are made from.
pub struct Source<'a> {
    /// Short name of the provider; type names start with it and an underscore.
    pub provider: &'a str,
    /// Schemas of the provider.
    pub schema: &'a ProviderSchema,
    /// Hand-written page bodies by path: `index.md.tmpl`, `resources/greeting.md.tmpl`.
    pub templates: &'a BTreeMap<String, String>,
    /// Files that a template may show, by path: `examples/resources/hello_greeting/resource.tf`.
    pub examples: &'a BTreeMap<String, String>,
    /// The command that makes the pages; every page names it.
    pub made_by: &'a str,
}

/// Says why no pages can be made.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocsError {
    /// A template has an action that does not exist.
    #[error("templates/{template}: unknown action `{action}`; known are {known}")]
    UnknownAction {
        /// Path of the template.
        template: String,
        /// The action as it is written.
        action: String,
        /// The actions that there are.
        known: String,
    },
    /// An action is opened and never closed.
    #[error("templates/{template}: an action is opened by `{{{{` and never closed")]
    OpenAction {
        /// Path of the template.
        template: String,
    },
    /// A template shows a file that is not there.
    #[error("templates/{template}: there is no file {file}")]
    NoFile {
        /// Path of the template.
        template: String,
        /// The missing file.
        file: String,
    },
    /// A template leaves out a part that its readers need.
    #[error("templates/{template}: the page never places {{{{ {action} }}}}")]
    NotPlaced {
        /// Path of the template.
        template: String,
        /// The action that places the part.
        action: String,
    },
    /// A template stands for nothing that the provider has.
    #[error("templates/{template}: the provider has nothing of this name")]
    Orphan {
        /// Path of the template.
        template: String,
    },
    /// A package of modules has no root.
    #[error("the package has no root module")]
    NoRoot,
    /// Something that users see has no description.
    #[error("{address} has no description")]
    Undescribed {
        /// Type name, and the attribute path within it.
        address: String,
    },
}

/// Makes every page of a provider: `docs/index.md` and one page for each resource, data source, ephemeral resource and
/// function.
///
/// The keys are paths relative to the root of the repository.
///
/// # Errors
/// A template is malformed, shows a missing file, or belongs to nothing; or something has no description.
pub fn pages(source: &Source<'_>) -> Result<BTreeMap<String, String>, DocsError> {
    let mut pages = BTreeMap::new();
    let mut used = BTreeSet::new();
    for page in page_list(source) {
        let (path, template) = (page.path(), page.template());
        let text = page.render(source)?;
        used.insert(template);
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

/// One page to be: what it is about, and where it goes.
struct Page<'a> {
    kind: Kind,
    type_name: &'a str,
    provider: &'a str,
    content: Content<'a>,
}

/// What a page describes.
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
            None => self.plain_body(source, part),
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

    /// The lead of the page, as lists show it.
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

    /// The body of a page for which nobody wrote a template: description, example where there is one, schema.
    fn plain_body(&self, source: &Source<'_>, part: &str) -> String {
        let example = self.kind.example(self.type_name);
        let usage = match source.examples.contains_key(&example) {
            true => format!("## Example Usage\n\n{{{{ tffile \"{example}\" }}}}\n\n"),
            false => String::new(),
        };
        format!("{{{{ .Description }}}}\n\n{usage}{{{{ .{part} }}}}\n")
    }
}
