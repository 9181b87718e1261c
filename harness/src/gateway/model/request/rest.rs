//! REST protocols (Smithy, "AWS restJson1 protocol" and "AWS restXml protocol"): selects the operation from the method,
//! path, and query string, and reads the parameters from the path, query string, headers, and body.

use hyper::HeaderMap;
use hyper::header::HOST;

use super::super::super::request::{Request, unescape};
use super::super::super::xml::Node;
use super::super::input::{Fields, Input};
use super::super::load::Model;
use super::super::shape::{Kind, Member, Operation, Shape};
use super::json;
use super::xml;

/// The path and the query string of a request.
pub(in super::super) struct Target {
    path: String,
    query: Vec<(String, Option<String>)>,
}

impl Target {
    /// Reads the target of a request. On S3, the bucket in a virtual host becomes the first part of the path.
    pub(in super::super) fn of(request: &Request) -> Self {
        let path = request.uri.path();
        let bucket = (request.service == "s3")
            .then(|| bucket(&request.headers))
            .flatten();
        let path = match bucket {
            Some(bucket) => format!("/{bucket}{path}"),
            None => path.to_owned(),
        };
        Self {
            path,
            query: pairs(request.uri.query().unwrap_or_default()),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.query.iter().any(|(other, _)| other == name)
    }
}

/// Returns the bucket in a virtual-hosted-style request (Amazon S3 User Guide, "Virtual hosting of general purpose
/// buckets"). The gateway listens on 127.0.0.1, so only names below `localhost` or `amazonaws.com` contain a bucket.
fn bucket(headers: &HeaderMap) -> Option<&str> {
    let host = headers.get(HOST)?.to_str().ok()?;
    let host = host.split(':').next()?;
    let bucket = host.strip_suffix(".localhost").or_else(|| {
        let (bucket, rest) = host.split_once(".s3.")?;
        rest.ends_with("amazonaws.com").then_some(bucket)
    })?;
    Some(bucket.strip_suffix(".s3").unwrap_or(bucket)).filter(|bucket| *bucket != "s3")
}

fn pairs(query: &str) -> Vec<(String, Option<String>)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) => (unescape(name.as_bytes()), Some(unescape(value.as_bytes()))),
            None => (unescape(pair.as_bytes()), None),
        })
        .collect()
}

/// Returns the operation that a request addresses. Several operations of S3 have the same path, so the operation with
/// the most constant and required parameters in the request takes precedence.
pub(in super::super) fn operation<'a>(
    model: &'a Model,
    request: &Request,
    target: &Target,
) -> Option<(&'a str, &'a Operation)> {
    // S3 Express One Zone has a separate endpoint and a separate signing name (Amazon S3 API Reference,
    // ListDirectoryBuckets).
    let regular = |name: &str| model.service != "s3" || name != "ListDirectoryBuckets";
    let operations = model.operations().filter(|(name, _)| regular(name));
    let candidates = operations.filter_map(|(name, operation)| {
        let score = score(model, operation, request, target)?;
        Some((score, name, operation))
    });
    // `max_by_key` returns the last of equal elements: the newer of `GetBucketLifecycle` and
    // `GetBucketLifecycleConfiguration`.
    let best = candidates.max_by_key(|(score, _, _)| *score);
    best.map(|(_, name, operation)| (name, operation))
}

/// Returns how specific a matching operation is: literal parts of the path, and parameters that must exist. Returns
/// `None` if the operation does not match.
fn score(
    model: &Model,
    operation: &Operation,
    request: &Request,
    target: &Target,
) -> Option<(usize, usize)> {
    if request.method.as_str() != operation.method {
        return None;
    }
    let (path, query) = operation
        .uri
        .split_once('?')
        .unwrap_or((&operation.uri, ""));
    labels(path, &target.path)?;
    let literal = path
        .split('/')
        .filter(|part| !part.is_empty() && !part.starts_with('{'));
    let mut specific = 0;
    for (name, value) in pairs(query) {
        let found = target.query.iter().find(|(other, _)| *other == name)?;
        if value.is_some_and(|value| found.1.as_ref() != Some(&value)) {
            return None;
        }
        specific += 1;
    }
    let shape = operation
        .input
        .as_deref()
        .and_then(|name| model.shape(name));
    for name in shape.iter().flat_map(|shape| &shape.required) {
        let Some(member) = shape.and_then(|shape| shape.members.get(name)) else {
            continue;
        };
        // Only S3 distinguishes operations by parameters. Elsewhere, a missing parameter is an error.
        match member.location.as_deref() {
            Some("querystring") if target.has(member.wire(name)) => specific += 1,
            Some("header") if request.headers.contains_key(member.wire(name)) => specific += 1,
            Some("querystring" | "header") if model.service == "s3" => return None,
            _ => {}
        }
    }
    Some((literal.count(), specific))
}

/// Returns the labels in a path, decoded. Returns `None` if the path does not match the template. A label never matches
/// an empty part.
fn labels<'a>(template: &'a str, path: &str) -> Option<Vec<(&'a str, String)>> {
    let mut found = Vec::new();
    let mut parts = path.trim_start_matches('/').split('/');
    let mut wanted = template.trim_matches('/').split('/').peekable();
    while let Some(want) = wanted.next() {
        let Some(name) = want
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
        else {
            if !want.is_empty() && parts.next() != Some(want) {
                return None;
            }
            continue;
        };
        let value = match name.strip_suffix('+') {
            Some(_) => {
                let mut rest: Vec<_> = parts.by_ref().collect();
                let suffix: Vec<_> = wanted.by_ref().collect();
                let keep = rest.len().checked_sub(suffix.len())?;
                if rest.split_off(keep) != suffix {
                    return None;
                }
                rest.join("/")
            }
            None => parts.next()?.to_owned(),
        };
        if value.is_empty() {
            return None;
        }
        // A plus sign is literal in a path.
        let value = unescape(value.replace('+', "%2B").as_bytes());
        found.push((name.trim_end_matches('+'), value));
    }
    parts.all(str::is_empty).then_some(found)
}

/// Reads the parameters of an operation. Returns `None` if the body is not well-formed.
pub(in super::super) fn parameters(
    model: &Model,
    operation: &Operation,
    request: &Request,
    target: &Target,
) -> Option<Input> {
    let Some(shape) = operation
        .input
        .as_deref()
        .and_then(|name| model.shape(name))
    else {
        return Some(Input::Structure(Fields::default()));
    };
    let template = operation.uri.split('?').next().unwrap_or_default();
    let labels = labels(template, &target.path).unwrap_or_default();
    let mut fields = body(model, shape, request)?;
    for (name, member) in &shape.members {
        let wire = member.wire(name);
        let input = match member.location.as_deref() {
            Some("uri") => labels
                .iter()
                .find(|(label, _)| *label == wire)
                .map(|(_, value)| Input::Text(value.clone())),
            Some("querystring") => from_query(model, member, wire, target),
            Some("header") => from_header(model, member, wire, &request.headers),
            Some("headers") => Some(prefixed(wire, &request.headers)),
            _ => None,
        };
        fields
            .members
            .extend(input.map(|input| (name.clone(), input)));
    }
    Some(Input::Structure(fields))
}

fn from_query(model: &Model, member: &Member, wire: &str, target: &Target) -> Option<Input> {
    let kind = model.shape(&member.shape)?.kind;
    let values = target.query.iter().filter(|(name, _)| name == wire);
    let mut values = values.map(|(_, value)| value.clone().unwrap_or_default());
    match kind {
        Kind::List => {
            let items: Vec<_> = values.map(Input::Text).collect();
            (!items.is_empty()).then_some(Input::List(items))
        }
        // All parameters without another binding.
        Kind::Map => None,
        _ => values.next().map(Input::Text),
    }
}

fn from_header(model: &Model, member: &Member, wire: &str, headers: &HeaderMap) -> Option<Input> {
    let value = headers.get(wire)?.to_str().ok()?;
    if member.jsonvalue {
        return Some(Input::Opaque);
    }
    match model.shape(&member.shape)?.kind {
        Kind::List => {
            let items = value
                .split(',')
                .map(|item| Input::Text(item.trim().to_owned()));
            Some(Input::List(items.collect()))
        }
        _ => Some(Input::Text(value.to_owned())),
    }
}

fn prefixed(prefix: &str, headers: &HeaderMap) -> Input {
    let prefix = prefix.to_ascii_lowercase();
    let entries = headers.iter().filter_map(|(name, value)| {
        let key = name.as_str().strip_prefix(&prefix)?;
        Some((key.to_owned(), Input::Text(value.to_str().ok()?.to_owned())))
    });
    Input::Map(entries.collect())
}

/// Reads the members that are bound to the body.
fn body(model: &Model, shape: &Shape, request: &Request) -> Option<Fields> {
    let is_json = model.protocol == "rest-json";
    let content = unchunked(request)?;
    let Some(payload) = &shape.payload else {
        let bound = |member: &Member| member.location.is_none();
        // Clients send bodies that the operation does not define, such as `{}`.
        if content.is_empty() || !shape.members.values().any(bound) {
            return Some(Fields::default());
        }
        return match is_json {
            true => match json::structure_of(model, shape, &content)? {
                Input::Structure(fields) => Some(fields),
                _ => None,
            },
            false => match xml::structure(model, shape, &document(&content)?) {
                Input::Structure(fields) => Some(fields),
                _ => None,
            },
        };
    };
    let member = shape.members.get(payload)?;
    let target = model.shape(&member.shape)?;
    let input = match target.kind {
        Kind::Structure if target.eventstream || target.document => Some(Input::Opaque),
        _ if content.is_empty() => None,
        Kind::Structure if is_json => Some(json::structure_of(model, target, &content)?),
        Kind::Structure => {
            let root = document(&content)?;
            if member
                .location_name
                .as_ref()
                .is_some_and(|name| *name != root.name)
            {
                return None;
            }
            Some(xml::structure(model, target, &root))
        }
        Kind::String => Some(Input::Text(String::from_utf8_lossy(&content).into_owned())),
        _ => Some(Input::Opaque),
    };
    Some(Fields {
        members: input
            .map(|input| (payload.clone(), input))
            .into_iter()
            .collect(),
        unknown: Vec::new(),
    })
}

/// Parses a document. Text before the root element is not valid.
fn document(content: &[u8]) -> Option<Node> {
    let text = std::str::from_utf8(content).ok()?;
    Node::parse(text).filter(|_| text.trim_start().starts_with('<'))
}

/// Returns the body without the framing of `aws-chunked` (Amazon S3 API Reference, "Signature calculations for the
/// authorization header: transferring payload in multiple chunks"). Returns `None` if the framing is not valid.
fn unchunked(request: &Request) -> Option<Vec<u8>> {
    let encoding = request.headers.get("content-encoding");
    let chunked = encoding
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|item| item.trim() == "aws-chunked"));
    if !chunked {
        return Some(request.body.to_vec());
    }
    let mut content = Vec::new();
    let mut rest: &[u8] = &request.body;
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let header = std::str::from_utf8(rest.get(..end)?).ok()?;
        let size = header.split(';').next()?;
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(content);
        }
        let start = end + 2;
        content.extend_from_slice(rest.get(start..start.checked_add(size)?)?);
        rest = rest.get(start + size..)?.strip_prefix(b"\r\n")?;
    }
}
