//! Direct API calls without an SDK. Intended for assertions only.

use serde_json::Value;
use ureq::http::{HeaderMap, Method, Request};

use super::{LocalAws, xml};
use crate::gateway::OBSERVER;

/// Maximum size of a response in octets.
const MAX_BODY: u64 = 64 << 20;

/// Error of a direct call to a service.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The service rejected the call.
    #[error("{service} {action} failed with {code}: {message}")]
    Refused {
        /// Signing name of the service.
        service: String,
        /// Name of the action.
        action: String,
        /// Error code, such as `ResourceNotFoundException`.
        code: String,
        /// Error message from the service.
        message: String,
    },
    /// The service did not respond.
    #[error("{service} {action} did not return a response")]
    Unanswered {
        /// Signing name of the service.
        service: String,
        /// Name of the action.
        action: String,
        /// Connection error.
        #[source]
        source: Box<ureq::Error>,
    },
    /// The response is neither JSON nor XML.
    #[error("{service} {action} returned neither JSON nor XML: {text}")]
    Unreadable {
        /// Signing name of the service.
        service: String,
        /// Name of the action.
        action: String,
        /// First part of the response.
        text: String,
    },
    /// Direct calls do not support this service.
    #[error("direct calls do not support the service {0}; supported services: {known}", known = known())]
    UnknownService(String),
}

impl CallError {
    /// Returns the error code if the service rejected the call.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            _ => None,
        }
    }
}

/// Protocol that a service uses.
#[derive(Clone, Copy)]
enum Framing {
    /// AWS JSON with this target prefix.
    Json(&'static str),
    /// AWS Query with this API version.
    Query(&'static str),
    /// REST with JSON. The path is the action in lower camel case.
    Rest,
}

/// Signing name and protocol for each service, from the API model of the service.
const SERVICES: [(&str, Framing); 23] = [
    (
        "application-autoscaling",
        Framing::Json("AnyScaleFrontendService"),
    ),
    ("autoscaling", Framing::Query("2011-01-01")),
    ("dynamodb", Framing::Json("DynamoDB_20120810")),
    ("events", Framing::Json("AWSEvents")),
    ("ecs", Framing::Json("AmazonEC2ContainerServiceV20141113")),
    ("secretsmanager", Framing::Json("secretsmanager")),
    ("kms", Framing::Json("TrentService")),
    ("logs", Framing::Json("Logs_20140328")),
    ("ecr", Framing::Json("AmazonEC2ContainerRegistry_V20150921")),
    (
        "tagging",
        Framing::Json("ResourceGroupsTaggingAPI_20170126"),
    ),
    ("ec2", Framing::Query("2016-11-15")),
    ("elasticloadbalancing", Framing::Query("2015-12-01")),
    ("iam", Framing::Query("2010-05-08")),
    ("sts", Framing::Query("2011-06-15")),
    ("monitoring", Framing::Query("2010-08-01")),
    ("rds", Framing::Query("2014-10-31")),
    ("wafv2", Framing::Json("AWSWAF_20190729")),
    ("acm", Framing::Json("CertificateManager")),
    ("codebuild", Framing::Json("CodeBuild_20161006")),
    (
        "codeconnections",
        Framing::Json("com.amazonaws.codeconnections.CodeConnections_20231201"),
    ),
    ("codepipeline", Framing::Json("CodePipeline_20150709")),
    ("codestar-notifications", Framing::Rest),
    ("sns", Framing::Query("2010-03-31")),
];
/// Additional headers for a call.
type Headers<'a> = &'a [(&'a str, &'a str)];

fn known() -> String {
    SERVICES.map(|(name, _)| name).join(", ")
}

pub(super) fn call(
    aws: &LocalAws,
    service: &str,
    action: &str,
    parameters: &Value,
) -> Result<Value, CallError> {
    let framing = SERVICES
        .iter()
        .find(|(name, _)| *name == service)
        .map(|(_, framing)| *framing);
    let framing = framing.ok_or_else(|| CallError::UnknownService(service.to_owned()))?;
    let target = match framing {
        Framing::Json(prefix) => format!("{prefix}.{action}"),
        Framing::Query(_) | Framing::Rest => String::new(),
    };
    let path = match framing {
        Framing::Rest => format!("/{}{}", action[..1].to_lowercase(), &action[1..]),
        Framing::Json(_) | Framing::Query(_) => "/".to_owned(),
    };
    let rest = [("content-type", "application/json")];
    let json = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", &target),
    ];
    let query = [("content-type", "application/x-www-form-urlencoded")];
    let (headers, body): (Headers<'_>, String) = match framing {
        Framing::Json(_) if parameters.is_null() => (&json, "{}".to_owned()),
        Framing::Json(_) => (&json, parameters.to_string()),
        Framing::Rest if parameters.is_null() => (&rest, "{}".to_owned()),
        Framing::Rest => (&rest, parameters.to_string()),
        Framing::Query(version) => (&query, form(service, action, version, parameters)),
    };
    let call = Sent {
        service,
        action,
        method: Method::POST,
        path: &path,
    };
    let text = call.answer(aws, headers, body)?;
    Ok(unwrap(action, call.read(&text)?))
}

/// Sends a GET request to a REST service. Returns an XML response without its root element.
pub(super) fn get(aws: &LocalAws, service: &str, path: &str) -> Result<Value, CallError> {
    rest(aws, service, Method::GET, path, String::new())
}

/// Posts an XML document to an S3 path. Returns the response without its root element.
pub(super) fn post(aws: &LocalAws, path: &str, document: String) -> Result<Value, CallError> {
    rest(aws, "s3", Method::POST, path, document)
}

fn rest(
    aws: &LocalAws,
    service: &str,
    method: Method,
    path: &str,
    body: String,
) -> Result<Value, CallError> {
    let action = format!("{method} {path}");
    let call = Sent {
        service,
        action: &action,
        method,
        path,
    };
    let headers: Headers<'_> = match body.is_empty() {
        true => &[],
        false => &[("content-type", "application/xml")],
    };
    let text = call.answer(aws, headers, body)?;
    let value = call.read(&text)?;
    let root = match &value {
        Value::Object(fields) if text.trim_start().starts_with('<') => fields.values().next(),
        _ => None,
    };
    Ok(root.cloned().unwrap_or(value))
}

/// Reads, writes, or deletes an object.
pub(super) fn object(
    aws: &LocalAws,
    method: Method,
    bucket: &str,
    key: &str,
    body: Vec<u8>,
) -> Result<Received, CallError> {
    let key: Vec<_> = key.split('/').map(encode).collect();
    let path = format!("/{bucket}/{}", key.join("/"));
    let action = format!("{method} {path}");
    let call = Sent {
        service: "s3",
        action: &action,
        method,
        path: &path,
    };
    call.receive(aws, &[("content-type", "application/octet-stream")], body)
}

/// Reads or deletes a version of an object.
pub(super) fn version(
    aws: &LocalAws,
    method: Method,
    bucket: &str,
    key: &str,
    version: &str,
) -> Result<Received, CallError> {
    let key: Vec<_> = key.split('/').map(encode).collect();
    let path = format!("/{bucket}/{}?versionId={}", key.join("/"), encode(version));
    let action = format!("{method} {path}");
    let call = Sent {
        service: "s3",
        action: &action,
        method,
        path: &path,
    };
    call.receive(aws, &[], Vec::new())
}

/// Enables versioning for a bucket.
pub(super) fn enable_versioning(aws: &LocalAws, bucket: &str) -> Result<(), CallError> {
    let document =
        "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>".to_owned();
    rest(
        aws,
        "s3",
        Method::PUT,
        &format!("/{bucket}?versioning"),
        document,
    )
    .map(drop)
}

/// Creates a bucket.
pub(super) fn create_bucket(aws: &LocalAws, bucket: &str) -> Result<(), CallError> {
    rest(aws, "s3", Method::PUT, &format!("/{bucket}"), String::new()).map(drop)
}

/// Deletes an S3 bucket.
pub(super) fn delete_bucket(aws: &LocalAws, bucket: &str) -> Result<(), CallError> {
    let path = format!("/{bucket}");
    rest(aws, "s3", Method::DELETE, &path, String::new()).map(drop)
}

/// Headers and body of a successful response.
pub(super) struct Received {
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Received {
    /// Returns the body as text. Octets that are not UTF-8 are replaced.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A call in progress, with the names that its errors report.
struct Sent<'a> {
    service: &'a str,
    action: &'a str,
    method: Method,
    path: &'a str,
}

impl Sent<'_> {
    /// Returns the body of a successful response as text.
    fn answer(
        &self,
        aws: &LocalAws,
        headers: Headers<'_>,
        body: String,
    ) -> Result<String, CallError> {
        Ok(self.receive(aws, headers, body.into_bytes())?.text())
    }

    /// Returns a successful response.
    fn receive(
        &self,
        aws: &LocalAws,
        headers: Headers<'_>,
        body: Vec<u8>,
    ) -> Result<Received, CallError> {
        let unanswered = |source| CallError::Unanswered {
            service: self.service.to_owned(),
            action: self.action.to_owned(),
            source: Box::new(source),
        };
        let scope = format!(
            "{}/20260101/{}/{}/aws4_request",
            aws.id(),
            aws.region(),
            self.service
        );
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(format!("{}{}", aws.endpoint(), self.path))
            .header(
                "authorization",
                format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
            )
            .header(OBSERVER, "1");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .body(body)
            .map_err(|error| unanswered(error.into()))?;
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(std::time::Duration::from_secs(60)))
            .build()
            .into();
        let mut response = agent.run(request).map_err(unanswered)?;
        let limited = response.body_mut().with_config().limit(MAX_BODY);
        let received = Received {
            body: limited.read_to_vec().map_err(unanswered)?,
            headers: response.headers().clone(),
        };
        if response.status().is_success() {
            return Ok(received);
        }
        let refused = self.read(&received.text())?;
        let (code, message) = refusal(&refused, response.status().as_u16());
        Err(CallError::Refused {
            service: self.service.to_owned(),
            action: self.action.to_owned(),
            code,
            message,
        })
    }

    fn read(&self, text: &str) -> Result<Value, CallError> {
        read(text).ok_or_else(|| CallError::Unreadable {
            service: self.service.to_owned(),
            action: self.action.to_owned(),
            text: text.chars().take(300).collect(),
        })
    }
}

fn read(text: &str) -> Option<Value> {
    match text.trim_start().chars().next() {
        None => Some(Value::Object(serde_json::Map::new())),
        Some('<') => xml::to_json(text),
        Some(_) => serde_json::from_str(text).ok(),
    }
}

/// Removes the `<Action>Response` and `<Action>Result` elements from Query responses.
fn unwrap(action: &str, value: Value) -> Value {
    let mut value = value;
    for envelope in [format!("{action}Response"), format!("{action}Result")] {
        if let Some(inner) = value.get_mut(&envelope) {
            value = inner.take();
        }
    }
    value
}

fn refusal(value: &Value, status: u16) -> (String, String) {
    let places = [
        "",
        "/ErrorResponse/Error",
        "/Response/Errors/Error",
        "/Error",
    ];
    let find = |keys: &[&str]| {
        let found = places.iter().filter_map(|place| value.pointer(place));
        found
            .flat_map(|object| keys.iter().filter_map(|key| object.get(key)?.as_str()))
            .next()
            .map(str::to_owned)
    };
    let code = find(&["__type", "code", "Code"])
        .map(|code| code.rsplit('#').next().unwrap_or_default().to_owned());
    (
        code.unwrap_or_else(|| status.to_string()),
        find(&["message", "Message"]).unwrap_or_default(),
    )
}

/// Encodes JSON parameters as a Query form.
fn form(service: &str, action: &str, version: &str, parameters: &Value) -> String {
    let mut pairs = vec![
        ("Action".to_owned(), action.to_owned()),
        ("Version".to_owned(), version.to_owned()),
    ];
    let list = if service == "ec2" { "" } else { ".member" };
    flatten(String::new(), parameters, list, &mut pairs);
    let encoded: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    encoded.join("&")
}

fn flatten(name: String, value: &Value, list: &str, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (key, value) in fields {
                let name = if name.is_empty() {
                    key.clone()
                } else {
                    format!("{name}.{key}")
                };
                flatten(name, value, list, pairs);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                flatten(format!("{name}{list}.{}", index + 1), value, list, pairs);
            }
        }
        Value::String(text) => pairs.push((name, text.clone())),
        other => pairs.push((name, other.to_string())),
    }
}

fn encode(text: &str) -> String {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes()
        .map(|byte| {
            if unreserved(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
