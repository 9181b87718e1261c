//! Prints a module of random expressions with their expected values as a JSON document: `{"files": {name: text},
//! "values": {output: value}}`. The argument is the seed. A test evaluates the module with Terraform or OpenTofu and
//! compares the values. This program computes the values in Rust, independently of the renderer.

use std::io::Write as _;

use serde_json::{Value as Json, json};
use tfmodgen::prelude::*;
use tfmodgen::{Schemas, render};
use tfschema::Text;

/// Strings that printers of the language have handled incorrectly: markers, quotes, escapes, control characters, and
/// line breaks.
const ADVERSARIAL: [&str; 63] = [
    "",
    " ",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\"",
    "\\",
    "\\\"",
    "\\n",
    "$",
    "%",
    "$$",
    "%%",
    "{",
    "}",
    "${",
    "%{",
    "$${",
    "%%{",
    "$$${",
    "%%%{",
    "${}",
    "%{}",
    "${x}",
    "%{x}",
    "$${x}",
    "%%{x}",
    "$$${x}",
    "a${b} 50%${1+1}",
    "${a}\n$${b}",
    "${\"x\"}",
    "%{ if true }a%{ endif }",
    "%{~ for x in y ~}",
    "${~ x ~}",
    "$ {x}",
    "{$}",
    "${${x}}",
    "$\u{0}{x}",
    "\u{0}",
    "\u{1}",
    "\u{7f}",
    "\u{85}",
    "\u{9f}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\u{200b}",
    "\u{202e}abc",
    "e\u{301}",
    "\u{e9}",
    "\u{1f600}",
    "\u{1f468}\u{200d}\u{1f469}",
    "\u{10ffff}",
    "\\u0041",
    "\\U00000041",
    "<<EOT",
    "<<-EOT\n  a\nEOT\n",
    "EOT",
    "# not a comment",
    "// none",
    "/* none */",
    "'single'",
];

/// Names and keywords that have a special meaning in other contexts.
const WORDS: [&str; 12] = [
    "for", "if", "in", "null", "true", "false", "each", "var", "a b", "a-b", "9", "${k}",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = std::env::args().nth(1).ok_or("specify a seed")?.parse()?;
    let mut random = Random(seed);
    let mut m = Module::new("expressions", "Random expressions: ${not} a %{template}.");
    let mut values = serde_json::Map::new();
    positions(&mut m, &mut values);
    let texts: Vec<String> = (0..10_000).map(|_| random.text()).collect();
    m.file("texts");
    let local = m.local("texts", IntoExpr::<List<Str>>::into_expr(texts.clone()));
    give(
        &mut m,
        &mut values,
        "texts",
        (*local).clone(),
        json!(texts.iter().map(|text| normal(text)).collect::<Vec<_>>()),
    );
    m.file("expressions");
    for number in 0..400 {
        let (expr, value) = random.text_expr(5);
        give(
            &mut m,
            &mut values,
            &format!("text_{number}"),
            expr,
            json!(normal(&value)),
        );
        let (expr, value) = random.number_expr(5);
        give(
            &mut m,
            &mut values,
            &format!("number_{number}"),
            expr,
            json!(value),
        );
        let (expr, value) = random.truth_expr(5);
        give(
            &mut m,
            &mut values,
            &format!("truth_{number}"),
            expr,
            json!(value),
        );
    }
    let files = render(&m, &Schemas::new()).map_err(|findings| {
        let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        findings.join("\n")
    })?;
    let document = json!({ "files": files, "values": values });
    writeln!(std::io::stdout(), "{document}")?;
    Ok(())
}

fn give<K>(
    m: &mut Module,
    values: &mut serde_json::Map<String, Json>,
    name: &str,
    expr: K,
    value: Json,
) where
    K: Known,
    K::Type: Typed,
{
    m.output(name, expr)
        .describe("A value with a ${marker} and a \"quote\".");
    values.insert(name.to_owned(), value);
}

/// Returns the string in Unicode normalization form C, as Terraform and OpenTofu do.
fn normal(text: &str) -> String {
    Text::from(text).into_string()
}

/// Declares every adversarial string in every position where the language allows strings.
fn positions(m: &mut Module, values: &mut serde_json::Map<String, Json>) {
    m.file("positions");
    for (number, text) in ADVERSARIAL.iter().enumerate() {
        let own = json!(normal(text));
        let variable = m
            .variable(&format!("text_{number}"), string())
            .describe(text)
            .default(*text)
            .validate(|own| own.is_set(), format!("Never reported: {text}."));
        give(
            m,
            values,
            &format!("variable_{number}"),
            &variable,
            own.clone(),
        );
        let local = m.local(&format!("local_{number}"), *text).comment(text);
        give(m, values, &format!("local_{number}"), &local, own.clone());
        let key = object_value([entry(text, *text)]);
        let pairs = object_value([
            entry("k", keys::<Str>(key.clone().typed::<Map<Str>>())),
            entry("v", values_of(key)),
        ]);
        give(
            m,
            values,
            &format!("key_{number}"),
            pairs,
            json!({ "k": [own], "v": [own] }),
        );
        let map: Expr<Map<Str>> = [(*text, "found")].into_expr();
        give(
            m,
            values,
            &format!("index_{number}"),
            map.get(*text),
            json!("found"),
        );
        let around = template([(*text).into(), (&variable).into(), (*text).into()]);
        give(
            m,
            values,
            &format!("around_{number}"),
            around,
            json!(normal(&text.repeat(3))),
        );
        let within = template([
            "<\"".into(),
            template([(*text).into(), (&variable).into()]).into(),
            "\">\n".into(),
        ]);
        give(
            m,
            values,
            &format!("within_{number}"),
            within,
            json!(normal(&format!("<\"{text}{text}\">\n"))),
        );
        let chosen = conditional(variable.equals(*text), *text, "other");
        give(m, values, &format!("chosen_{number}"), chosen, own.clone());
        let encoded = jsondecode(jsonencode(object_value([entry("t", [*text])])));
        give(
            m,
            values,
            &format!("encoded_{number}"),
            encoded,
            json!({ "t": [own] }),
        );
    }
}

fn values_of(map: Expr<Object>) -> Expr<List<Str>> {
    tfmodgen::functions::values(map.typed::<Map<Str>>())
}

/// Pseudorandom number generator (SplitMix64). The numbers depend only on the seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let limit = from.len() as u64;
        &from[usize::try_from(self.below(limit)).unwrap_or(0)]
    }

    fn text(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..self.below(6) {
            match self.below(5) {
                0 => text.push_str(self.pick::<&str>(&ADVERSARIAL)),
                1 => text.push_str(self.pick::<&str>(&WORDS)),
                2 => text.push(*self.pick(&['$', '%', '{', '}', '"', '\\', '\n', '~'])),
                3 => text.push(char::from(b' ' + u8::try_from(self.below(95)).unwrap_or(0))),
                _ => text.extend(char::from_u32(
                    u32::try_from(self.below(0x11_0000)).unwrap_or(0),
                )),
            }
        }
        text
    }

    fn text_expr(&mut self, depth: u64) -> (Expr<Str>, String) {
        if depth == 0 {
            let text = self.text();
            return (text.as_str().into_expr(), text);
        }
        match self.below(8) {
            0 => self.text_expr(0),
            1 | 2 => self.template_expr(depth - 1),
            3 => {
                let (condition, truth) = self.truth_expr(depth - 1);
                let ((then, a), (otherwise, b)) =
                    (self.text_expr(depth - 1), self.text_expr(depth - 1));
                (
                    conditional(condition, then, otherwise),
                    if truth { a } else { b },
                )
            }
            4 => {
                let ((list, texts), separator) = (self.list_expr(depth - 1), self.text());
                (join(separator.as_str(), list), texts.join(&separator))
            }
            5 => {
                let (number, value) = self.number_expr(depth - 1);
                (tostring(number), value.to_string())
            }
            6 => {
                let ((key, name), (value, text)) = (self.text_expr(0), self.text_expr(depth - 1));
                let map = [(name.as_str(), value)].into_expr();
                (lookup::<Str>(map, key, "absent"), text)
            }
            _ => {
                let ((list, texts), extra) = (self.list_expr(depth - 1), self.text());
                let all = concat([list, [extra.as_str()].into_expr()]);
                let position = i64::try_from(texts.len()).unwrap_or(0);
                (all.at(position), extra)
            }
        }
    }

    fn template_expr(&mut self, depth: u64) -> (Expr<Str>, String) {
        let (mut built, mut text) = (Template::new(), String::new());
        for _ in 0..=self.below(4) {
            match self.below(3) {
                0 => {
                    let part = self.text();
                    text.push_str(&part);
                    built = built.then(part);
                }
                1 => {
                    let (number, value) = self.number_expr(depth);
                    text.push_str(&value.to_string());
                    built = built.then(number);
                }
                _ => {
                    let (part, value) = self.text_expr(depth);
                    text.push_str(&value);
                    built = built.then(part);
                }
            }
        }
        (built.build(), text)
    }

    fn list_expr(&mut self, depth: u64) -> (Expr<List<Str>>, Vec<String>) {
        let several = |random: &mut Self, depth| {
            (0..random.below(4))
                .map(|_| random.text_expr(depth))
                .collect::<Vec<_>>()
        };
        if depth == 0 {
            let (exprs, texts): (Vec<_>, Vec<_>) = several(self, 0).into_iter().unzip();
            return (exprs.into_expr(), texts);
        }
        match self.below(4) {
            0 => self.list_expr(0),
            1 => {
                let ((list, texts), (prefix, text)) =
                    (self.list_expr(depth - 1), self.text_expr(depth - 1));
                let name = ["item", "x-y"][usize::from(depth.is_multiple_of(2))];
                let mapped = list.map(&format!("{name}{depth}"), |item| {
                    template([(&prefix).into(), item.into()])
                });
                (
                    mapped,
                    texts.iter().map(|item| format!("{text}{item}")).collect(),
                )
            }
            2 => {
                let (list, mut texts) = self.list_expr(depth - 1);
                texts.reverse();
                (reverse(list), texts)
            }
            _ => {
                let (exprs, texts): (Vec<_>, Vec<_>) = several(self, depth - 1).into_iter().unzip();
                let objects = exprs
                    .into_iter()
                    .map(|expr| object_value([entry("for", expr), entry("a", 1)]));
                let objects: Expr<List<Object>> = objects.collect::<Vec<_>>().into_expr();
                let splat = objects
                    .iterate("i", "object")
                    .into_list(|_, object| object.attribute::<Str>("for"));
                (splat, texts)
            }
        }
    }

    fn number_expr(&mut self, depth: u64) -> (Expr<Num>, i64) {
        let literal = |random: &mut Self| {
            let value = i64::try_from(random.below(41)).unwrap_or(0) - 20;
            (value.into_expr(), value)
        };
        if depth == 0 {
            return literal(self);
        }
        let ((left, a), (right, b)) = (self.number_expr(depth - 1), self.number_expr(depth - 1));
        match self.below(7) {
            0 => literal(self),
            1 => (left + right, a.wrapping_add(b)),
            2 => (left - right, a.wrapping_sub(b)),
            // The language has a negative zero, which the expected values must not contain.
            3 if a != 0 && b != 0 && a.abs() < 1 << 20 && b.abs() < 1 << 20 => {
                (left * right, a * b)
            }
            4 if a != 0 => (-left, -a),
            5 => {
                let (condition, truth) = self.truth_expr(depth - 1);
                (
                    conditional(condition, left, right),
                    if truth { a } else { b },
                )
            }
            6 => {
                let (list, texts) = self.list_expr(depth - 1);
                (
                    length(list) + left,
                    i64::try_from(texts.len()).unwrap_or(0) + a,
                )
            }
            _ => (right - left, b.wrapping_sub(a)),
        }
    }

    fn truth_expr(&mut self, depth: u64) -> (Expr<Bool>, bool) {
        if depth == 0 {
            let truth = self.below(2) == 0;
            return (truth.into_expr(), truth);
        }
        let ((left, a), (right, b)) = (self.truth_expr(depth - 1), self.truth_expr(depth - 1));
        match self.below(8) {
            0 => (left.and(right), a && b),
            1 => (left.or(right), a || b),
            2 => (!left, !a),
            3 => (left.equals(right), a == b),
            4 => {
                let ((left, a), (right, b)) =
                    (self.number_expr(depth - 1), self.number_expr(depth - 1));
                (left.less_than(right), a < b)
            }
            5 => {
                let ((left, a), (right, b)) =
                    (self.number_expr(depth - 1), self.number_expr(depth - 1));
                (left.at_least(right), a >= b)
            }
            6 => {
                let ((left, a), (right, b)) =
                    (self.text_expr(depth - 1), self.text_expr(depth - 1));
                (left.differs(right), normal(&a) != normal(&b))
            }
            _ => {
                let (condition, truth) = self.truth_expr(depth - 1);
                (
                    conditional(condition, left, right),
                    if truth { a } else { b },
                )
            }
        }
    }
}
