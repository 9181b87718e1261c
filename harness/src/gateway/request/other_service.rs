//! Requests from the same caller to other services, for checks that AWS performs across services. Must not send
//! anything.

use bytes::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Uri};
use serde_json::Value;

use super::{Protocol, Request, form, text};

impl Request {
    /// Creates a request to a JSON service. `target` is the value of `X-Amz-Target`.
    pub(crate) fn for_service(&self, service: &str, target: &str, body: &Value) -> Self {
        let mut request = self.signed_for(service, Protocol::Json, "application/x-amz-json-1.1");
        if let Ok(value) = HeaderValue::from_str(target) {
            request.headers.insert("x-amz-target", value);
        }
        let action = target.rsplit('.').next().unwrap_or_default();
        action.clone_into(&mut request.action);
        request.with_body(body.to_string())
    }

    /// Creates a request to EC2.
    pub(crate) fn for_ec2<const N: usize>(&self, action: &str, fields: [(&str, &str); N]) -> Self {
        let mut request = self.for_query("ec2", "2016-11-15", action, fields);
        request.protocol = Protocol::Ec2;
        request
    }

    /// Creates a request to an AWS Query service with this API version.
    pub(crate) fn for_query<N: AsRef<str>, V: AsRef<str>>(
        &self,
        service: &str,
        version: &str,
        action: &str,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let content = "application/x-www-form-urlencoded";
        let mut request = self.signed_for(service, Protocol::Query, content);
        action.clone_into(&mut request.action);
        request.with_body(form(action, version, fields))
    }

    /// Creates a GET request to S3. Returns `None` if the path is not valid.
    pub(crate) fn for_s3(&self, path: &str) -> Option<Self> {
        self.for_path("s3", path)
    }

    /// Creates a GET request to a REST service. Returns `None` if the path is not valid.
    pub(crate) fn for_path(&self, service: &str, path: &str) -> Option<Self> {
        let mut request = self.signed_for(service, Protocol::Rest, "application/xml");
        request.uri = path.parse::<Uri>().ok()?;
        request.method = Method::GET;
        path.clone_into(&mut request.action);
        Some(request.with_body(Bytes::new()))
    }

    fn signed_for(&self, service: &str, protocol: Protocol, content: &'static str) -> Self {
        let mut request = self.clone();
        let own = format!("/{}/aws4_request", self.service);
        let other = format!("/{service}/aws4_request");
        let scope =
            text(&self.headers, AUTHORIZATION.as_str()).map(|text| text.replace(&own, &other));
        if let Some(value) = scope.and_then(|scope| HeaderValue::from_str(&scope).ok()) {
            request.headers.insert(AUTHORIZATION, value);
        }
        for name in [
            "x-amz-target",
            CONTENT_LENGTH.as_str(),
            "x-amz-content-sha256",
        ] {
            request.headers.remove(name);
        }
        request
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static(content));
        request.uri = Uri::from_static("/");
        request.method = Method::POST;
        request.protocol = protocol;
        service.clone_into(&mut request.service);
        request
    }
}
