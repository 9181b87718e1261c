//! Expressions of GitHub Actions, as far as the workflows use them. Follows "Evaluate expressions in workflows and actions"
//! in the documentation of GitHub Actions. Must not depend on workflows.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

/// Returns a text in which each `${{ … }}` is replaced. A text that is one expression keeps its type.
pub(super) fn interpolate(text: &str, contexts: &Value) -> Result<Value> {
    let whole = text.trim();
    if let Some(inner) = whole
        .strip_prefix("${{")
        .and_then(|rest| rest.strip_suffix("}}"))
        && !inner.contains("${{")
    {
        return evaluate(inner, contexts);
    }
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${{") {
        let (inner, after) = after.split_once("}}").context("`}}` is missing")?;
        out.push_str(before);
        out.push_str(&text_of(&evaluate(inner, contexts)?));
        rest = after;
    }
    Ok(Value::String(out + rest))
}

/// Returns the value of an expression. `contexts` holds `github`, `needs`, and the other contexts, and in `status` the
/// results of the functions `success`, `failure`, `cancelled`, and `always`.
pub(super) fn evaluate(text: &str, contexts: &Value) -> Result<Value> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        contexts,
    };
    let value = parser.or().with_context(|| format!("in {text:?}"))?;
    ensure!(
        parser.at == parser.tokens.len(),
        "cannot parse the end of {text:?}"
    );
    Ok(value)
}

/// Returns a value as text.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Returns whether a value counts as true.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(value) => value.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    if let (Value::String(left), Value::String(right)) = (left, right) {
        return left.eq_ignore_ascii_case(right);
    }
    // Operands of different types are compared as numbers, and NaN is not equal to anything.
    let number = |value: &Value| match value {
        Value::Null => 0.0,
        Value::Bool(value) => f64::from(u8::from(*value)),
        Value::Number(value) => value.as_f64().unwrap_or(f64::NAN),
        Value::String(text) if text.is_empty() => 0.0,
        Value::String(text) => text.parse().unwrap_or(f64::NAN),
        Value::Array(_) | Value::Object(_) => f64::NAN,
    };
    number(left) == number(right)
}

fn tokens(text: &str) -> Result<Vec<String>> {
    let (mut found, mut rest) = (Vec::new(), text.trim_start());
    while let Some(first) = rest.chars().next() {
        let length = if first == '\'' {
            rest[1..].find('\'').context("a quote is missing")? + 2
        } else if ["==", "!=", "&&", "||"]
            .iter()
            .any(|sign| rest.starts_with(sign))
        {
            2
        } else if "!(),".contains(first) {
            1
        } else {
            let end =
                rest.find(|sign: char| !(sign.is_ascii_alphanumeric() || "_.-".contains(sign)));
            end.unwrap_or(rest.len())
        };
        ensure!(length > 0, "cannot parse {rest:?}");
        found.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    Ok(found)
}

struct Parser<'a> {
    tokens: Vec<String>,
    at: usize,
    contexts: &'a Value,
}

impl Parser<'_> {
    fn take(&mut self, token: &str) -> bool {
        let found = self.tokens.get(self.at).is_some_and(|found| found == token);
        self.at += usize::from(found);
        found
    }

    fn or(&mut self) -> Result<Value> {
        let mut left = self.and()?;
        while self.take("||") {
            let right = self.and()?;
            left = if is_true(&left) { left } else { right };
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Value> {
        let mut left = self.comparison()?;
        while self.take("&&") {
            let right = self.comparison()?;
            left = if is_true(&left) { right } else { left };
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Value> {
        let left = self.operand()?;
        if self.take("==") {
            return Ok(json!(equal(&left, &self.operand()?)));
        }
        if self.take("!=") {
            return Ok(json!(!equal(&left, &self.operand()?)));
        }
        Ok(left)
    }

    fn operand(&mut self) -> Result<Value> {
        if self.take("!") {
            return Ok(json!(!is_true(&self.operand()?)));
        }
        if self.take("(") {
            let value = self.or()?;
            ensure!(self.take(")"), "`)` is missing");
            return Ok(value);
        }
        let token = self
            .tokens
            .get(self.at)
            .context("an operand is missing")?
            .clone();
        self.at += 1;
        if let Some(text) = token.strip_prefix('\'') {
            return Ok(json!(text.trim_end_matches('\'')));
        }
        if let Ok(number) = token.parse::<f64>() {
            return Ok(json!(number));
        }
        if self.take("(") {
            return self.call(&token);
        }
        match token.as_str() {
            "true" | "false" => Ok(json!(token == "true")),
            _ => self.reference(&token),
        }
    }

    fn call(&mut self, name: &str) -> Result<Value> {
        let mut arguments = Vec::new();
        while !self.take(")") {
            arguments.push(self.or()?);
            self.take(",");
        }
        match (name, arguments.split_first()) {
            ("format", Some((form, values))) => {
                let start = text_of(form);
                Ok(json!(
                    values.iter().enumerate().fold(start, |text, (at, value)| {
                        text.replace(&format!("{{{at}}}"), &text_of(value))
                    })
                ))
            }
            (_, None) => self.contexts["status"]
                .get(name)
                .cloned()
                .with_context(|| format!("the function {name} is unknown")),
            _ => bail!("the function {name} is unknown"),
        }
    }

    /// Returns a property of a context. A property that does not exist is null, a context must exist.
    fn reference(&self, path: &str) -> Result<Value> {
        let mut names = path.split('.');
        let context = names.next().unwrap_or_default();
        let mut value = self
            .contexts
            .get(context)
            .with_context(|| format!("the context {context} is unknown"))?;
        for name in names {
            value = &value[name];
        }
        Ok(value.clone())
    }
}

#[test]
fn operators_follow_the_documentation() -> Result<()> {
    let contexts =
        json!({ "a": { "yes": "true", "none": "", "n": 12 }, "status": { "always": true } });
    for (text, expected) in [
        ("a.yes == 'TRUE' && a.none || 'other'", json!("other")),
        ("a.missing == ''", json!(true)),
        ("!(a.n == 12) || always()", json!(true)),
        ("a.n != '12' && 'x'", json!(false)),
        ("format('preview-{0}', a.n)", json!("preview-12")),
    ] {
        let found = evaluate(text, &contexts)?;
        ensure!(
            found == expected,
            "{text}: expected {expected}, found {found}"
        );
    }
    ensure!(interpolate("a ${{ a.n }} b", &contexts)? == json!("a 12 b"));
    ensure!(evaluate("b.yes", &contexts).is_err());
    Ok(())
}
