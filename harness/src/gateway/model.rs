//! Validates requests and responses against the service models of AWS before the gateway forwards them.
//!
//! The models are those of botocore, which the environment of the emulator contains. A request that does not satisfy its
//! model is refused with the error of its protocol. A response that does not satisfy its model is recorded as a finding.

mod exceptions;
mod finding;
mod input;
mod load;
mod refusal;
mod request;
mod response;
mod shape;
mod timestamp;
mod validate;

use std::sync::Arc;

use super::request::{Protocol, Request};
use super::response::ApiResponse;

pub use finding::Finding;
pub(crate) use finding::Findings;
pub(crate) use load::Models;

use input::{Fields, Input};
use load::Model;
use refusal::{Dialect, Problem};
use request::rest::Target;
use request::{json, query, rest};
use shape::Operation;
use validate::{Rule, Violation, validate};

/// Result of checking a request.
#[derive(Default)]
pub(crate) struct Checked {
    /// Name of the operation in the model.
    pub(crate) operation: Option<String>,
    /// Response to a request that AWS refuses.
    pub(crate) refused: Option<ApiResponse>,
    /// Model for checking the response.
    model: Option<Arc<Model>>,
}

/// An operation and its parameters. `None` stands for a body that is not well-formed.
struct Read<'a> {
    name: &'a str,
    operation: &'a Operation,
    parameters: Option<Input>,
}

impl Models {
    /// Checks a request. A request to a service without a model is not refused.
    pub(crate) fn check(&self, request: &Request, findings: &Findings) -> Checked {
        let candidates = self.of(request);
        let unchecked = match (candidates.is_empty(), is_cbor(request)) {
            (true, _) => Some("not checked: no model"),
            (false, true) => Some("not checked: CBOR"),
            (false, false) => None,
        };
        if let Some(reason) = unchecked {
            findings.record(request, &request.action, reason, "");
            return Checked::default();
        }
        let found = candidates
            .iter()
            .find_map(|model| read(model, request).map(|read| (model, read)));
        let Some((model, read)) = found else {
            return Checked {
                refused: candidates.first().map(|model| {
                    Dialect::of(model, request.protocol, None).refuse(request, &Problem::Operation)
                }),
                ..Checked::default()
            };
        };
        let problem = match &read.parameters {
            None => Some(Problem::Malformed),
            Some(parameters) => {
                let violations = violations(model, &read, parameters);
                (!violations.is_empty()).then_some(Problem::Violations(violations))
            }
        };
        let dialect = Dialect::of(model, request.protocol, Some(read.operation));
        Checked {
            refused: problem.and_then(|problem| {
                let problem = dialect.enforced(model, read.operation, problem)?;
                Some(dialect.refuse(request, &problem))
            }),
            operation: Some(read.name.to_owned()),
            model: Some(Arc::clone(model)),
        }
    }

    /// Checks a successful response and records its findings.
    pub(crate) fn check_response(
        &self,
        request: &Request,
        checked: &Checked,
        response: &ApiResponse,
        findings: &Findings,
    ) {
        let (Some(model), Some(name)) = (&checked.model, &checked.operation) else {
            return;
        };
        if !response.status.is_success() {
            return;
        }
        for violation in response::violations(model, name, request, response) {
            let rule = violation.rule.name();
            findings.record(request, name, rule, &violation.place());
        }
    }
}

fn is_cbor(request: &Request) -> bool {
    let content = request.headers.get("content-type");
    content.is_some_and(|value| value.as_bytes().starts_with(b"application/cbor"))
}

/// Reads a request with a model. Returns `None` if the model does not define the operation.
fn read<'a>(model: &'a Model, request: &Request) -> Option<Read<'a>> {
    if request.protocol == Protocol::Rest {
        let target = Target::of(request);
        let (name, operation) = rest::operation(model, request, &target)?;
        return Some(Read {
            name,
            operation,
            parameters: rest::parameters(model, operation, request, &target),
        });
    }
    let (name, operation) = model.operation_named(&request.action)?;
    let input = operation.input.as_deref();
    let parameters = match request.protocol {
        Protocol::Json => match input {
            Some(input) => json::body(model, input, &request.body),
            None => Some(Input::Structure(Fields::default())),
        },
        _ => Some(query::form(model, input, request.form())),
    };
    Some(Read {
        name,
        operation,
        parameters,
    })
}

fn violations(model: &Model, read: &Read<'_>, parameters: &Input) -> Vec<Violation> {
    let found = match (&read.operation.input, parameters) {
        (Some(input), _) => validate(model, input, parameters),
        (None, Input::Structure(fields)) => fields
            .unknown
            .iter()
            .map(|name| Violation {
                path: vec![name.clone()],
                value: None,
                rule: Rule::Unknown,
            })
            .collect(),
        (None, _) => Vec::new(),
    };
    found
        .into_iter()
        .filter(|violation| !exceptions::accepts(&model.service, read.name, violation))
        .collect()
}
