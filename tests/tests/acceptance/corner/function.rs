//! Functions under Terraform and OpenTofu: variadic, null, and unknown arguments, and errors that identify an argument.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::{Cli, Kind, Stack};

use super::{corner, rewrite, with_one_cli};
use crate::diagnostic::{Diagnostic, PLAN, Saying, expect_refused, run};

fn output(expression: &str) -> String {
    format!("output \"result\" {{\n  value = {expression}\n}}\n")
}

/// Returns the result of an expression.
fn result(cli: &Cli, expression: &str) -> Result<Value> {
    let stack = corner(cli, &output(expression))?.init()?;
    stack.succeed(&["apply", "-auto-approve", "-input=false"])?;
    match stack.outputs()?.get("result") {
        Some(output) => Ok(output.value.clone()),
        // The state does not contain outputs with a null value.
        None => Ok(Value::Null),
    }
}

#[test]
fn functions_return_results() -> Result<()> {
    with_one_cli(|cli| {
        for (expression, expected) in [
            (
                "provider::corner::join_words(\"-\", \"a\", \"b\", \"c\")",
                json!("a-b-c"),
            ),
            ("provider::corner::join_words(\"-\", \"a\")", json!("a")),
            (
                "provider::corner::add_up([{ name = \"ink\", count = 2 }, { name = \"ink\", count = 3 }], [\"ink\", \
                 \"pen\"])",
                json!({ "ink": 5, "pen": 0 }),
            ),
            ("provider::corner::kind_of([1, \"a\"])", json!("a tuple")),
            ("provider::corner::kind_of(tostring(null))", json!("null")),
            ("provider::corner::or_else(null, \"b\")", json!("b")),
            ("provider::corner::or_else(null, null)", Value::Null),
        ] {
            let found = result(cli, expression).with_context(|| expression.to_owned())?;
            assert_eq!(found, expected, "{expression}");
        }
        Ok(())
    })
}

#[test]
fn unknown_arguments_reach_only_functions_that_allow_them() -> Result<()> {
    with_one_cli(|cli| {
        let configuration = "resource \"terraform_data\" \"later\" {}\noutput \"joined\" {\n  value = \
                             provider::corner::join_words(\"-\", terraform_data.later.id)\n}\noutput \"kind\" {\n  value \
                             = provider::corner::kind_of(terraform_data.later.id)\n}\noutput \"part\" {\n  value = \
                             provider::corner::kind_of([terraform_data.later.id])\n}\n";
        let stack = corner(cli, configuration)?.init()?;
        let file = "plan.out";
        stack.succeed(&["plan", "-input=false", "-out", file])?;
        let plan: Value = serde_json::from_str(&stack.succeed(&["show", "-json", file])?)?;
        let changes = &plan["output_changes"];
        assert_eq!(changes["joined"]["after_unknown"], true);
        assert_eq!(changes["kind"]["after"], "unknown");
        assert_eq!(changes["part"]["after"], "unknown");
        Ok(())
    })
}

/// Returns the errors from a plan that must fail.
fn errors(stack: &Stack) -> Result<Vec<Diagnostic>> {
    let (finished, diagnostics) = run(stack, PLAN)?;
    ensure!(finished.code() == Some(1), "{finished:?}");
    Ok(diagnostics)
}

#[test]
fn errors_identify_the_argument() -> Result<()> {
    with_one_cli(|cli| {
        let stack = corner(cli, "")?.init()?;
        for (call, parameter, says) in [
            (
                "join_words(\"long\", \"a\")",
                Some("separator"),
                "must be at most 3 characters",
            ),
            (
                "join_words(\"-\", \"a\", \"\")",
                Some("words"),
                "must not be empty",
            ),
            (
                "join_words(\"-\", \"a\", \"b\", \"a\")",
                Some("words"),
                "must differ",
            ),
            ("join_words(null, \"a\")", Some("separator"), "null"),
            ("join_words(\"-\")", None, "at least one word"),
            (
                "add_up([{ name = \"ink\", count = 1.5 }], [])",
                Some("items"),
                "`[0].count` must be a whole number",
            ),
            (
                "add_up([], [\"ink\", \"\"])",
                Some("names"),
                "`[1]` must not be empty",
            ),
        ] {
            rewrite(&stack, &output(&format!("provider::corner::{call}")))?;
            let found = errors(&stack)?;
            let fits = |error: &Diagnostic| {
                let named = parameter.is_none_or(|parameter| error.detail.contains(parameter));
                named && error.detail.contains(says) && error.line.contains(call)
            };
            ensure!(
                found.len() == 1 && found.iter().all(fits),
                "{call}: expected an error about {parameter:?} that contains {says:?}, found {found:?}"
            );
        }
        Ok(())
    })
}

#[test]
fn function_panic_is_reported_without_the_argument() -> Result<()> {
    with_one_cli(|cli| {
        let call = "provider::corner::panic_with(\"secret-3f9a\")";
        let stack = corner(cli, &output(call))?.trace().init()?;
        let saying = Saying {
            at: Some("value = provider::corner::panic_with"),
            says: &["crashed in CallFunction", "message is not shown"],
        };
        let found = expect_refused(&stack, PLAN, &saying)?;
        ensure!(
            found
                .iter()
                .all(|error| !error.detail.contains("secret-3f9a")),
            "{found:?}"
        );
        let trace = stack.trace()?;
        ensure!(
            trace.contains("panic: the message is not shown"),
            "the provider did not panic"
        );
        ensure!(
            !trace.contains("secret-3f9a"),
            "the log contains the argument"
        );
        Ok(())
    })
}

#[test]
fn printed_schemas_contain_every_kind() -> Result<()> {
    with_one_cli(|cli| {
        let stack = corner(cli, "")?.init()?;
        let document = stack.schemas()?;
        let schema = &document["provider_schemas"];
        let schema = schema.as_object().and_then(|all| all.values().next());
        let schema = schema.context("the document contains no provider")?;
        let note = &schema["data_source_schemas"]["corner_note"]["block"];
        assert_eq!(note["attributes"]["text"]["computed"], true);
        ensure!(note["block_types"]["timeouts"].is_object(), "{note}");
        let lease = &schema["ephemeral_resource_schemas"]["corner_lease"]["block"];
        assert_eq!(lease["attributes"]["token"]["sensitive"], true);
        let join = &schema["functions"]["join_words"];
        assert_eq!(join["summary"], "Joins words.");
        assert_eq!(
            join["description"],
            "Joins words.\n\nEach word must be unique."
        );
        assert_eq!(join["return_type"], "string");
        assert_eq!(
            join["variadic_parameter"],
            json!({
                "name": "words",
                "type": "string",
                "description": "Words to join. Must not be empty.",
            })
        );
        let or_else = &schema["functions"]["or_else"];
        // OpenTofu does not print the deprecation message of a function, and Terraform 1.11 does not support
        // identities.
        let (deprecation, identity) = match cli.kind() {
            Kind::Terraform => (json!("Use coalesce instead."), Value::Null),
            Kind::Tofu => (Value::Null, json!(true)),
        };
        assert_eq!(or_else["deprecation_message"], deprecation);
        let place = &schema["resource_identity_schemas"]["corner_place"];
        assert_eq!(place["attributes"]["name"]["required_for_import"], identity);
        for parameter in [0, 1] {
            assert_eq!(or_else["parameters"][parameter]["is_nullable"], true);
        }
        Ok(())
    })
}
