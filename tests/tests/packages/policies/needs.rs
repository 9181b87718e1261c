//! Evaluates the roles of a package with tables: the requests that each role needs, and other requests. Must not name a
//! package.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::LocalAws;

use super::documents::{attached_to, inline, trust_of};
use super::evaluate::{Caller, Request, Verdict, of_identity, of_resource};

/// A need: the action, the resource, and the condition keys.
pub(super) type Need = (&'static str, String, Vec<(&'static str, String)>);

/// Returns a need without condition keys.
pub(super) fn need(action: &'static str, resource: impl Into<String>) -> Need {
    (action, resource.into(), Vec::new())
}

/// A role and its needs.
pub(super) struct Role {
    /// Name without the prefix.
    pub(super) name: &'static str,
    /// Service that assumes the role.
    pub(super) service: &'static str,
    /// Whether the service specifies its account when it assumes the role.
    pub(super) checks_account: bool,
    /// Managed policy of AWS that is attached to the role, and the actions in the tables that it allows on all resources
    /// (AWS Managed Policy Reference Guide).
    pub(super) managed: Option<(&'static str, &'static [&'static str])>,
    pub(super) needs: Vec<Need>,
}

/// Returns a role without a managed policy.
pub(super) fn role(name: &'static str, service: &'static str, needs: Vec<Need>) -> Role {
    Role {
        name,
        service,
        checks_account: true,
        managed: None,
        needs,
    }
}

/// Checks that every role can send the requests that it needs, that it cannot send the needs of the other roles and
/// `others`, that it uses every action in its policies, and that only its service can assume it.
pub(super) fn expect_roles(
    aws: &LocalAws,
    prefix: &str,
    roles: &[Role],
    others: &[Need],
) -> Result<()> {
    let mut failed = Vec::new();
    for role in roles {
        let name = format!("{prefix}-{}", role.name);
        let checked = expect_role(aws, &name, role, roles, others);
        let checked = checked.and_then(|()| expect_trust(aws, &name, role));
        failed.extend(checked.err().map(|error| format!("{name}: {error:#}")));
    }
    ensure!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(())
}

fn expect_role(
    aws: &LocalAws,
    name: &str,
    role: &Role,
    roles: &[Role],
    others: &[Need],
) -> Result<()> {
    let expected: Vec<_> = role
        .managed
        .iter()
        .map(|(policy, _)| format!("arn:aws:iam::aws:policy/service-role/{policy}"))
        .collect();
    let found = attached_to(aws, name)?;
    ensure!(found == expected, "attached policies: {found:?}");
    let own = inline(aws, name)?;
    // The local AWS does not have every managed policy, so that the table is their source.
    let managed = role.managed.map(|(_, actions)| {
        let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
        json!({ "Version": "2012-10-17", "Statement": [statement] })
    });
    let all: Vec<_> = own.iter().cloned().chain(managed).collect();
    let caller = Caller::Aws(format!("arn:aws:iam::{}:role/{name}", aws.id()));
    let verdict = |documents: &[Value], (action, resource, context): &Need| {
        let request = Request::new(caller.clone(), action, resource);
        let request = context
            .iter()
            .fold(request, |request, (key, value)| request.with(key, value));
        of_identity(documents, &request)
    };
    for one in &role.needs {
        ensure!(
            verdict(&all, one)? == Verdict::Allowed,
            "cannot call {} on {}",
            one.0,
            one.1
        );
    }
    // The needs of the other roles are also surplus, unless this role has the same need.
    let foreign = roles.iter().flat_map(|role| &role.needs);
    let surplus = others.iter().chain(foreign).filter(|one| {
        let by_aws = role
            .managed
            .is_some_and(|(_, actions)| actions.contains(&one.0));
        !by_aws && !role.needs.contains(one)
    });
    let mut denied = 0;
    for one in surplus {
        ensure!(
            verdict(&all, one)? != Verdict::Allowed,
            "can call {} on {} {:?}",
            one.0,
            one.1,
            one.2
        );
        denied += 1;
    }
    let mut used = 0;
    for one in own.iter().map(grants).collect::<Result<Vec<_>>>()? {
        for (action, document) in one {
            let mut needs = role.needs.iter();
            let document = [document];
            let needed = needs.any(|need| matches!(verdict(&document, need), Ok(Verdict::Allowed)));
            ensure!(needed, "no need uses {action} in {}", document[0]);
            used += 1;
        }
    }
    println!(
        "{name}: {} needs allowed, {denied} other requests not allowed, {used} actions in use",
        role.needs.len()
    );
    Ok(())
}

/// Splits a policy into documents with one statement and one action each.
fn grants(document: &Value) -> Result<Vec<(String, Value)>> {
    let statements = document["Statement"].as_array().context("statements")?;
    let mut grants = Vec::new();
    for statement in statements.iter().filter(|one| one["Effect"] == "Allow") {
        let actions = match &statement["Action"] {
            Value::Array(actions) => actions.clone(),
            one => vec![one.clone()],
        };
        for action in actions {
            let mut only = statement.clone();
            only["Action"] = action.clone();
            let document = json!({ "Version": "2012-10-17", "Statement": [only] });
            grants.push((action.to_string(), document));
        }
    }
    ensure!(!grants.is_empty(), "no allowed action in {document}");
    Ok(grants)
}

fn expect_trust(aws: &LocalAws, name: &str, role: &Role) -> Result<()> {
    let account = aws.id();
    let arn = format!("arn:aws:iam::{account}:role/{name}");
    let by = |service: &str, account: &str| {
        Request::new(Caller::Service(service.to_owned()), "sts:AssumeRole", &arn)
            .with("aws:SourceAccount", account)
    };
    let user = Caller::Aws(format!("arn:aws:iam::{account}:user/someone"));
    let user = Request::new(user, "sts:AssumeRole", &arn);
    let foreign = match role.checks_account {
        true => Verdict::NotAllowed,
        false => Verdict::Allowed,
    };
    let document = trust_of(aws, name)?;
    for (what, request, expected) in [
        ("the service", by(role.service, account), Verdict::Allowed),
        (
            "the service, for another account",
            by(role.service, "999999999999"),
            foreign,
        ),
        (
            "another service",
            by("states.amazonaws.com", account),
            Verdict::NotAllowed,
        ),
        ("a user in the account", user, Verdict::NotAllowed),
    ] {
        let found = of_resource(&document, &request)?;
        ensure!(
            found == expected,
            "{what}: expected {expected:?}, found {found:?} by {document}"
        );
    }
    Ok(())
}
