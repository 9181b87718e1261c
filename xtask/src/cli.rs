//! Command line of `cargo xtask`: names, flags and `--help` texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

const EXIT_CODES: &str = "\
Exit codes:
  0    success
  1    a check or an operation failed; the output states the cause and the next step
  2    the command line is not valid
  3    a tool is missing; the output states the command that installs it
  130  interrupted; all child processes have exited

The output is coloured on a terminal unless NO_COLOR is set.";

/// Development commands of this repository
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands, in the order of a first visit.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check which tools are installed, and print how to install the missing ones
    Doctor(Doctor),
    /// Apply the registry to a local AWS, verify every resource, and destroy it again
    ///
    /// Needs no AWS account and no container. The command starts a local AWS on this machine and applies
    /// examples/skreg to it with `tofu` or `terraform`, hashicorp/aws and the provider of this repository.
    /// Then it verifies every resource with a direct API call and the root certificate with OpenSSL, and
    /// expects an empty second plan. After the destroy, the local AWS must be empty.
    #[command(verbatim_doc_comment)]
    Demo(Demo),
    /// Build the provider and install it into a local mirror
    ///
    /// Changes nothing outside this repository: the mirror is below target/. The command prints a line that
    /// configures your shell, so that `init` installs skreg/skreg from the mirror.
    #[command(verbatim_doc_comment)]
    Install(Install),
    /// Start the local AWS for manual use, and keep it running until Ctrl-C
    ///
    /// Prints the lines that configure your shell. Every AWS tool in that shell then uses the local AWS and
    /// cannot reach a real account.
    #[command(verbatim_doc_comment)]
    Aws(Aws),
    /// Run every test with every installed command line
    ///
    /// Builds the provider first, and OpenTofu if `tofu` is not installed. Tests of examples and of the
    /// provider run real command lines against a local AWS.
    #[command(verbatim_doc_comment)]
    Test(Test),
    /// Generate protocol code, provider schemas, builders, modules and documentation
    Gen(Gen),
    /// Create a package of modules, or print its structure
    #[command(subcommand)]
    Module(Module),
    /// Import provider schemas into schemas/, or list them
    #[command(subcommand)]
    Schema(Schema),
    /// Check the invariants of ARCHITECTURE.md; each check must first find a planted violation
    Tidy(Tidy),
    /// Measure performance against a peer
    Bench(Bench),
}

/// Options of `doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Install OpenTofu, the local AWS and the module scanner into the cache of this project, if missing
    #[arg(long)]
    pub(crate) install: bool,
}

/// A command line that can be selected by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CliName {
    /// OpenTofu
    Tofu,
    /// Terraform
    Terraform,
}

impl From<CliName> for tfharness::Kind {
    fn from(name: CliName) -> Self {
        match name {
            CliName::Tofu => Self::Tofu,
            CliName::Terraform => Self::Terraform,
        }
    }
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Command line to use [default: an installed `tofu`, else an installed `terraform`, else OpenTofu is built]
    #[arg(long, value_enum)]
    pub(crate) cli: Option<CliName>,
    /// Run only this example; can be repeated [default: skreg]
    #[arg(long = "example", value_name = "NAME")]
    pub(crate) examples: Vec<String>,
    /// Keep the local AWS and the directories until Ctrl-C, and print the commands to inspect them
    #[arg(long)]
    pub(crate) keep: bool,
}

/// Options of `install`.
#[derive(Debug, Args)]
pub(crate) struct Install {
    /// Build with the release profile: smaller and faster, but takes several minutes
    #[arg(long)]
    pub(crate) release: bool,
}

/// Options of `aws`.
#[derive(Debug, Args)]
pub(crate) struct Aws {
    /// Port to listen on; 0 selects any free port
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
}

/// Options of `test`.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Run only tests whose name contains this text
    pub(crate) filter: Option<String>,
    /// Command lines that must be installed; by default, missing ones are skipped and listed in the summary
    #[arg(long, value_enum, value_delimiter = ',', value_name = "CLI,…")]
    pub(crate) require: Vec<CliName>,
    /// Run only with these command lines
    #[arg(long, value_enum, value_delimiter = ',', value_name = "CLI,…")]
    pub(crate) cli: Vec<CliName>,
    /// Memory budget of concurrent commands, in MiB [default: three quarters of the available memory]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) memory: Option<u32>,
    /// Interrupt operations at every API call with every fault instead of at samples; takes about an hour
    #[arg(long)]
    pub(crate) full: bool,
}

/// Options of `gen`.
#[derive(Debug, Args)]
pub(crate) struct Gen {
    /// Run only this generator
    #[arg(value_enum)]
    pub(crate) what: Option<Generator>,
    /// Write nothing; fail if a file differs, is missing, or is no longer generated
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) check: bool,
    /// Write nothing; print the files that would change
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Generators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Generator {
    /// crates/tfplugin-proto/src/generated, from the .proto files beside it
    Proto,
    /// schemas/skreg-skreg, from the provider
    Schemas,
    /// crates/aws-blocks/src and crates/skreg-blocks/src, from schemas
    Builders,
    /// modules, from the declarations in catalog/, templates and examples
    Modules,
    /// docs, from the provider's schema, templates and examples
    Docs,
    /// benches/peer/generated, from the schemas of the provider and of benches/subject
    Peer,
}

/// Subcommands of `module`.
#[derive(Debug, Subcommand)]
pub(crate) enum Module {
    /// Create a package with a declaration in catalog/, an example and a test, which work unchanged
    New(New),
    /// Print what a package creates and the references between its blocks
    Graph(Graph),
}

/// Options of `module new`.
#[derive(Debug, Args)]
pub(crate) struct New {
    /// Name of the package, such as ml-api
    pub(crate) name: String,
}

/// Options of `module graph`.
#[derive(Debug, Args)]
pub(crate) struct Graph {
    /// Name of the package, such as skreg
    pub(crate) name: String,
    /// Only this submodule, such as network
    #[arg(long)]
    pub(crate) part: Option<String>,
    /// Print a Mermaid diagram, as used in the READMEs
    #[arg(long)]
    pub(crate) mermaid: bool,
}

/// Subcommands of `schema`.
#[derive(Debug, Subcommand)]
pub(crate) enum Schema {
    /// Import types of a provider, one document per type
    ///
    /// Without types, the command imports the existing types again. Examples of type names: `aws_vpc`,
    /// `data.aws_region`, `ephemeral.aws_secretsmanager_secret_version`.
    #[command(verbatim_doc_comment)]
    Import(Import),
    /// List imported providers and versions
    List,
}

/// Options of `schema import`.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Source address of the provider
    #[arg(long, value_name = "NAMESPACE/TYPE")]
    pub(crate) provider: String,
    /// Version of the provider
    #[arg(long)]
    pub(crate) version: String,
    /// Output of `providers schema -json`, or a schema extracted from bindings, optionally gzipped
    /// [default: a command line installs the provider and prints its schema]
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// Types to add to those already imported
    #[arg(value_name = "TYPE")]
    pub(crate) types: Vec<String>,
}

/// Options of `tidy`.
#[derive(Debug, Args)]
pub(crate) struct Tidy {
    /// For each invariant, print only the planted violations that its check found
    #[arg(long)]
    pub(crate) self_test: bool,
}

/// Options of `bench`.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Bench to run
    #[arg(value_enum)]
    pub(crate) what: Measure,
    /// Print the ratios as one JSON object on the last line
    #[arg(long)]
    pub(crate) json: bool,
    /// Runs of each side, in alternation [default: 30, and 3 for `rpc`, whose runs take minutes]
    #[arg(long, value_parser = clap::value_parser!(u32).range(3..))]
    pub(crate) runs: Option<u32>,
    /// Number of resources that `rpc` creates, over all sizes
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(3..))]
    pub(crate) resources: u32,
    /// Run debug builds once to check that the bench works; the figures are meaningless
    #[arg(long, conflicts_with = "runs")]
    pub(crate) check: bool,
}

/// Benches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measure {
    /// From schemas and declarations to checked and formatted modules
    Gen,
    /// Validate, plan, apply and read over the wire: RPCs per CPU-second, peak memory, size of the program
    Rpc,
    /// From the start of the provider process to its schema, over mutual TLS, and its peak memory
    Start,
}
