//! Tests rendered calls to parts, and inputs that a package copies from a part.

use tfmodgen::prelude::*;
use tfmodgen::{Package, Schemas};

tfmodgen::inputs! {
    /// Inputs of a range.
    struct Inputs(input, most: i64) {
        required first: Num = input
            .declare(number())
            .describe("First number.")
            .example(1),
        optional last: Num = input
            .declare(number())
            .describe("Last number.")
            .default(most)
            .validate(
                |last| last.at_most(most).and(last.at_least(&*first)),
                "The last number must not be before the first.",
            )
            .refuses(0),
    }
}

tfmodgen::outputs! {
    /// Outputs of a range.
    struct Outputs {
        /// Count of numbers,
        /// both ends included.
        count: Num,
    }
}

fn range() -> Part<Inputs, Outputs> {
    let mut m = Module::new("range", "A range of numbers.");
    let inputs = Inputs::declare(&mut m, 9);
    let count = (*inputs.last).clone() - &*inputs.first + 1;
    let outputs = Outputs {
        count: output(count).sensitive(),
    };
    Part::new(m, inputs, outputs)
}

fn main_file(root: Module, part: Part<Inputs, Outputs>) -> String {
    let files = Package::new("sample", root)
        .part(part)
        .render(&Schemas::new());
    let files = files.unwrap_or_else(|findings| panic!("{}", findings[0]));
    format!("{}{}", files["main.tf"], files["outputs.tf"])
}

#[test]
fn call_omits_inputs_that_keep_their_defaults() {
    let range = range();
    let mut root = Module::new("system", "All.");
    let few = Inputs {
        first: 1.into_expr(),
        last: None,
    };
    let few = root.call(range.call("few", few));
    let many = Inputs {
        last: Some(8.into_expr()),
        first: few.count.clone(),
    };
    let call = range
        .call("many", many)
        .comment("After the first.")
        .argument_comment(|inputs| inputs.last, "Not all.")
        .depends_on(&few);
    root.call(call);
    assert_eq!(
        main_file(root, range),
        r#"module "few" {
  source = "./modules/range"

  first = 1
}

# After the first.
module "many" {
  source = "./modules/range"

  first = module.few.count

  # Not all.
  last = 8

  depends_on = [module.few]
}
"#
    );
}

#[test]
fn calls_with_for_each_or_a_condition_have_outputs() {
    let range = range();
    let mut root = Module::new("system", "All.");
    let on = root
        .variable("on", bool())
        .describe("Whether it is on.")
        .example(true);
    let inputs = |first: Expr<Num>| Inputs { first, last: None };
    let firsts: Expr<Map<Num>> = [("a", 1), ("b", 2)].into_expr();
    let each = range.call_for_each("each", firsts, |each| inputs(each.value()));
    let each = root.call(each);
    let maybe = range.call("maybe", inputs(1.into_expr())).when(&on);
    let maybe = root.call(maybe);
    root.output("b", each.get("b").count.clone())
        .describe("The second.")
        .sensitive();
    root.output("maybe", maybe.one(|range| range.count.clone()))
        .describe("The last.")
        .sensitive();
    let text = main_file(root, range);
    for part in [
        "first = each.value",
        "count  = var.on ? 1 : 0\n\n  first = 1",
        "value       = module.each[\"b\"].count",
        "value       = one(module.maybe[*].count)",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn copied_input_uses_its_new_name_in_validations() {
    let range = range();
    let mut root = Module::new("system", "All.");
    tfmodgen::inputs! {
        struct Copied(input, part: &Part<Inputs, Outputs>) {
            required first: Num = input.copy(&part.inputs().first),
            optional end: Num = input.copy(&part.inputs().last),
        }
    }
    let inputs = Copied::declare(&mut root, &range);
    let call = Inputs {
        first: inputs.first.forward(),
        last: inputs.end.forward(),
    };
    root.call(range.call("range", call));
    let files = Package::new("sample", root)
        .part(range)
        .render(&Schemas::new());
    let files = files.unwrap_or_else(|findings| panic!("{}", findings[0]));
    assert!(files["main.tf"].contains("first = var.first\n  last  = var.end"));
    assert!(
        files["variables.tf"].contains("condition     = var.end <= 9 && var.end >= var.first"),
        "{}",
        files["variables.tf"]
    );
    assert!(files["tests/inputs.tftest.hcl"].contains("expect_failures = [var.end]"));
    assert!(files["modules/range/variables.tf"].contains("var.last <= 9 && var.last >= var.first"));
}

#[test]
fn field_documentation_is_the_output_description() {
    let text = main_file(Module::new("system", "All."), range());
    assert_eq!(text, "", "the root module has no outputs");
    let files = Package::new("sample", range()).render(&Schemas::new()).ok();
    assert_eq!(
        files.map(|files| files["outputs.tf"].clone()).as_deref(),
        Some(
            r#"output "count" {
  description = "Count of numbers, both ends included."
  value       = var.last - var.first + 1
  sensitive   = true
}
"#
        )
    );
}
