//! Direct calls without an SDK. Must not be used for anything but looking at results.

use serde_json::Value;

use super::{LocalAws, REGION, xml};
use crate::gateway::OBSERVER;

/// Why a direct call has no result.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The service refused.
    #[error("{service} {action} was refused with {code}: {message}")]
    Refused {
        /// The service's signing name.
        service: String,
        /// The action.
        action: String,
        /// The error code, such as `ResourceNotFoundException`.
        code: String,
        /// The service's words.
        message: String,
    },
    /// No answer.
    #[error("{service} {action} was not answered")]
    Unanswered {
        /// The service's signing name.
        service: String,
        /// The action.
        action: String,
        /// What the connection said.
        #[source]
        source: Box<ureq::Error>,
    },
    /// The answer is neither JSON nor XML.
    #[error("{service} {action} answered with something unreadable: {text}")]
    Unreadable {
        /// The service's signing name.
        service: String,
        /// The action.
        action: String,
        /// The beginning of the answer.
        text: String,
    },
    /// The service is not one that direct calls know how to address.
    #[error("direct calls do not know the service {0}; known are {known}", known = known())]
    UnknownService(String),
}

impl CallError {
    /// The error code, where the service refused.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            _ => None,
        }
    }
}

/// How a service is addressed.
#[derive(Clone, Copy)]
enum Framing {
    /// AWS JSON with this target prefix.
    Json(&'static str),
    /// AWS Query with this API version.
    Query(&'static str),
}

/// Signing name and framing, from the protocol tests of each service's API model.
const SERVICES: [(&str, Framing); 11] = [
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
];

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
    let named = |source| CallError::Unanswered {
        service: service.to_owned(),
        action: action.to_owned(),
        source: Box::new(source),
    };
    let (content_type, body) = match framing {
        Framing::Json(_) if parameters.is_null() => ("application/x-amz-json-1.1", "{}".to_owned()),
        Framing::Json(_) => ("application/x-amz-json-1.1", parameters.to_string()),
        Framing::Query(version) => (
            "application/x-www-form-urlencoded",
            form(service, action, version, parameters),
        ),
    };
    let scope = format!("{}/20260101/{REGION}/{service}/aws4_request", aws.id());
    let mut request = ureq::post(aws.endpoint())
        .config()
        .http_status_as_error(false)
        .timeout_global(Some(std::time::Duration::from_secs(60)))
        .build()
        .header("content-type", content_type)
        .header(
            "authorization",
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
        )
        .header(OBSERVER, "1");
    if let Framing::Json(prefix) = framing {
        request = request.header("x-amz-target", format!("{prefix}.{action}"));
    }
    let mut response = request.send(body).map_err(named)?;
    let text = response.body_mut().read_to_string().map_err(named)?;
    let value = read(&text).ok_or_else(|| CallError::Unreadable {
        service: service.to_owned(),
        action: action.to_owned(),
        text: text.chars().take(300).collect(),
    })?;
    if response.status().is_success() {
        return Ok(unwrap(action, value));
    }
    let (code, message) = refusal(&value, response.status().as_u16());
    Err(CallError::Refused {
        service: service.to_owned(),
        action: action.to_owned(),
        code,
        message,
    })
}

fn read(text: &str) -> Option<Value> {
    match text.trim_start().chars().next() {
        None => Some(Value::Object(serde_json::Map::new())),
        Some('<') => xml::to_json(text),
        Some(_) => serde_json::from_str(text).ok(),
    }
}

/// Takes the `<Action>Response` and `<Action>Result` envelopes of Query answers off.
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

/// Flattens JSON parameters into a Query form.
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
