//! Tests the files that deliver a project: the workflows in `.github/` and the build specifications of the package
//! `pipeline`. Independent tools read them: PyYAML, actionlint, ShellCheck, and a JSON schema.

mod buildspecs;
mod preview;
mod read;
mod workflow;
