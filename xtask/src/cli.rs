//! The command line of `cargo xtask`: names, flags and the texts that `--help` prints. It decides nothing.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

const EXIT_CODES: &str = "\
Exit codes:
  0    done, everything holds
  1    something that was checked does not hold; the text says what, and what to do
  2    the command line is wrong
  3    a tool is missing; the text gives the command that installs it
  130  interrupted; every child process was ended first

Colour is used on a terminal unless NO_COLOR is set.";

/// Everything that is done in this repository is done by one of these commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands, in the order in which a newcomer meets them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say which tools this machine has, which are missing, and how to get them
    Doctor(Doctor),
    /// Apply the registry to a local AWS, look at what was made, and destroy it again
    ///
    /// No account and no container: a local AWS is started on this machine, and `tofu` or
    /// `terraform` applies examples/skreg to it, with hashicorp/aws and the provider of this
    /// repository. Every resource is then asked for by a direct API call, OpenSSL verifies the root
    /// certificate, a second plan must be empty, and after the destroy the API must be empty as
    /// well.
    #[command(verbatim_doc_comment)]
    Demo(Demo),
    /// Build the provider and put it where command lines can install it from
    ///
    /// Nothing outside this repository is changed: the mirror is below target/, and the line that is
    /// printed points a shell at it. With it, `init` finds skreg/skreg as it would in a registry.
    #[command(verbatim_doc_comment)]
    Install(Install),
    /// Start the local AWS and keep it until Ctrl-C, for trying things out by hand
    ///
    /// Prints the lines that point a shell at it. Every AWS tool in that shell then works with the
    /// local AWS and cannot reach a real account.
    #[command(verbatim_doc_comment)]
    Aws(Aws),
    /// Run every test, under every command line that is here
    ///
    /// Builds the provider first, and OpenTofu where no `tofu` is installed. Tests of examples and of
    /// the provider drive real command lines against a local AWS.
    #[command(verbatim_doc_comment)]
    Test(Test),
    /// Write what is generated: protocol code, schemas of our provider, builders, modules and documentation
    Gen(Gen),
    /// Start a package of modules, or show how one hangs together
    #[command(subcommand)]
    Module(Module),
    /// Bring schemas of other providers into schemas/, or list what is there
    #[command(subcommand)]
    Schema(Schema),
    /// Check the invariants of ARCHITECTURE.md; each check first has to find a violation made for it
    Tidy(Tidy),
    /// Measure, against a peer
    Bench(Bench),
}

/// Options of `doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Install what can be installed into the cache of this project: OpenTofu, the local AWS, the scanner of modules
    #[arg(long)]
    pub(crate) install: bool,
}

/// A command line that can be asked for by name.
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
    /// The command line to drive; without it `tofu` where there is one, else `terraform`, else OpenTofu is built
    #[arg(long, value_enum)]
    pub(crate) cli: Option<CliName>,
    /// Only this example; may be given again [default: skreg]
    #[arg(long = "example", value_name = "NAME")]
    pub(crate) examples: Vec<String>,
    /// Destroy nothing: the local AWS and the directories stay until Ctrl-C; the commands to look around are printed
    #[arg(long)]
    pub(crate) keep: bool,
}

/// Options of `install`.
#[derive(Debug, Args)]
pub(crate) struct Install {
    /// Build it as it is released: smaller and faster, and several minutes in the making
    #[arg(long)]
    pub(crate) release: bool,
}

/// Options of `aws`.
#[derive(Debug, Args)]
pub(crate) struct Aws {
    /// The port to listen on; any free one without it
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
}

/// Options of `test`.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Only tests whose name contains this
    pub(crate) filter: Option<String>,
    /// Command lines that have to be there; one that is missing is an error instead of a line in the summary
    #[arg(long, value_enum, value_delimiter = ',', value_name = "CLI,…")]
    pub(crate) require: Vec<CliName>,
    /// Run under these command lines only
    #[arg(long, value_enum, value_delimiter = ',', value_name = "CLI,…")]
    pub(crate) cli: Vec<CliName>,
    /// Memory for the commands that run at the same time, in MiB [default: three quarters of what is available]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) memory: Option<u32>,
    /// Interrupt operations at every API call with every fault, not at samples; takes about an hour
    #[arg(long)]
    pub(crate) full: bool,
}

/// Options of `gen`.
#[derive(Debug, Args)]
pub(crate) struct Gen {
    /// Only this generator
    #[arg(value_enum)]
    pub(crate) what: Option<Generator>,
    /// Write nothing; fail where a file differs, is missing, or is no longer generated
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) check: bool,
    /// Write nothing; say what would be written
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// What can be generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Generator {
    /// crates/tfplugin-proto/src/generated, from the .proto files beside it
    Proto,
    /// schemas/skreg-skreg, from the provider's program
    Schemas,
    /// crates/aws-blocks/src and crates/skreg-blocks/src, from schemas
    Builders,
    /// modules, from the declarations in catalog, templates and examples
    Modules,
    /// docs, from the provider's schema, templates and examples
    Docs,
    /// benches/peer/generated, from the schemas of the provider and of benches/subject
    Peer,
}

/// What `module` does.
#[derive(Debug, Subcommand)]
pub(crate) enum Module {
    /// Start a package: its declaration in catalog/, an example and a test, all of which work as they are
    New(New),
    /// Print what a package creates and what uses what
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
    /// Only this part of it, such as network
    #[arg(long)]
    pub(crate) part: Option<String>,
    /// As a diagram in the language of Mermaid, as the READMEs have it
    #[arg(long)]
    pub(crate) mermaid: bool,
}

/// What `schema` does.
#[derive(Debug, Subcommand)]
pub(crate) enum Schema {
    /// Import types of a provider, one document for each
    ///
    /// Without a type, the types that are there are imported again. Types are named as `aws_vpc`,
    /// `data.aws_region` and `ephemeral.aws_secretsmanager_secret_version`.
    #[command(verbatim_doc_comment)]
    Import(Import),
    /// List the providers and versions that are there
    List,
}

/// Options of `schema import`.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Source address of the provider
    #[arg(long, value_name = "NAMESPACE/TYPE")]
    pub(crate) provider: String,
    /// Its version
    #[arg(long)]
    pub(crate) version: String,
    /// What `providers schema -json` printed, or a schema that was read out of bindings, packed by gzip or not;
    /// without it, a command line installs the provider and prints them
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// Types to add to those that are there
    #[arg(value_name = "TYPE")]
    pub(crate) types: Vec<String>,
}

/// Options of `tidy`.
#[derive(Debug, Args)]
pub(crate) struct Tidy {
    /// Only show, for each invariant, the violations that were made for it and what was found
    #[arg(long)]
    pub(crate) self_test: bool,
}

/// Options of `bench`.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// What to measure
    #[arg(value_enum)]
    pub(crate) what: Measure,
    /// Print one JSON object of ratios as the last line
    #[arg(long)]
    pub(crate) json: bool,
    /// Runs of each side, taken in turns; 30 without it, and 3 of `rpc`, each of which takes minutes
    #[arg(long, value_parser = clap::value_parser!(u32).range(3..))]
    pub(crate) runs: Option<u32>,
    /// Resources that `rpc` takes through their calls, of all sizes together
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(3..))]
    pub(crate) resources: u32,
    /// One run of debug builds, to see that the bench works; its figures mean nothing
    #[arg(long, conflicts_with = "runs")]
    pub(crate) check: bool,
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measure {
    /// From schemas and declarations to checked and formatted modules
    Gen,
    /// Validate, plan, apply and read over the wire: RPCs per CPU-second, peak memory, size of the program
    Rpc,
    /// From the start of the provider process to its schema, over mutual TLS, and its peak memory
    Start,
}
