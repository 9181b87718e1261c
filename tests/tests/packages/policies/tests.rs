//! Tests the evaluator with examples from the IAM User Guide: "Policy evaluation logic", "Grammar of the IAM JSON
//! policy language", and "Condition operators".

use anyhow::Result;
use serde_json::{Value, json};

use super::evaluate::{Caller, Request, Verdict, allowed, of_identity, of_resource};

const OBJECT: &str = "arn:aws:s3:::shelf/book.txt";
const USER: &str = "arn:aws:iam::111122223333:user/reader";

fn reader(action: &str, resource: &str) -> Request {
    Request::new(Caller::Aws(USER.to_owned()), action, resource)
}

fn policy(statements: Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn identity(statements: Value, request: &Request) -> Result<Verdict> {
    of_identity([&policy(statements)], request)
}

#[test]
fn requests_are_denied_by_default() -> Result<()> {
    let read = reader("s3:GetObject", OBJECT);
    assert_eq!(of_identity([], &read)?, Verdict::NotAllowed);
    let other = json!({ "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*" });
    assert_eq!(identity(other, &read)?, Verdict::NotAllowed);
    Ok(())
}

#[test]
fn explicit_deny_overrides_allow() -> Result<()> {
    let allow = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    let deny = json!({ "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::shelf/*" });
    let read = reader("s3:GetObject", OBJECT);
    assert_eq!(identity(allow.clone(), &read)?, Verdict::Allowed);
    assert_eq!(identity(json!([allow, deny]), &read)?, Verdict::Denied);
    assert_eq!(
        of_identity([&policy(deny), &policy(allow)], &read)?,
        Verdict::Denied
    );
    assert!(!allowed(Verdict::Allowed, Verdict::Denied, false));
    Ok(())
}

#[test]
fn only_actions_ignore_case_and_both_support_wildcards() -> Result<()> {
    for (action, resource, expected) in [
        ("S3:get*", "*", Verdict::Allowed),
        ("s3:Get?bject", "arn:aws:s3:::shelf/*", Verdict::Allowed),
        ("s3:GetObject", "arn:aws:s3:::SHELF/*", Verdict::NotAllowed),
        ("s3:GetObjects", "*", Verdict::NotAllowed),
        ("s3:GetObject", "arn:aws:s3:::shelf", Verdict::NotAllowed),
        ("s3:GetObject", "arn:aws:*", Verdict::NotAllowed),
        ("s3:GetObject", "arn:*:s3:::*", Verdict::Allowed),
    ] {
        let statement = json!({ "Effect": "Allow", "Action": [action], "Resource": [resource] });
        let found = identity(statement, &reader("s3:GetObject", OBJECT))?;
        assert_eq!(found, expected, "{action} on {resource}");
    }
    Ok(())
}

#[test]
fn not_action_matches_every_other_action() -> Result<()> {
    let statement = json!({ "Effect": "Allow", "NotAction": "iam:*", "Resource": "*" });
    assert_eq!(
        identity(statement.clone(), &reader("s3:GetObject", OBJECT))?,
        Verdict::Allowed
    );
    assert_eq!(
        identity(statement, &reader("iam:PassRole", "*"))?,
        Verdict::NotAllowed
    );
    Ok(())
}

#[test]
fn all_conditions_must_match_any_of_their_values() -> Result<()> {
    let statement = json!({
        "Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Condition": {
            "StringEquals": { "aws:PrincipalTag/team": ["blue", "green"] },
            "ArnLike": { "AWS:SourceArn": "arn:aws:sns:*:111122223333:news*" },
        }
    });
    let topic = "arn:aws:sns:eu-west-1:111122223333:news-daily";
    let read = || reader("s3:GetObject", OBJECT);
    let full = read()
        .with("aws:principaltag/team", "green")
        .with("aws:SourceArn", topic);
    assert_eq!(identity(statement.clone(), &full)?, Verdict::Allowed);
    for lacking in [
        read(),
        read().with("aws:SourceArn", topic),
        full.clone().with("aws:PrincipalTag/team", "Green"),
        full.with("aws:SourceArn", "arn:aws:sns:eu-west-1:999999999999:news"),
    ] {
        assert_eq!(
            identity(statement.clone(), &lacking)?,
            Verdict::NotAllowed,
            "{lacking:?}"
        );
    }
    Ok(())
}

#[test]
fn missing_key_matches_only_negated_and_if_exists_operators() -> Result<()> {
    for (operator, expected) in [
        ("StringEquals", Verdict::NotAllowed),
        ("StringLike", Verdict::NotAllowed),
        ("Bool", Verdict::NotAllowed),
        ("StringNotEquals", Verdict::Allowed),
        ("StringNotLike", Verdict::Allowed),
        ("StringEqualsIfExists", Verdict::Allowed),
    ] {
        let statement = json!({
            "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": { operator: { "aws:SourceVpc": "vpc-1" } }
        });
        assert_eq!(
            identity(statement, &reader("s3:GetObject", OBJECT))?,
            expected,
            "{operator}"
        );
    }
    Ok(())
}

#[test]
fn deny_of_plain_http_matches_only_requests_without_tls() -> Result<()> {
    let document = policy(json!([
        { "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
          "Condition": { "Bool": { "aws:SecureTransport": "false" } } },
        { "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shelf/*" },
    ]));
    let read = Request::new(Caller::Anonymous, "s3:GetObject", OBJECT);
    assert_eq!(of_resource(&document, &read)?, Verdict::Allowed);
    let plain = read.with("aws:SecureTransport", "false");
    assert_eq!(of_resource(&document, &plain)?, Verdict::Denied);
    Ok(())
}

#[test]
fn account_principal_delegates_to_identity_policies() -> Result<()> {
    for principal in ["arn:aws:iam::111122223333:root", "111122223333"] {
        let document = policy(json!({
            "Effect": "Allow", "Principal": { "AWS": principal }, "Action": "kms:*", "Resource": "*"
        }));
        let decrypt = reader("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/1");
        let own = of_resource(&document, &decrypt)?;
        assert_eq!(own, Verdict::Delegated, "{principal}");
        assert!(!allowed(Verdict::NotAllowed, own, true));
        assert!(allowed(Verdict::Allowed, own, true));
        let mut foreign = decrypt;
        foreign.caller = Caller::Aws("arn:aws:iam::999999999999:user/reader".to_owned());
        assert_eq!(of_resource(&document, &foreign)?, Verdict::NotAllowed);
        assert!(!allowed(Verdict::Allowed, Verdict::NotAllowed, true));
    }
    Ok(())
}

#[test]
fn principals_match_only_their_type() -> Result<()> {
    let document = policy(json!({
        "Effect": "Allow", "Principal": { "Service": "ecs-tasks.amazonaws.com" }, "Action": "sts:AssumeRole"
    }));
    let assume =
        |caller| Request::new(caller, "sts:AssumeRole", "arn:aws:iam::111122223333:role/r");
    let service = |name: &str| Caller::Service(name.to_owned());
    for (caller, expected) in [
        (service("ecs-tasks.amazonaws.com"), Verdict::Allowed),
        (service("ec2.amazonaws.com"), Verdict::NotAllowed),
        (
            Caller::Aws("ecs-tasks.amazonaws.com".to_owned()),
            Verdict::NotAllowed,
        ),
        (Caller::Anonymous, Verdict::NotAllowed),
    ] {
        assert_eq!(
            of_resource(&document, &assume(caller.clone()))?,
            expected,
            "{caller:?}"
        );
    }
    Ok(())
}

#[test]
fn unsupported_elements_are_errors() {
    let read = reader("s3:GetObject", OBJECT);
    for statement in [
        json!({ "Effect": "Allow", "Action": "*", "NotResource": "*" }),
        json!({ "Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::${aws:username}/*" }),
        json!({ "Effect": "Maybe", "Action": "*", "Resource": "*" }),
        json!({ "Effect": "Allow", "Resource": "*" }),
        json!({ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" }),
        json!({ "Effect": "Allow", "Action": "*", "Resource": "*",
                "Condition": { "DateLessThan": { "aws:CurrentTime": "2030-01-01T00:00:00Z" } } }),
    ] {
        let found = identity(statement.clone(), &read);
        assert!(found.is_err(), "{statement}: {found:?}");
    }
    let old = json!({ "Version": "2008-10-17", "Statement": [] });
    assert!(of_identity([&old], &read).is_err());
}
