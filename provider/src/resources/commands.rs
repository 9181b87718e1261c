//! Formats Terraform and OpenTofu commands for diagnostics.
//!
//! A provider cannot detect which CLI runs it: both CLIs send the same handshake, and their version numbers overlap.
//! Therefore, commands are printed without the program name, and [`listing`] names both programs.

/// Returns commands as indented lines, followed by a sentence that names the programs that can run them.
#[must_use]
pub fn listing(commands: &[String]) -> String {
    let pronoun = match commands {
        [_] => "the command",
        _ => "the commands",
    };
    let lines = commands.join("\n");
    format!("{lines}\n\nRun {pronoun} with tofu or terraform.")
}

/// Returns the command that imports a resource instance, as an indented line.
#[must_use]
pub fn import(address: &str, id: &str) -> String {
    format!("    import {address} '{id}'")
}

/// Like [`import`], but the ID is a shell expression, such as the output of a command.
#[must_use]
pub fn import_expression(address: &str, expression: &str) -> String {
    format!("    import {address} \"{expression}\"")
}

/// Returns the command that removes a resource instance from the state, as an indented line.
#[must_use]
pub fn state_rm(address: &str) -> String {
    format!("    state rm {address}")
}

/// Returns the command that untaints a resource instance, as an indented line.
#[must_use]
pub fn untaint(address: &str) -> String {
    format!("    untaint {address}")
}

/// Returns the command that destroys a resource instance, as an indented line.
#[must_use]
pub fn destroy(address: &str) -> String {
    format!("    destroy -target={address}")
}

/// Returns the command that continues a destroy operation, as an indented line. With a refresh, both CLIs first plan the whole
/// configuration, including the objects that the operation has already deleted.
#[must_use]
pub fn destroy_without_refresh() -> String {
    "    destroy -refresh=false".to_owned()
}

/// Returns the command that applies the configuration, as an indented line.
#[must_use]
pub fn apply() -> String {
    "    apply".to_owned()
}
