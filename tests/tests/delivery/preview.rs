//! The workflows in `examples/preview-workflows`: their structure, and a dry run of each path of the life cycle.

mod events;
mod expression;
mod fake_github;
mod interpreter;
mod paths;
mod program;
mod runner;
mod structure;
