//! Responses to clients, and the error format for each protocol.

use bytes::Bytes;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::request::{Protocol, Request};
use super::xml::Node;

/// A complete response.
#[derive(Clone, Debug)]
pub(crate) struct ApiResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl ApiResponse {
    fn new(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(
            "x-amzn-requestid",
            HeaderValue::from_static("00000000-0000-4000-8000-000000000000"),
        );
        Self {
            status,
            headers,
            body: body.into(),
        }
    }

    /// Creates a JSON response with status 200.
    pub(crate) fn json(value: &Value) -> Self {
        Self::new(
            StatusCode::OK,
            "application/x-amz-json-1.1",
            value.to_string(),
        )
    }

    /// Creates an error in the protocol that the request uses.
    pub(crate) fn error(request: &Request, status: StatusCode, code: &str, message: &str) -> Self {
        let (code_text, message_text) = (escape(code), escape(message));
        let inner = format!("<Code>{code_text}</Code><Message>{message_text}</Message>");
        match request.protocol {
            Protocol::Json => {
                let body = json!({ "__type": code, "message": message }).to_string();
                let mut response = Self::new(status, "application/x-amz-json-1.1", body);
                if let Ok(value) = HeaderValue::from_str(code) {
                    response.headers.insert("x-amzn-errortype", value);
                }
                response
            }
            // S3 is the only service without an envelope (Smithy, "AWS restXml protocol", `noErrorWrapping`).
            Protocol::Rest if request.service == "s3" => {
                Self::new(status, "application/xml", format!("<Error>{inner}</Error>"))
            }
            Protocol::Query | Protocol::Rest => Self::new(
                status,
                "text/xml",
                format!(
                    "<ErrorResponse><Error><Type>Sender</Type>{inner}</Error><RequestId>0</RequestId></ErrorResponse>"
                ),
            ),
            Protocol::Ec2 => Self::new(
                status,
                "text/xml",
                format!(
                    "<Response><Errors><Error>{inner}</Error></Errors><RequestID>0</RequestID></Response>"
                ),
            ),
        }
    }

    /// Returns the body as JSON, or `Null` if it is not JSON.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// Parses the body as XML. Returns `None` if it is not XML.
    pub(crate) fn xml(&self) -> Option<Node> {
        Node::parse(std::str::from_utf8(&self.body).ok()?)
    }

    /// Returns the response with a changed tree. Returns errors and responses without XML unchanged.
    pub(crate) fn changed(self, change: impl FnOnce(&mut Node)) -> Self {
        match self.xml() {
            Some(mut tree) if self.status.is_success() => {
                change(&mut tree);
                self.with_body(tree.print())
            }
            _ => self,
        }
    }

    /// Returns the response with a different body.
    pub(crate) fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.headers.remove(CONTENT_LENGTH);
        self
    }

    /// Returns the error code from an error response.
    pub(crate) fn error_code(&self) -> Option<String> {
        if self.status.is_success() || self.status.is_redirection() {
            return None;
        }
        let header = self
            .headers
            .get("x-amzn-errortype")
            .and_then(|value| value.to_str().ok());
        let value = self.value();
        let in_body = ["__type", "code", "Code"]
            .iter()
            .find_map(|key| value.get(key)?.as_str());
        let code = header.or(in_body).map(|code| {
            let code = code.split(':').next().unwrap_or(code);
            code.rsplit('#').next().unwrap_or(code).to_owned()
        });
        let text = String::from_utf8_lossy(&self.body);
        let in_xml = || {
            text.split_once("<Code>")?
                .1
                .split_once("</Code>")
                .map(|(code, _)| code.to_owned())
        };
        code.or_else(in_xml)
            .or_else(|| Some(self.status.as_str().to_owned()))
    }
}

/// Escapes a string for XML.
pub(crate) fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}
