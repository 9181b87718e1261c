//! Loopback server that records requests and returns prepared responses, for tests of the clients.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use tfplugin::Configured;
use zeroize::Zeroizing;

use crate::aws::config::{Service, StaticCredentials};
use crate::aws::{AwsSettings, Connection};

/// A recorded request.
pub(crate) struct Received {
    /// Method and path with the query.
    pub(crate) line: String,
    /// Headers with names in lowercase.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    /// Returns the value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A prepared response.
pub(crate) struct Prepared {
    pub(crate) status: u16,
    pub(crate) headers: &'static str,
    pub(crate) body: Vec<u8>,
}

/// Returns a connection whose calls to a service a server answers in order, and the requests.
pub(crate) fn connection(
    service: Service,
    answers: Vec<Prepared>,
) -> (Configured<Connection>, Arc<Mutex<Vec<Received>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    // With a host name instead of an address, the S3 client uses the bucket as a subdomain, unless configured otherwise.
    let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&requests);
    std::thread::spawn(move || {
        for (stream, answer) in listener.incoming().flatten().zip(answers) {
            let mut reader = BufReader::new(&stream);
            let mut head = Vec::new();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if line.trim().is_empty() {
                    break;
                }
                head.push(line.trim().to_owned());
            }
            let pairs = head[1..].iter().filter_map(|line| line.split_once(": "));
            let headers: Vec<_> = pairs
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect();
            let length = headers.iter().find(|(name, _)| name == "content-length");
            let length = length.map_or(0, |(_, value)| value.parse().unwrap());
            if headers.iter().any(|(name, _)| name == "expect") {
                (&stream)
                    .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")
                    .unwrap();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let line = head[0].trim_end_matches(" HTTP/1.1").to_owned();
            kept.lock().unwrap().push(Received {
                line,
                headers,
                body,
            });
            let Prepared {
                status,
                headers,
                body,
            } = answer;
            let head = format!(
                "HTTP/1.1 {status} x\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            (&stream).write_all(head.as_bytes()).unwrap();
            (&stream).write_all(&body).unwrap();
        }
    });
    let configured = Configured::new();
    configured.set(Connection::new(AwsSettings {
        region: Some("eu-central-1".to_owned()),
        static_credentials: Some(StaticCredentials {
            access_key: "AKIASTATIC".to_owned(),
            secret_key: Zeroizing::new("secret".to_owned()),
            token: None,
        }),
        endpoints: [(service, url)].into(),
        max_retries: Some(0),
        ..AwsSettings::default()
    }));
    (configured, requests)
}
