//! Checks a response against the output shape of its operation. Must not change responses.

use super::super::request::{Protocol, Request};
use super::super::response::ApiResponse;
use super::input::{Fields, Input};
use super::load::Model;
use super::request::{json, xml};
use super::shape::{Kind, Shape};
use super::validate::{Rule, Violation, validate};

/// Returns the violations in a successful response to an operation.
pub(super) fn violations(
    model: &Model,
    operation: &str,
    request: &Request,
    response: &ApiResponse,
) -> Vec<Violation> {
    let Some(operation) = model.operation(operation) else {
        return Vec::new();
    };
    let Some(name) = &operation.output else {
        return Vec::new();
    };
    let Some(shape) = model.shape(name) else {
        return Vec::new();
    };
    let output = match request.protocol {
        Protocol::Json => json::body(model, name, &response.body),
        Protocol::Query | Protocol::Ec2 => response.xml().and_then(|root| {
            let node = match &operation.wrapper {
                Some(wrapper) => root.child(wrapper)?.clone(),
                None => root,
            };
            Some(xml::structure(model, shape, &node))
        }),
        Protocol::Rest => rest(model, shape, response),
    };
    let Some(output) = output else {
        return vec![Violation {
            path: Vec::new(),
            value: None,
            rule: Rule::Type("Structure"),
        }];
    };
    let mut found = validate(model, name, &output);
    // Each response of EC2 contains `requestId`, and some contain `return`, which the models omit (Amazon EC2 API
    // Reference, example of CreateSecurityGroup).
    let omitted = |place: &str| place == "requestId" || place == "return";
    found.retain(|violation| {
        let envelope = request.protocol == Protocol::Ec2 && omitted(&violation.place());
        violation.rule != Rule::Unknown || !envelope
    });
    found
}

/// Reads the body of a REST response. Members in headers have no constraints.
fn rest(model: &Model, shape: &Shape, response: &ApiResponse) -> Option<Input> {
    let mut fields = body(model, shape, response)?;
    let bound = shape
        .members
        .iter()
        .filter(|(_, member)| member.location.is_some());
    fields
        .members
        .extend(bound.map(|(name, _)| (name.clone(), Input::Opaque)));
    Some(Input::Structure(fields))
}

fn body(model: &Model, shape: &Shape, response: &ApiResponse) -> Option<Fields> {
    let (target, payload) = match &shape.payload {
        Some(payload) => (
            model.shape(&shape.members.get(payload)?.shape)?,
            Some(payload),
        ),
        None => (shape, None),
    };
    let unbound = shape
        .members
        .values()
        .any(|member| member.location.is_none());
    if target.kind != Kind::Structure || target.eventstream || !unbound || response.body.is_empty()
    {
        return Some(Fields::default());
    }
    let input = match model.protocol.as_str() {
        "rest-json" => json::structure_of(model, target, &response.body)?,
        _ => {
            let root = response.xml()?;
            // The root element of a payload contains its text (GetBucketLocation).
            if root.children.is_empty() && !root.text.is_empty() {
                return Some(Fields::default());
            }
            xml::structure(model, target, &root)
        }
    };
    match (payload, input) {
        (Some(payload), input) => Some(Fields {
            members: vec![(payload.clone(), input)],
            unknown: Vec::new(),
        }),
        (None, Input::Structure(fields)) => Some(fields),
        (None, _) => None,
    }
}
