//! Parses requests and determines the service, action, and account of each request. Must not change requests.

mod other_service;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderValue, PROXY_AUTHORIZATION, USER_AGENT};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Uri};
use serde_json::Value;

use crate::aws::REGION;

/// Protocol that a service uses, which determines the format of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// AWS JSON 1.0 or 1.1. `X-Amz-Target` names the action.
    Json,
    /// AWS Query. `Action=` in a form names the action.
    Query,
    /// The EC2 variant of AWS Query.
    Ec2,
    /// REST. The method and path name the action.
    Rest,
}

/// A request that was read completely.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) service: String,
    pub(crate) action: String,
    pub(crate) account: String,
    pub(crate) agent: String,
    pub(crate) protocol: Protocol,
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Request {
    /// Reads a request. Uses the first of these sources that names the service and action: the credential scope in
    /// Signature Version 4, `X-Amz-Target`, `Action=` in the body (unsigned STS calls), and the S3 path.
    pub(crate) fn read(parts: Parts, body: Bytes) -> Self {
        let Parts {
            method,
            uri,
            headers,
            ..
        } = parts;
        let scope = text(&headers, AUTHORIZATION.as_str())
            .and_then(scope)
            .or_else(|| presigned(&uri));
        let target = text(&headers, "x-amz-target").and_then(|target| target.rsplit_once('.'));
        let form = form_action(&method, &uri, &body);
        let rpc = uri
            .path()
            .split_once("/operation/")
            .map(|(_, operation)| operation.to_owned());
        let service = match (scope, target, &form) {
            (Some(scope), _, _) => scope.service.to_owned(),
            (None, Some((prefix, _)), _) => service_of_target(prefix).to_owned(),
            (None, None, Some(_)) => "sts".to_owned(),
            (None, None, None) => "s3".to_owned(),
        };
        let (protocol, action) = match (target, form, rpc) {
            (Some((_, action)), _, _) => (Protocol::Json, action.to_owned()),
            (None, Some(action), _) if service == "ec2" => (Protocol::Ec2, action),
            (None, Some(action), _) => (Protocol::Query, action),
            (None, None, Some(operation)) => (Protocol::Json, operation),
            (None, None, None) => (Protocol::Rest, rest_action(&method, &uri)),
        };
        let account = scope
            .map(|scope| scope.key.to_owned())
            .or_else(|| proxy_user(&headers));
        let account = account.unwrap_or_else(|| "000000000000".to_owned());
        let agent = [USER_AGENT.as_str(), "x-amz-user-agent"]
            .map(|name| text(&headers, name).unwrap_or_default());
        let agent = agent.join(" ");
        Self {
            service,
            action,
            account,
            agent,
            protocol,
            method,
            uri,
            headers,
            body,
        }
    }

    /// Returns the region in the credential scope, or the default region.
    pub(crate) fn region(&self) -> &str {
        let header = text(&self.headers, AUTHORIZATION.as_str());
        let region = header.and_then(scope).map(|scope| scope.region);
        region.filter(|region| !region.is_empty()).unwrap_or(REGION)
    }

    /// Returns whether the path or the body contains the string, either plain or form-encoded.
    pub(crate) fn names(&self, text: &str) -> bool {
        let body = String::from_utf8_lossy(&self.body);
        self.uri.path().contains(text) || body.contains(text) || body.contains(&escape(text))
    }

    /// Returns the body as JSON, or `Null` if it is not JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// Creates a request from the same caller for another action in the JSON service.
    pub(crate) fn follow_up(&self, action: &str, body: &Value) -> Self {
        let mut request = self.clone();
        let prefix = text(&self.headers, "x-amz-target").and_then(|target| target.rsplit_once('.'));
        let target = prefix.map(|(prefix, _)| format!("{prefix}.{action}"));
        if let Some(value) = target.and_then(|target| HeaderValue::from_str(&target).ok()) {
            request.headers.insert("x-amz-target", value);
        }
        action.clone_into(&mut request.action);
        request.with_body(body.to_string())
    }

    /// Returns the fields in a Query call, in order.
    pub(crate) fn fields(&self) -> Vec<(String, String)> {
        form_pairs(&self.body).collect()
    }

    /// Returns all parameters of a Query call, which are in the body or in the query string.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        let query = self.uri.query().unwrap_or_default().as_bytes();
        form_pairs(query).chain(form_pairs(&self.body)).collect()
    }

    /// Returns a parameter of a Query call, which is in the body or in the query string.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = self.form().into_iter();
        pairs.find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Returns a field in a Query call.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let mut fields = form_pairs(&self.body);
        fields.find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Returns the values of `NAME.1`, `NAME.2`, and so on. A suffix such as `.member` is part of the name.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        (1..)
            .map_while(|index| self.field(&format!("{name}.{index}")))
            .collect()
    }

    /// Creates a request from the same caller for another action in the Query service.
    pub(crate) fn query<N: AsRef<str>, V: AsRef<str>>(
        &self,
        action: &str,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let version = self.field("Version").unwrap_or_default();
        let form = form(action, &version, fields);
        let mut request = self.clone();
        action.clone_into(&mut request.action);
        request.with_body(form)
    }

    /// Returns the same request with a different body.
    pub(crate) fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.headers.remove(CONTENT_LENGTH);
        self
    }
}

/// The credential scope: `KEY/DATE/REGION/SERVICE/aws4_request`.
#[derive(Clone, Copy)]
struct Scope<'a> {
    key: &'a str,
    region: &'a str,
    service: &'a str,
}

fn scope(authorization: &str) -> Option<Scope<'_>> {
    let (_, credential) = authorization.split_once("Credential=")?;
    let mut parts = credential.split([',', ' ']).next()?.split('/');
    let (key, _date, region, service) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    Some(Scope {
        key,
        region,
        service,
    })
}

/// Parses the scope in a presigned URL. The slashes of the scope are escaped in the query.
fn presigned(uri: &Uri) -> Option<Scope<'_>> {
    let query = uri.query()?;
    let value = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("X-Amz-Credential="))?;
    let mut parts = value.split("%2F");
    let (key, _date, region, service) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    Some(Scope {
        key,
        region,
        service,
    })
}

/// Returns the proxy user, which is the account ID (RFC 7617).
fn proxy_user(headers: &HeaderMap) -> Option<String> {
    let encoded = text(headers, PROXY_AUTHORIZATION.as_str())?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    decoded.split(':').next().map(str::to_owned)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Returns the service for an unsigned JSON call, from the prefix of its target.
fn service_of_target(prefix: &str) -> &str {
    match prefix.split(['.', '_']).next().unwrap_or(prefix) {
        "AmazonEC2ContainerServiceV20141113" => "ecs",
        "TrentService" => "kms",
        "Logs" => "logs",
        other => other,
    }
}

fn form_action(method: &Method, uri: &Uri, body: &[u8]) -> Option<String> {
    let in_body = || {
        form_pairs(body)
            .find(|(name, _)| name == "Action")
            .map(|(_, value)| value)
    };
    let in_query = || {
        form_pairs(uri.query()?.as_bytes())
            .find(|(name, _)| name == "Action")
            .map(|(_, value)| value)
    };
    match *method {
        Method::POST if uri.path() == "/" => in_body().or_else(in_query),
        Method::GET if uri.path() == "/" => in_query(),
        _ => None,
    }
}

/// Returns the method and the first query key, such as `GET /{}?versioning`. These identify an S3 action.
fn rest_action(method: &Method, uri: &Uri) -> String {
    let depth = uri
        .path()
        .split('/')
        .filter(|part| !part.is_empty())
        .count();
    let shape = match depth {
        0 => "/",
        1 => "/*",
        _ => "/*/*",
    };
    let key = uri
        .query()
        .and_then(|query| query.split(['&', '=']).next())
        .unwrap_or_default();
    if key.is_empty() || key == "x-id" {
        format!("{method} {shape}")
    } else {
        format!("{method} {shape}?{key}")
    }
}

fn form_pairs(body: &[u8]) -> impl Iterator<Item = (String, String)> + '_ {
    body.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .filter_map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = unescape(halves.next()?);
            Some((name, unescape(halves.next().unwrap_or_default())))
        })
}

/// Encodes the body for a Query call.
fn form<N: AsRef<str>, V: AsRef<str>>(
    action: &str,
    version: &str,
    fields: impl IntoIterator<Item = (N, V)>,
) -> String {
    let mut form = format!("Action={action}&Version={version}");
    for (name, value) in fields {
        let (name, value) = (escape(name.as_ref()), escape(value.as_ref()));
        form.extend(["&", &name, "=", &value]);
    }
    form
}

/// Encodes a string as `application/x-www-form-urlencoded`. Only the unreserved characters in RFC 3986 remain literal.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            true => out.push(char::from(byte)),
            false => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Decodes a string from `application/x-www-form-urlencoded`.
pub(super) fn unescape(text: &[u8]) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, tail)) = rest.split_first() {
        let escaped = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match (
            byte,
            escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()),
        ) {
            (b'%', Some(value)) => {
                out.push(value);
                rest = &tail[2..];
            }
            (b'+', _) => {
                out.push(b' ');
                rest = tail;
            }
            _ => {
                out.push(*byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(builder: hyper::http::request::Builder, body: &'static str) -> Request {
        let (parts, ()) = builder.body(()).unwrap().into_parts();
        Request::read(parts, Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn signature_scope_determines_service_and_account() {
        let signed = "AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-west-1/ecs/aws4_request, SignedHeaders=host";
        let request = read(
            hyper::Request::post("/")
                .header("authorization", signed)
                .header(
                    "x-amz-target",
                    "AmazonEC2ContainerServiceV20141113.CreateService",
                ),
            "{}",
        );
        assert_eq!(
            (request.service.as_str(), request.action.as_str()),
            ("ecs", "CreateService")
        );
        assert_eq!(request.account, "123456789012");
        assert_eq!(request.protocol, Protocol::Json);
    }

    #[test]
    fn unsigned_requests_are_identified_by_target_form_or_s3_path() {
        let json = read(
            hyper::Request::post("/").header("x-amz-target", "secretsmanager.GetSecretValue"),
            "{}",
        );
        assert_eq!(
            (json.service.as_str(), json.action.as_str()),
            ("secretsmanager", "GetSecretValue")
        );
        let form = read(
            hyper::Request::post("/"),
            "Version=2011-06-15&Action=GetCallerIdentity",
        );
        assert_eq!(
            (form.service.as_str(), form.action.as_str()),
            ("sts", "GetCallerIdentity")
        );
        let rest = read(hyper::Request::put("/bucket/key?versioning"), "");
        assert_eq!(
            (rest.service.as_str(), rest.action.as_str()),
            ("s3", "PUT /*/*?versioning")
        );
    }

    #[test]
    fn form_values_are_decoded() {
        let body = Bytes::from_static(b"Tag.1=a%20b%2Bc+d&Tag.2=%zz");
        let values: Vec<_> = form_pairs(&body).map(|(_, value)| value).collect();
        assert_eq!(values, ["a b+c d", "%zz"]);
    }
}
