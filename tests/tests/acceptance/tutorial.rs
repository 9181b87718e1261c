//! Tests the provider from the framework tutorial.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tfharness::workspace::Action;
use tfharness::{Stack, Workspace};

use crate::clis::offline::with_every_cli;
use crate::diagnostic::{Saying, expect_refused};
use crate::example;

const ADDRESS: &str = "hello_greeting.world";

fn greeting(arguments: &str) -> String {
    format!(
        r#"
terraform {{
  required_providers {{
    hello = {{
      source = "hello/hello"
    }}
  }}
}}

provider "hello" {{
  directory = "."
}}

resource "hello_greeting" "world" {{
  {arguments}
}}
"#
    )
}

fn planned(stack: &Stack, arguments: &str) -> Result<Vec<Action>> {
    stack.write("main.tf", &greeting(arguments))?;
    let plan = stack.plan()?;
    Ok(plan
        .resource(ADDRESS)
        .context("the plan has no greeting")?
        .change
        .actions
        .clone())
}

#[test]
fn greetings_are_created_changed_replaced_and_removed() -> Result<()> {
    with_every_cli(|cli| {
        let workspace = Workspace::inline(greeting("name = \"world\"")).cli(cli);
        let stack = workspace
            .provider("hello/hello", example::program("hello")?)
            .apply()?;
        let file = |name: &str| fs::read_to_string(stack.directory().join(name));
        assert_eq!(file("world.txt")?, "5", "the default volume");
        let stored = stack.show()?.resources[ADDRESS].values.clone();
        assert_eq!(
            stored,
            json!({ "name": "world", "volume": 5, "phrases": [], "file": "./world.txt", "timeouts": null })
        );

        assert_eq!(
            planned(&stack, "name = \"world\"\n  volume = 7")?,
            [Action::Update]
        );
        stack.apply()?;
        assert_eq!(file("world.txt")?, "7");

        fs::write(stack.directory().join("world.txt"), "9")?;
        assert_eq!(
            planned(&stack, "name = \"world\"\n  volume = 7")?,
            [Action::Update],
            "drift in the volume"
        );
        fs::remove_file(stack.directory().join("world.txt"))?;
        assert_eq!(
            planned(&stack, "name = \"world\"")?,
            [Action::Create],
            "drift caused by deletion"
        );
        stack.apply()?;

        assert_eq!(
            planned(&stack, "name = \"moon\"")?,
            [Action::Delete, Action::Create]
        );
        stack.apply()?;
        ensure!(file("world.txt").is_err() && file("moon.txt")? == "5");

        stack.succeed(&["state", "rm", ADDRESS])?;
        stack.import(ADDRESS, "moon")?;
        stack.expect_empty_plan()?;

        stack.write("main.tf", &greeting("name = \"moon\"\n  volume = 11"))?;
        let says = Saying {
            at: Some("volume = 11"),
            says: &["between 0 and 10"],
        };
        expect_refused(&stack, &["plan"], &says)?;
        stack.write("main.tf", &greeting("name = \"moon\""))?;
        stack.destroy()?;
        ensure!(file("moon.txt").is_err());
        Ok(())
    })
}

#[test]
fn directory_known_only_at_apply_does_not_fail_the_plan() -> Result<()> {
    with_every_cli(|cli| {
        let configuration =
            greeting("name = \"world\"\n  phrases = [{ language = \"fr\", text = \"Bonjour\" }]")
                .replace(
                    "directory = \".\"",
                    "directory = terraform_data.directory.output",
                );
        let directory = "\nresource \"terraform_data\" \"directory\" {\n  input = \".\"\n}\n";
        let workspace = Workspace::inline(configuration + directory).cli(cli);
        let stack = workspace
            .provider("hello/hello", example::program("hello")?)
            .apply()?;
        let text = fs::read_to_string(stack.directory().join("world.txt"))?;
        assert_eq!(text, "5\nfr: Bonjour");
        stack.destroy()?;
        Ok(())
    })
}
