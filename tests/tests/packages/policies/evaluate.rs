//! Evaluates IAM policy documents according to "Policy evaluation logic" in the IAM User Guide. Unsupported elements
//! are errors. Must not depend on a service or package.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

/// Caller that sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// An anonymous caller.
    Anonymous,
    /// A user or role, identified by ARN.
    Aws(String),
    /// A service, identified by name.
    Service(String),
    /// A federated user, identified by the ARN of the identity provider.
    Federated(String),
}

/// Condition keys for the principal.
const PRINCIPAL: [&str; 3] = [
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalServiceName",
];

/// A request to evaluate.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) caller: Caller,
    pub(crate) action: String,
    pub(crate) resource: String,
    /// Condition keys, in lowercase.
    context: BTreeMap<String, String>,
}

impl Request {
    /// Creates a request over TLS.
    pub(crate) fn new(caller: Caller, action: &str, resource: &str) -> Self {
        let request = Self {
            caller: Caller::Anonymous,
            action: action.to_owned(),
            resource: resource.to_owned(),
            context: BTreeMap::new(),
        };
        request.with("aws:SecureTransport", "true").by(caller)
    }

    /// Changes the caller. Source: "AWS global condition context keys", properties of the principal.
    pub(crate) fn by(mut self, caller: Caller) -> Self {
        for key in PRINCIPAL {
            self.context.remove(&key.to_lowercase());
        }
        let named = match &caller {
            Caller::Aws(arn) => {
                let account = arn.split(':').nth(4).unwrap_or_default();
                vec![
                    (PRINCIPAL[0], arn.clone()),
                    (PRINCIPAL[1], account.to_owned()),
                ]
            }
            Caller::Service(name) => vec![(PRINCIPAL[2], name.clone())],
            Caller::Anonymous | Caller::Federated(_) => Vec::new(),
        };
        self.caller = caller;
        named
            .into_iter()
            .fold(self, |request, (key, value)| request.with(key, &value))
    }

    /// Adds a condition key.
    pub(crate) fn with(mut self, key: &str, value: &str) -> Self {
        self.context.insert(key.to_lowercase(), value.to_owned());
        self
    }
}

/// Verdict on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// No statement allows the request. The request is denied unless another type of policy allows it.
    NotAllowed,
    /// A statement allows the account, so the identity policies in the account determine the result.
    Delegated,
    /// A statement allows the request.
    Allowed,
    /// A statement denies the request, which overrides every allow.
    Denied,
}

/// Evaluates the policies of an identity.
///
/// # Errors
/// Returns an error if a document contains an unsupported element.
pub(crate) fn of_identity<'a>(
    documents: impl IntoIterator<Item = &'a Value>,
    request: &Request,
) -> Result<Verdict> {
    let verdicts = documents.into_iter().map(|document| {
        of_document(document, request, |statement| {
            ensure!(
                statement.get("Principal").is_none(),
                "an identity policy names a principal"
            );
            Ok(Some(Verdict::Allowed))
        })
    });
    Ok(verdicts
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .max()
        .unwrap_or(Verdict::NotAllowed))
}

/// Evaluates the policy of a resource, or the trust policy of a role.
///
/// # Errors
/// Returns an error if the document contains an unsupported element.
pub(crate) fn of_resource(document: &Value, request: &Request) -> Result<Verdict> {
    of_document(document, request, |statement| {
        let principal = statement
            .get("Principal")
            .context("the resource policy has no principal")?;
        names_caller(principal, &request.caller)
    })
}

/// Returns whether a request from the account that owns the resource is allowed. Either policy can allow the request if
/// neither denies it. A KMS key must first delegate to the account.
pub(crate) fn allowed(identity: Verdict, resource: Verdict, needs_delegation: bool) -> bool {
    if identity == Verdict::Denied || resource == Verdict::Denied {
        return false;
    }
    let by_identity =
        identity == Verdict::Allowed && (!needs_delegation || resource >= Verdict::Delegated);
    by_identity || resource == Verdict::Allowed
}

/// Returns the verdict of one document. For a matching caller, `principal` returns the verdict for an allow statement.
fn of_document(
    document: &Value,
    request: &Request,
    principal: impl Fn(&Value) -> Result<Option<Verdict>>,
) -> Result<Verdict> {
    ensure!(
        document["Version"] == "2012-10-17",
        "the version is not 2012-10-17: {document}"
    );
    let mut verdict = Verdict::NotAllowed;
    for statement in many(&document["Statement"]) {
        let known = [
            "Sid",
            "Effect",
            "Principal",
            "Action",
            "NotAction",
            "Resource",
            "Condition",
        ];
        let names = statement
            .as_object()
            .context("a statement is not an object")?
            .keys();
        if let Some(unknown) = names.clone().find(|name| !known.contains(&name.as_str())) {
            bail!("unsupported element {unknown} in {statement}");
        }
        let Some(worth) = principal(statement)? else {
            continue;
        };
        if !(meets_action(statement, request)?
            && meets_resource(statement, request)?
            && meets_conditions(&statement["Condition"], request)?)
        {
            continue;
        }
        verdict = verdict.max(match statement["Effect"].as_str() {
            Some("Allow") => worth,
            Some("Deny") => Verdict::Denied,
            other => bail!("expected the effect Allow or Deny, found {other:?}"),
        });
    }
    Ok(verdict)
}

/// Returns a single value, or the values in a list.
fn many(value: &Value) -> impl Iterator<Item = &Value> {
    let (one, list) = match value {
        Value::Array(list) => (None, list.as_slice()),
        Value::Null => (None, &[][..]),
        one => (Some(one), &[][..]),
    };
    one.into_iter().chain(list)
}

fn texts(value: &Value) -> Result<Vec<&str>> {
    many(value)
        .map(|one| {
            let text = one
                .as_str()
                .with_context(|| format!("expected a string, found {one}"))?;
            ensure!(!text.contains("${"), "unsupported policy variable: {text}");
            Ok(text)
        })
        .collect()
}

fn names_caller(principal: &Value, caller: &Caller) -> Result<Option<Verdict>> {
    if principal == "*" {
        return Ok(Some(Verdict::Allowed));
    }
    let kinds = principal
        .as_object()
        .with_context(|| format!("expected a principal, found {principal}"))?;
    let mut worth = None;
    for (kind, named) in kinds {
        for name in texts(named)? {
            let met = match (kind.as_str(), caller) {
                ("AWS", _) if name == "*" => Some(Verdict::Allowed),
                ("AWS", Caller::Aws(arn)) if name == arn => Some(Verdict::Allowed),
                ("AWS", Caller::Aws(arn)) if is_account_of(name, arn) => Some(Verdict::Delegated),
                ("Service", Caller::Service(own)) | ("Federated", Caller::Federated(own))
                    if name == own =>
                {
                    Some(Verdict::Allowed)
                }
                ("AWS" | "Service" | "Federated", _) => None,
                _ => bail!("unsupported principal type {kind}"),
            };
            worth = worth.max(met);
        }
    }
    Ok(worth)
}

/// Returns whether a principal is the account in an ARN, as an account ID or a root ARN.
fn is_account_of(principal: &str, arn: &str) -> bool {
    let account = arn.split(':').nth(4).unwrap_or_default();
    let root = principal
        .strip_suffix(":root")
        .and_then(|rest| rest.rsplit(':').next());
    !account.is_empty() && (principal == account || root == Some(account))
}

fn meets_action(statement: &Value, request: &Request) -> Result<bool> {
    let action = request.action.to_lowercase();
    let is_named = |names: &Value| -> Result<bool> {
        Ok(texts(names)?
            .iter()
            .any(|name| like(&name.to_lowercase(), &action)))
    };
    match (statement.get("Action"), statement.get("NotAction")) {
        (Some(names), None) => is_named(names),
        (None, Some(names)) => Ok(!is_named(names)?),
        _ => bail!("expected either Action or NotAction in {statement}"),
    }
}

/// A trust policy has no `Resource` element. It applies to its role.
fn meets_resource(statement: &Value, request: &Request) -> Result<bool> {
    let Some(named) = statement.get("Resource") else {
        return Ok(true);
    };
    Ok(texts(named)?
        .iter()
        .any(|name| *name == "*" || arn_like(name, &request.resource)))
}

/// All operators and keys must match. A key matches if any of its values matches.
fn meets_conditions(conditions: &Value, request: &Request) -> Result<bool> {
    let Some(operators) = conditions.as_object() else {
        ensure!(
            conditions.is_null(),
            "expected an object of conditions, found {conditions}"
        );
        return Ok(true);
    };
    for (operator, keys) in operators {
        for (key, values) in keys.as_object().context("an operator has no keys")? {
            if !meets_condition(operator, key, &texts(values)?, request)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn meets_condition(operator: &str, key: &str, values: &[&str], request: &Request) -> Result<bool> {
    let (name, if_exists) = match operator.strip_suffix("IfExists") {
        Some(name) => (name, true),
        None => (operator, false),
    };
    let (compare, negated): (fn(&str, &str) -> bool, bool) = match name {
        "StringEquals" => (|value, found| value == found, false),
        "StringNotEquals" => (|value, found| value == found, true),
        "StringLike" => (like, false),
        "StringNotLike" => (like, true),
        "ArnLike" | "ArnEquals" => (arn_like, false),
        "Bool" => (|value, found| value.eq_ignore_ascii_case(found), false),
        _ => bail!("unsupported condition operator {operator}"),
    };
    let Some(found) = request.context.get(&key.to_lowercase()) else {
        // A key that is missing from the request matches only negated comparisons.
        return Ok(if_exists || negated);
    };
    Ok(values.iter().any(|value| compare(value, found)) != negated)
}

/// Compares ARNs by part: in the first five parts, a wildcard does not match a colon.
fn arn_like(pattern: &str, found: &str) -> bool {
    let (patterns, parts) = (pattern.splitn(6, ':'), found.splitn(6, ':'));
    let (patterns, parts): (Vec<_>, Vec<_>) = (patterns.collect(), parts.collect());
    patterns.len() == parts.len()
        && patterns
            .iter()
            .zip(parts)
            .all(|(one, part)| like(one, part))
}

/// Matches a pattern: `*` matches any characters, and `?` matches any single character.
fn like(pattern: &str, text: &str) -> bool {
    let mut rest = text;
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '*' => {
                let after = characters.as_str();
                let mut starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
                return starts.any(|at| like(after, &rest[at..]));
            }
            _ => match rest.chars().next() {
                Some(first) if character == '?' || character == first => {
                    rest = &rest[first.len_utf8()..];
                }
                _ => return false,
            },
        }
    }
    rest.is_empty()
}
