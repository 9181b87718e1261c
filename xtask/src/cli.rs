//! Command-line interface of `cargo xtask`: names, flags, and `--help` output.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

const EXIT_CODES: &str = "\
Exit codes:
  0    success
  1    a check or an operation failed; the output states the cause and the next step
  2    the command line is not valid
  3    a tool is missing; the output states the command that installs it
  130  interrupted; all child processes have exited

The output is colored on a terminal unless NO_COLOR is set.";

/// Development commands of this repository
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands, in the order in which new contributors need them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check which tools are installed, and print how to install missing tools
    Doctor(Doctor),
    /// Apply the registry to a local AWS emulator, verify every resource, and destroy the registry
    ///
    /// Requires no AWS account and no container. The command starts an AWS emulator on this machine and
    /// applies examples/skreg to it with `tofu` or `terraform`, hashicorp/aws, and the provider in this
    /// repository. Then it verifies every resource with a direct API call and the root certificate with
    /// OpenSSL, and expects an empty second plan. After the destroy operation, the emulator must contain no
    /// resources.
    #[command(verbatim_doc_comment)]
    Demo(Demo),
    /// Build the provider and install it into a local mirror
    ///
    /// Changes nothing outside this repository: the mirror is in target/. The command prints a line that
    /// configures your shell to install skreg/skreg from the mirror during `init`.
    #[command(verbatim_doc_comment)]
    Install(Install),
    /// Start the local AWS emulator for manual use, and keep it running until you press Ctrl-C
    ///
    /// Prints the lines that configure your shell. Every AWS tool in that shell then uses the emulator and
    /// cannot reach a real account.
    #[command(verbatim_doc_comment)]
    Aws(Aws),
    /// Run every test with every installed CLI
    ///
    /// Builds the provider first, and OpenTofu if `tofu` is not installed. Tests of the examples and the
    /// provider run `tofu` and `terraform` against a local AWS emulator.
    ///
    /// `cargo xtask test kubernetes` runs an optional suite instead, which applies the objects of preview
    /// environments to a Kubernetes API server on this machine. The first run builds etcd, the API server, the
    /// controller manager, and Helm from their Go modules into the project cache, which takes about 20 minutes.
    #[command(verbatim_doc_comment)]
    Test(Test),
    /// Generate protocol code, provider schemas, builders, modules, and documentation
    Gen(Gen),
    /// Create a module package, or print its structure
    #[command(subcommand)]
    Module(Module),
    /// Import provider schemas into schemas/, or list them
    #[command(subcommand)]
    Schema(Schema),
    /// Check the invariants in ARCHITECTURE.md; each check must first find a planted violation
    Tidy(Tidy),
    /// Measure performance against a peer
    ///
    /// Builds both implementations with the release profile, runs them in alternation, and prints a table of
    /// medians with the ratio of this project to the peer. A ratio below 1 means less time or memory. Medians of
    /// the same run can be compared; times of different runs depend on the load of the machine.
    ///
    /// To check that a benchmark works, add `--check`. To record a result, add `--json`.
    #[command(verbatim_doc_comment)]
    Bench(Bench),
}

/// Options for `doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Install OpenTofu, the local AWS emulator, and the module scanner into the project cache, if missing
    #[arg(long)]
    pub(crate) install: bool,
}

/// A CLI that can be selected by name.
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

/// Options for `demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// CLI to use [default: the installed `tofu`, else the installed `terraform`, else an OpenTofu build]
    #[arg(long, value_enum)]
    pub(crate) cli: Option<CliName>,
    /// Run only this example; can be repeated [default: skreg]
    #[arg(long = "example", value_name = "NAME")]
    pub(crate) examples: Vec<String>,
    /// Keep the emulator and the directories until you press Ctrl-C, and print the commands to inspect them
    #[arg(long)]
    pub(crate) keep: bool,
}

/// Options for `install`.
#[derive(Debug, Args)]
pub(crate) struct Install {
    /// Build with the release profile: smaller and faster, but takes several minutes
    #[arg(long)]
    pub(crate) release: bool,
}

/// Options for `aws`.
#[derive(Debug, Args)]
pub(crate) struct Aws {
    /// Port to listen on; 0 selects any available port
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// On exit, list the responses that do not satisfy the service models of AWS, and the requests that were not
    /// checked
    #[arg(long)]
    pub(crate) report: bool,
}

/// Options for `test`.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Run only tests whose name contains this string, or the optional suite `kubernetes`
    pub(crate) filter: Option<String>,
    /// CLIs that must be installed; by default, missing CLIs are skipped and listed in the summary
    #[arg(long, value_enum, value_delimiter = ',', value_name = "CLI,…")]
    pub(crate) require: Vec<CliName>,
    /// Run only with these CLIs
    #[arg(long, value_enum, value_delimiter = ',', value_name = "CLI,…")]
    pub(crate) cli: Vec<CliName>,
    /// Memory budget for concurrent commands, in MiB [default: depends on the available memory and the processors]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) memory: Option<u32>,
    /// Run every test with every CLI instead of one, and inject every fault at every API call; takes hours
    #[arg(long)]
    pub(crate) full: bool,
}

/// Options for `gen`.
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
    /// crates/tfplugin-proto/src/generated, from the .proto files in crates/tfplugin-proto/proto
    Proto,
    /// schemas/skreg-skreg, from the provider
    Schemas,
    /// crates/aws-blocks/src and crates/skreg-blocks/src, from schemas
    Builders,
    /// modules, and the table of parts in ARCHITECTURE.md, from the declarations in catalog/, templates, and examples
    Modules,
    /// docs, from the provider's schema, templates, and examples
    Docs,
    /// benches/peer/generated, from the schemas of the provider and benches/subject
    Peer,
}

/// Subcommands of `module`.
#[derive(Debug, Subcommand)]
pub(crate) enum Module {
    /// Create a package with a declaration in catalog/, an example, and a test, all of which work unchanged
    New(New),
    /// Print the resources that a package creates and the references between its blocks
    Graph(Graph),
}

/// Options for `module new`.
#[derive(Debug, Args)]
pub(crate) struct New {
    /// Name of the package, such as ml-api
    pub(crate) name: String,
}

/// Options for `module graph`.
#[derive(Debug, Args)]
pub(crate) struct Graph {
    /// Name of the package, such as skreg
    pub(crate) name: String,
    /// Print only this submodule, such as network
    #[arg(long)]
    pub(crate) part: Option<String>,
    /// Print a Mermaid diagram, as used in the READMEs
    #[arg(long)]
    pub(crate) mermaid: bool,
}

/// Subcommands of `schema`.
#[derive(Debug, Subcommand)]
pub(crate) enum Schema {
    /// Import provider types, one document per type
    ///
    /// If you specify no types, the command imports the existing types again. Type name examples: `aws_vpc`,
    /// `data.aws_region`, `ephemeral.aws_secretsmanager_secret_version`.
    #[command(verbatim_doc_comment)]
    Import(Import),
    /// List imported providers and versions
    List,
}

/// Options for `schema import`.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Source address of the provider
    #[arg(long, value_name = "NAMESPACE/TYPE")]
    pub(crate) provider: String,
    /// Version of the provider
    #[arg(long)]
    pub(crate) version: String,
    /// Output of `providers schema -json`, or a schema extracted from bindings, optionally gzipped [default: a CLI
    /// installs the provider and prints its schema]
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// Types to import in addition to the existing types
    #[arg(value_name = "TYPE")]
    pub(crate) types: Vec<String>,
}

/// Options for `tidy`.
#[derive(Debug, Args)]
pub(crate) struct Tidy {
    /// Print only the planted violations that the check for each invariant found
    #[arg(long)]
    pub(crate) self_test: bool,
}

/// Options for `bench`.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Benchmark to run
    #[arg(value_enum)]
    pub(crate) what: Measure,
    /// Print the ratios as one JSON object on the last line
    #[arg(long)]
    pub(crate) json: bool,
    /// Number of alternating runs for each implementation [default: 30, or 10 for `pki` and 3 for `double` and `rpc`,
    /// whose runs take longer]
    #[arg(long, value_parser = clap::value_parser!(u32).range(3..))]
    pub(crate) runs: Option<u32>,
    /// Number of resources that `rpc` creates, across all sizes
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(3..))]
    pub(crate) resources: u32,
    /// Run debug builds once to check that the benchmark works; the results are meaningless
    #[arg(long, conflicts_with = "runs")]
    pub(crate) check: bool,
}

/// Benchmarks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measure {
    /// `validate` of a package with doubles and with the real providers: time, CPU time, and peak memory; and the
    /// commands from `init` to `destroy` with doubles
    Double,
    /// From schemas and declarations to checked and formatted modules
    Gen,
    /// Creation of roots, and revocation lists with 10,000 and 100,000 entries, signed and published to the local AWS
    /// emulator: CPU time with quartiles, and peak memory
    Pki,
    /// Validate, plan, apply, and read over the wire: RPCs per CPU second, peak memory, and program size
    Rpc,
    /// From the start of the provider process to its schema over mutual TLS, and the peak memory
    Start,
}
