//! Errors that AWS returns for a request that does not satisfy the model. Each protocol, and some services, have their
//! own codes.
//!
//! | protocol or service | not well-formed, wrong type, unknown member | other constraints | page |
//! |---|---|---|---|
//! | AWS JSON, restJson1 | `SerializationException` | `ValidationException`, or `InvalidParameterException` if the operation declares only that | Smithy, "AWS JSON 1.1 protocol"; Common Error Types of the service; Errors of the action |
//! | AWS Query | `ValidationError`, `InvalidQueryParameter` for an unknown member | `ValidationError` | AWS STS API Reference, Common Errors |
//! | RDS | `InvalidParameterValue`, `InvalidQueryParameter` for an unknown member | `InvalidParameterValue`, `MissingParameter` | Amazon RDS API Reference, Common Errors |
//! | EC2 | `InvalidParameterValue`, `UnknownParameter` | `InvalidParameterValue`, `MissingParameter` | Amazon EC2 API Reference, Error codes |
//! | S3 | `MalformedXML` in the body, otherwise `InvalidArgument` | the same | Amazon S3 API Reference, Error responses |
//! | other restXml, such as CloudFront | `MalformedXML` in the body, otherwise `InvalidArgument` | the same | Amazon CloudFront API Reference, Common Errors |
//! | Route 53 | `MalformedInput` if the body is not well-formed, otherwise `InvalidInput` | `InvalidInput` | Amazon Route 53 API Reference, ChangeResourceRecordSets, for `InvalidInput`; github.com/erlcloud/erlcloud/issues/592 contains a response with `MalformedInput` |
//!
//! AWS JSON and AWS Query services ignore members that they do not define. The gateway refuses them, because a
//! misspelled name must not pass a test. EC2 and S3 refuse them. EC2 and S3 do not enforce the patterns in their models:
//! the EC2 pages define the format of a parameter as text, and S3 returns a specific error, such as `InvalidBucketName`.
//!
//! The pages do not contain the status code for an operation that Route 53 or CloudFront do not define. The gateway uses
//! that of S3.

use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde_json::json;

use super::super::request::{Protocol, Request};
use super::super::response::ApiResponse;
use super::load::Model;
use super::shape::Operation;
use super::validate::{Rule, Violation};

/// Reason to refuse a request.
pub(super) enum Problem {
    /// The service does not define the operation.
    Operation,
    /// The body is not well-formed.
    Malformed,
    /// The body is an XML document that does not validate against the model.
    Schema(Vec<Violation>),
    /// The parameters violate constraints.
    Violations(Vec<Violation>),
}

/// Codes that a service uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// AWS JSON, with the code for violated constraints.
    Json(&'static str),
    /// AWS restJson1, with the code for violated constraints.
    RestJson(&'static str),
    Query,
    Rds,
    Ec2,
    S3,
    /// AWS restXml, except S3 and Route 53.
    Xml,
    Route53,
}

impl Dialect {
    /// Returns the codes that a service uses for an operation. Some services support several protocols, so the protocol
    /// of the request takes precedence over that of the model.
    pub(super) fn of(model: &Model, protocol: Protocol, operation: Option<&Operation>) -> Self {
        match (protocol, model.service.as_str()) {
            (Protocol::Ec2, _) => Self::Ec2,
            (Protocol::Query, "rds") => Self::Rds,
            (Protocol::Query, _) => Self::Query,
            (Protocol::Rest, "route53") => Self::Route53,
            (Protocol::Rest, "s3") => Self::S3,
            (Protocol::Rest, _) if model.protocol == "rest-xml" => Self::Xml,
            (Protocol::Rest, _) => Self::RestJson(constraint_code(model, operation)),
            (Protocol::Json, _) => Self::Json(constraint_code(model, operation)),
        }
    }

    /// Returns the part of a problem that AWS enforces. Returns `None` if it enforces nothing.
    pub(super) fn enforced(
        self,
        model: &Model,
        operation: &Operation,
        problem: Problem,
    ) -> Option<Problem> {
        let Problem::Violations(mut violations) = problem else {
            return Some(problem);
        };
        violations.retain(|violation| match violation.rule {
            Rule::Pattern(_) => self != Self::Ec2 && self != Self::S3,
            _ => true,
        });
        if self == Self::S3 || self == Self::Xml {
            let (body, other): (Vec<_>, Vec<_>) = violations
                .into_iter()
                .partition(|violation| in_body(model, operation, violation));
            if !body.is_empty() {
                return Some(Problem::Schema(body));
            }
            violations = other;
        }
        (!violations.is_empty()).then_some(Problem::Violations(violations))
    }

    /// Returns the response to a request.
    pub(super) fn refuse(self, request: &Request, problem: &Problem) -> ApiResponse {
        let (status, code, message) = match problem {
            Problem::Operation => self.unknown_operation(request),
            Problem::Malformed => self.malformed(),
            Problem::Schema(violations) => {
                let (status, code, general) = self.malformed();
                let detail = summary(violations);
                let message = match self {
                    Self::S3 => format!("{general}. {detail}"),
                    _ => detail,
                };
                (status, code, message)
            }
            Problem::Violations(violations) => self.violated(violations),
        };
        match self {
            Self::RestJson(_) => rest_json(status, code, &message),
            _ => ApiResponse::error(request, status, code, &message),
        }
    }

    fn unknown_operation(self, request: &Request) -> (StatusCode, &'static str, String) {
        let action = &request.action;
        match self {
            Self::Json(_) | Self::RestJson(_) => {
                let message = format!("the operation {action} is not defined");
                (StatusCode::NOT_FOUND, "UnknownOperationException", message)
            }
            Self::Query | Self::Rds | Self::Ec2 => {
                let message = format!("The action {action} is not valid for this web service.");
                (StatusCode::BAD_REQUEST, "InvalidAction", message)
            }
            Self::S3 | Self::Xml | Self::Route53 => {
                let message = "The specified method is not allowed against this resource.";
                (
                    StatusCode::METHOD_NOT_ALLOWED,
                    "MethodNotAllowed",
                    message.to_owned(),
                )
            }
        }
    }

    fn malformed(self) -> (StatusCode, &'static str, String) {
        let (code, message) = match self {
            Self::Json(_) | Self::RestJson(_) => (
                "SerializationException",
                "the request body is not a valid JSON object",
            ),
            Self::Route53 => ("MalformedInput", "Could not parse XML"),
            _ => ("MalformedXML", MALFORMED_XML),
        };
        (StatusCode::BAD_REQUEST, code, message.to_owned())
    }

    fn violated(self, violations: &[Violation]) -> (StatusCode, &'static str, String) {
        let structural = violations
            .iter()
            .find(|violation| matches!(violation.rule, Rule::Type(_) | Rule::Unknown));
        let first = structural.or(violations.first());
        let Some(first) = first else {
            return self.malformed();
        };
        let (code, message) = match (self, &first.rule) {
            (Self::Json(_) | Self::RestJson(_), Rule::Type(_) | Rule::Unknown) => {
                ("SerializationException", detail(first))
            }
            (Self::Json(code) | Self::RestJson(code), _) => (code, summary(violations)),
            (Self::Query | Self::Rds, Rule::Unknown) => ("InvalidQueryParameter", detail(first)),
            (Self::Query, _) => ("ValidationError", summary(violations)),
            (Self::Rds | Self::Ec2, Rule::Required) => {
                let place = first.path.join(".");
                let message = format!("The request must contain the parameter {place}");
                ("MissingParameter", message)
            }
            (Self::Ec2, Rule::Unknown) => {
                let place = first.path.join(".");
                let message = format!("The parameter {place} is not recognized");
                ("UnknownParameter", message)
            }
            (Self::Rds | Self::Ec2, rule) => {
                let value = first.value.as_ref().map(|value| format!("({value}) "));
                let place = first.path.join(".");
                let message = format!(
                    "Value {}for parameter {place} is invalid. {}",
                    value.unwrap_or_default(),
                    constraint(rule)
                );
                ("InvalidParameterValue", message)
            }
            (Self::S3 | Self::Xml, _) => ("InvalidArgument", detail(first)),
            (Self::Route53, _) => ("InvalidInput", summary(violations)),
        };
        (StatusCode::BAD_REQUEST, code, message)
    }
}

const MALFORMED_XML: &str =
    "The XML you provided was not well-formed or did not validate against our published schema";

/// Returns the code for violated constraints. ECS, ECR, CloudWatch Logs, and the tagging API declare
/// `InvalidParameterException` in their actions, and return it for these constraints. Secrets Manager declares it too,
/// for other errors: it returns `ValidationException` (AWS Secrets Manager API Reference, Common Error Types).
fn constraint_code(model: &Model, operation: Option<&Operation>) -> &'static str {
    const GENERAL: &str = "ValidationException";
    const DECLARED: &str = "InvalidParameterException";
    let errors = operation.map_or(&[][..], |operation| &operation.errors);
    let declares = |code: &str| errors.iter().any(|error| error == code);
    match declares(DECLARED) && !declares(GENERAL) && model.service != "secretsmanager" {
        true => DECLARED,
        false => GENERAL,
    }
}

/// Returns whether a parameter is bound to the body.
fn in_body(model: &Model, operation: &Operation, violation: &Violation) -> bool {
    let shape = operation
        .input
        .as_deref()
        .and_then(|name| model.shape(name));
    let member = shape
        .zip(violation.path.first())
        .and_then(|(shape, name)| shape.members.get(name));
    member.is_none_or(|member| member.location.is_none())
}

/// Returns the message of the AWS frameworks for all violations.
fn summary(violations: &[Violation]) -> String {
    let count = violations.len();
    let plural = if count == 1 { "" } else { "s" };
    let parts: Vec<_> = violations.iter().map(detail).collect();
    format!(
        "{count} validation error{plural} detected: {}",
        parts.join("; ")
    )
}

/// Returns the message of the AWS frameworks for one violation.
fn detail(violation: &Violation) -> String {
    let value = match (&violation.value, &violation.rule) {
        (Some(value), _) => format!("Value '{value}'"),
        (None, Rule::Required) => "Value null".to_owned(),
        (None, _) => "Value".to_owned(),
    };
    let place = place(&violation.path);
    let constraint = constraint(&violation.rule);
    format!("{value} at '{place}' failed to satisfy constraint: {constraint}")
}

/// Returns a path as the AWS frameworks print it, such as `tags.1.member.key`.
fn place(path: &[String]) -> String {
    let mut parts = Vec::new();
    for step in path {
        let mut characters = step.chars();
        let first = characters.next();
        if first.is_some_and(|first| first.is_ascii_digit()) {
            parts.push(format!("{step}.member"));
        } else {
            let first = first.map(|first| first.to_ascii_lowercase());
            parts.push(first.into_iter().chain(characters).collect());
        }
    }
    parts.join(".")
}

fn constraint(rule: &Rule) -> String {
    match rule {
        Rule::Type(name) => format!("Member must be of type {name}"),
        Rule::Unknown => "Member is not defined".to_owned(),
        Rule::Required => "Member must not be null".to_owned(),
        Rule::MinLength(min) => {
            format!("Member must have length greater than or equal to {min}")
        }
        Rule::MaxLength(max) => format!("Member must have length less than or equal to {max}"),
        Rule::MinValue(min) => format!("Member must have value greater than or equal to {min}"),
        Rule::MaxValue(max) => format!("Member must have value less than or equal to {max}"),
        Rule::Pattern(pattern) => {
            format!("Member must satisfy regular expression pattern: {pattern}")
        }
        Rule::Enum(values) => {
            format!(
                "Member must satisfy enum value set: [{}]",
                values.join(", ")
            )
        }
        Rule::Union => "Exactly one member must be set".to_owned(),
    }
}

/// Creates an error in AWS restJson1: the code is in a header (Smithy, "AWS restJson1 protocol", "Operation error
/// serialization").
fn rest_json(status: StatusCode, code: &str, message: &str) -> ApiResponse {
    let mut response = ApiResponse::json(&json!({ "message": message }));
    response.status = status;
    let json = HeaderValue::from_static("application/json");
    response.headers.insert(CONTENT_TYPE, json);
    if let Ok(value) = HeaderValue::from_str(code) {
        response.headers.insert("x-amzn-errortype", value);
    }
    response
}
