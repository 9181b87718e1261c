//! Says what IAM policy documents allow, by the rules of "Policy evaluation logic" in the IAM User Guide. What it does not
//! know is an error, never a guess. Must not know a service or a package.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Nobody that AWS knows.
    Anonymous,
    /// A user or role, by its ARN.
    Aws(String),
    /// A service, by its name.
    Service(String),
    /// Someone whom an identity provider vouches for, by the ARN of the provider.
    Federated(String),
}

/// Condition keys that say who asks.
const PRINCIPAL: [&str; 3] = [
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalServiceName",
];

/// The request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) caller: Caller,
    pub(crate) action: String,
    pub(crate) resource: String,
    /// Condition keys, in lower case.
    context: BTreeMap<String, String>,
}

impl Request {
    /// A request over TLS.
    pub(crate) fn new(caller: Caller, action: &str, resource: &str) -> Self {
        let request = Self {
            caller: Caller::Anonymous,
            action: action.to_owned(),
            resource: resource.to_owned(),
            context: BTreeMap::new(),
        };
        request.with("aws:SecureTransport", "true").by(caller)
    }

    /// The same of someone else.
    /// Source: "AWS global condition context keys", properties of the principal.
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

    /// With a condition key.
    pub(crate) fn with(mut self, key: &str, value: &str) -> Self {
        self.context.insert(key.to_lowercase(), value.to_owned());
        self
    }
}

/// What documents say of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// No statement allows it: denied, unless another kind of policy allows it.
    NotAllowed,
    /// The account as a whole is allowed: whom of it, its identity policies say.
    Delegated,
    /// A statement allows it.
    Allowed,
    /// A statement denies it, whatever allows it.
    Denied,
}

/// What the policies of an identity say.
///
/// # Errors
/// A document holds what this evaluator does not know.
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

/// What the policy of a resource, or the trust policy of a role, says.
///
/// # Errors
/// The document holds what this evaluator does not know.
pub(crate) fn of_resource(document: &Value, request: &Request) -> Result<Verdict> {
    of_document(document, request, |statement| {
        let principal = statement
            .get("Principal")
            .context("a resource policy names a principal")?;
        names_caller(principal, &request.caller)
    })
}

/// Whether a request of someone in the account of the resource is allowed: by either policy, if none denies it. A resource
/// that says nothing by itself, such as a KMS key, has to delegate to the account first.
pub(crate) fn allowed(identity: Verdict, resource: Verdict, needs_delegation: bool) -> bool {
    if identity == Verdict::Denied || resource == Verdict::Denied {
        return false;
    }
    let by_identity =
        identity == Verdict::Allowed && (!needs_delegation || resource >= Verdict::Delegated);
    by_identity || resource == Verdict::Allowed
}

/// The verdict of one document. `principal` says what an allowing statement is worth to the caller, if anything.
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
            .context("a statement is an object")?
            .keys();
        if let Some(unknown) = names.clone().find(|name| !known.contains(&name.as_str())) {
            bail!("this evaluator does not know {unknown}, in {statement}");
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
            other => bail!("an effect is Allow or Deny, not {other:?}"),
        });
    }
    Ok(verdict)
}

/// One value or a list of them.
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
                .with_context(|| format!("expected a text, found {one}"))?;
            ensure!(
                !text.contains("${"),
                "this evaluator does not know policy variables: {text}"
            );
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
        .with_context(|| format!("no principal: {principal}"))?;
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
                _ => bail!("this evaluator does not know principals of kind {kind}"),
            };
            worth = worth.max(met);
        }
    }
    Ok(worth)
}

/// Whether a principal is the account, by its number or its root, that an ARN belongs to.
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
        _ => bail!("a statement has either Action or NotAction: {statement}"),
    }
}

/// A trust policy has no `Resource`: it stands for its role.
fn meets_resource(statement: &Value, request: &Request) -> Result<bool> {
    let Some(named) = statement.get("Resource") else {
        return Ok(true);
    };
    Ok(texts(named)?
        .iter()
        .any(|name| *name == "*" || arn_like(name, &request.resource)))
}

/// All operators and all keys have to be met, each by any of its values.
fn meets_conditions(conditions: &Value, request: &Request) -> Result<bool> {
    let Some(operators) = conditions.as_object() else {
        ensure!(
            conditions.is_null(),
            "conditions are an object: {conditions}"
        );
        return Ok(true);
    };
    for (operator, keys) in operators {
        for (key, values) in keys.as_object().context("an operator has keys")? {
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
        _ => bail!("this evaluator does not know the condition operator {operator}"),
    };
    let Some(found) = request.context.get(&key.to_lowercase()) else {
        // A key that the request does not have meets no comparison, and so every negated one.
        return Ok(if_exists || negated);
    };
    Ok(values.iter().any(|value| compare(value, found)) != negated)
}

/// ARNs, part by part: a wildcard does not reach over a colon of the first five.
fn arn_like(pattern: &str, found: &str) -> bool {
    let (patterns, parts) = (pattern.splitn(6, ':'), found.splitn(6, ':'));
    let (patterns, parts): (Vec<_>, Vec<_>) = (patterns.collect(), parts.collect());
    patterns.len() == parts.len()
        && patterns
            .iter()
            .zip(parts)
            .all(|(one, part)| like(one, part))
}

/// `*` is any characters and `?` any one.
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
