//! Packages: the tests that are written of declarations, what a published module owes, and what a reader is told of it.

use tfmodgen::prelude::*;
use tfmodgen::{Package, Problem, Schemas};

fn greeting() -> Module {
    let mut m = Module::new("greeting", "Greets.");
    m.header("Made by a test.");
    let name = m
        .variable("name", string())
        .describe("Who is greeted.")
        .validate(
            |name| matches("^[A-Z]", name),
            "A name begins with a capital letter.",
        )
        .refuses("nobody")
        .refuses("")
        .example("Ada");
    m.variable("mood", string())
        .describe("How it is said.")
        .default("friendly")
        .only_validated()
        .validate(|mood| one_of(mood, ["friendly"]), "It is said friendly.")
        .refuses("angry");
    let most = m
        .variable("most", number())
        .describe("At most so many.")
        .default(5)
        .validate(|most| most.at_least(0), "At most is not below zero.")
        .refuses(-1);
    m.variable("least", number())
        .describe("At least so many.")
        .only_validated()
        .default(1)
        .validate(
            |least| least.at_most(&*most),
            "At least no more than at most.",
        )
        .refuses(8);
    let size = m
        .variable(
            "size",
            object()
                .required("width", number())
                .optional_or("height", number(), 1),
        )
        .describe("How large the greeting is.")
        .only_validated()
        .default(Expr::object([("width", 40.into_expr())]));
    let text = m.local(
        "text",
        template(["Hello, ".into(), (&name).into(), "!".into()]),
    );
    m.scenario("greets", |scenario| {
        scenario
            .given(&name, "Bob")
            .given(&size, Expr::object([("width", 10.into_expr())]))
            .expect(text.equals("Hello, Bob!"), "Bob is greeted by name.")
    });
    m.output("text", &*text).describe("The greeting.");
    m
}

fn rendered(package: &Package) -> std::collections::BTreeMap<String, String> {
    package.render(&Schemas::new()).unwrap_or_else(|findings| {
        let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        panic!("{}", findings.join("\n"))
    })
}

#[test]
fn every_refused_value_is_in_a_run_and_every_scenario_is_one() {
    let files = rendered(&Package::new("sample", greeting()));
    assert_eq!(
        files["tests/inputs.tftest.hcl"],
        r#"# Made by a test.

variables {
  name = "Ada"
}

run "refuses_1" {
  command = plan

  variables {
    name = "nobody"
    mood = "angry"
    most = -1
  }

  expect_failures = [var.name, var.mood, var.most]
}

run "refuses_2" {
  command = plan

  variables {
    name  = ""
    least = 8
  }

  expect_failures = [var.name, var.least]
}
"#
    );
    assert_eq!(
        files["tests/plan.tftest.hcl"],
        r#"# Made by a test.

variables {
  name = "Ada"
}

run "greets" {
  command = plan

  variables {
    name = "Bob"
    size = { width = 10 }
  }

  assert {
    condition     = local.text == "Hello, Bob!"
    error_message = "Bob is greeted by name."
  }
}
"#
    );
}

#[test]
fn parts_lie_in_folders_of_their_own() {
    tfmodgen::inputs! {
        struct Inputs(input) {
            required name: Str = input.declare(string()).describe("Who is greeted.").example("Ada"),
        }
    }
    tfmodgen::outputs! {
        struct Outputs {
            /// The greeting.
            text: Str,
        }
    }
    let mut part = Module::new("greeting", "Greets.");
    let inputs = Inputs::declare(&mut part);
    part.scenario("greets", |scenario| {
        scenario
            .given(&inputs.name, "Bob")
            .expect(inputs.name.equals("Bob"), "Bob is greeted.")
    });
    let outputs = Outputs {
        text: output(template(["Hello, ".into(), (&inputs.name).into()])),
    };
    let part: Part<Inputs, Outputs> = Part::new(part, inputs, outputs);
    let mut root = Module::new("system", "Everything.");
    let name = "Eve".into_expr();
    let greeted = root.call(part.call("greeting", Inputs { name }));
    root.output("text", &greeted.text).describe("The greeting.");
    let files = rendered(&Package::new("sample", root).part(part));
    assert!(files["main.tf"].contains("source = \"./modules/greeting\""));
    assert!(files.contains_key("modules/greeting/variables.tf"));
    assert!(files.contains_key("modules/greeting/tests/plan.tftest.hcl"));
    // The root has neither validations nor scenarios.
    assert!(!files.contains_key("tests/plan.tftest.hcl"));
}

#[test]
fn a_validation_without_a_case_and_an_input_without_an_example_are_found() {
    let mut m = Module::new("greeting", "Greets.");
    m.variable("name", string())
        .describe("Who is greeted.")
        .validate(|name| name.differs(""), "A name is not empty.");
    let problems = Package::new("sample", m).check(&Schemas::new());
    let problems: Vec<&Problem> = problems.iter().map(|finding| &finding.problem).collect();
    assert!(matches!(
        problems[..],
        [Problem::NoExample, Problem::Untested, Problem::Unused]
    ));
}

#[test]
fn what_nothing_uses_is_found() {
    let mut m = Module::new("greeting", "Greets.");
    let input =
        |m: &mut Module, name: &str| m.variable(name, string()).describe("A text.").default("x");
    input(&mut m, "idle");
    input(&mut m, "only_validated").only_validated();
    let other = input(&mut m, "of_another_validation");
    let own = input(&mut m, "of_its_own_validation")
        .validate(|own| own.equals(&*other), "They are equal.")
        .refuses("y");
    m.local("idle", 1);
    let used = m.local("used", 1);
    m.output("it", &used).describe("It.");
    drop(own);
    let findings = Package::new("sample", m).check(&Schemas::new());
    let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
    let expected = [
        "greeting/variables.tf: variable.idle: nothing in the module uses it",
        "greeting/variables.tf: variable.of_its_own_validation: nothing in the module uses it",
        "greeting/main.tf: local.idle: nothing in the module uses it",
    ];
    assert_eq!(texts.len(), expected.len(), "{texts:?}");
    for (text, expected) in texts.iter().zip(expected) {
        assert!(text.starts_with(expected), "{text}");
    }
}

#[test]
fn a_value_is_kept_in_the_state_and_what_was_declared_once_is_left_alone() {
    let mut m = Module::new("zones", "Remembers zones.");
    let names = m
        .variable("names", list(string()))
        .describe("The zones of the first apply.")
        .default(["a"]);
    let kept = m.resource(
        tfmodgen::TerraformData::new("zones")
            .input(&names)
            .ignore_changes("input"),
    );
    m.output("names", kept.input::<List<Str>>())
        .describe("The zones.");
    m.removed(Address::resource("terraform_data", "old"));
    let files = rendered(&Package::new("sample", m));
    assert_eq!(
        files["main.tf"],
        r#"resource "terraform_data" "zones" {
  input = var.names

  lifecycle {
    ignore_changes = [input]
  }
}

removed {
  from = terraform_data.old

  lifecycle {
    destroy = false
  }
}
"#
    );
}

#[test]
fn what_is_still_declared_is_not_left_alone() {
    let mut m = Module::new("zones", "Remembers zones.");
    m.resource(tfmodgen::TerraformData::new("zones").input("a"));
    m.removed(Address::resource("terraform_data", "zones"));
    let findings = Package::new("sample", m).check(&Schemas::new());
    let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(
        texts.len() == 1 && texts[0].contains("terraform_data.zones is declared more than once"),
        "{texts:?}"
    );
}

#[test]
fn cases_and_scenarios_are_checked_like_everything_else() {
    let mut m = Module::new("greeting", "Greets.");
    let other = Module::new("other", "Other.").variable("elsewhere", string());
    let size = m
        .variable("size", number())
        .describe("How large it is.")
        .default(1)
        .validate(|size| size.less_than(9), "At most eight.")
        .refuses(tfmodgen::IntoExpr::<List<Num>>::into_expr([1]).typed::<Num>());
    m.scenario("sizes", |scenario| {
        scenario
            .given(&other, "x")
            .expect(size.equals(1), "no sentence")
    });
    let findings = Package::new("sample", m).check(&Schemas::new());
    let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(
        texts
            .iter()
            .any(|text| text.contains("variables.tf: variable.size: refuses")),
        "{texts:?}"
    );
    assert!(
        texts.iter().any(|text| text.contains(
            "tests/plan.tftest.hcl: run.sizes: elsewhere: var.elsewhere is not declared"
        )),
        "{texts:?}"
    );
    assert!(
        texts
            .iter()
            .any(|text| text.contains("\"no sentence\" is not a full sentence")),
        "{texts:?}"
    );
}

#[test]
fn a_summary_tells_inputs_outputs_and_what_refers_to_what() {
    let summary = greeting().summary();
    assert_eq!(summary.purpose, "Greets.");
    assert_eq!(summary.inputs[0].default, None);
    assert_eq!(
        summary.inputs[0].rules,
        ["A name begins with a capital letter."]
    );
    assert_eq!(summary.inputs[4].default.as_deref(), Some("{ width = 40 }"));
    assert_eq!(
        summary.inputs[4].ty,
        "object({\n  width  = number\n  height = optional(number, 1)\n})"
    );
    assert_eq!(summary.outputs[0].description, "The greeting.");
}
