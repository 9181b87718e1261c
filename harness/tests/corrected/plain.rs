//! An emulator with and without the corrections.

use std::error::Error;

use serde_json::Value;
use tfharness::LocalAws;
use tfharness::aws::Emulator;

/// HTTP status and body of a response.
pub(super) type Response = (u16, String);

/// A separate emulator, and a gateway in front of it.
pub(super) struct Pair {
    emulator: Emulator,
    /// Account behind the gateway.
    pub(super) aws: LocalAws,
}

impl Pair {
    /// Starts an emulator and a gateway.
    pub(super) fn start() -> Result<Self, Box<dyn Error>> {
        let emulator = Emulator::start()?;
        let aws = LocalAws::behind(emulator.address())?;
        Ok(Self { emulator, aws })
    }

    /// Sends a JSON call to the emulator without the gateway.
    pub(super) fn uncorrected(
        &self,
        target: &str,
        body: &Value,
    ) -> Result<Response, Box<dyn Error>> {
        self.uncorrected_in("us-east-1", target, body)
    }

    /// Sends a JSON call for another region to the emulator without the gateway.
    pub(super) fn uncorrected_in(
        &self,
        region: &str,
        target: &str,
        body: &Value,
    ) -> Result<Response, Box<dyn Error>> {
        let service = match target.split_once('.') {
            Some(("TrentService", _)) => "kms",
            _ => "secretsmanager",
        };
        let headers = [
            ("x-amz-target", target),
            ("content-type", "application/x-amz-json-1.1"),
        ];
        let endpoint = format!("http://{}", self.emulator.address());
        let signed = (self.aws.id(), region, service);
        send(
            &endpoint,
            signed,
            ("POST", "/"),
            &headers,
            &body.to_string(),
        )
    }

    /// Sends a request to the emulator with or without the gateway.
    pub(super) fn s3(
        &self,
        corrected: bool,
        request: (&str, &str),
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Response, Box<dyn Error>> {
        let endpoint = match corrected {
            true => self.aws.endpoint(),
            false => format!("http://{}", self.emulator.address()),
        };
        send(
            &endpoint,
            (self.aws.id(), "us-east-1", "s3"),
            request,
            headers,
            body,
        )
    }
}

/// Sends a request in the same form as an SDK, with the account, the region, and the service in its signature.
pub(super) fn send(
    endpoint: &str,
    (account, region, service): (&str, &str, &str),
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Response, Box<dyn Error>> {
    let scope = format!("{account}/20260101/{region}/{service}/aws4_request");
    let signature = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
    let mut request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("{endpoint}{path}"))
        .header("authorization", signature);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut response = agent.run(request.body(body.to_owned())?)?;
    let text = response.body_mut().read_to_string()?;
    Ok((response.status().as_u16(), text))
}
