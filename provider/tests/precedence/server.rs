//! Loopback server that records all requests and returns fixed responses for ECS, STS, the container credentials
//! endpoint, and the instance metadata service.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Server that runs until the process ends.
pub(crate) struct Server {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let request = read_request(&stream);
                let (status, body) = response_to(&request);
                kept.lock().expect("the lock is not poisoned").push(request);
                respond(stream, status, &body);
            }
        });
        Self { url, requests }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the access key and the region from the signature of the last call to ECS or Secrets Manager.
    pub(crate) fn signer_of_last_call(&self) -> Option<(String, String)> {
        let requests = self.requests.lock().expect("the lock is not poisoned");
        let call = requests
            .iter()
            .rev()
            .find(|text| text.contains("ListClusters") || text.contains("DescribeSecret"))?;
        let (_, credential) = call.split_once("Credential=")?;
        let mut parts = credential.split('/');
        let key = parts.next()?.to_owned();
        Some((key, parts.nth(1)?.to_owned()))
    }
}

fn read_request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut text, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or_default() == 0 {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        let end = line.trim().is_empty();
        text.push_str(&line);
        if end {
            break;
        }
    }
    let mut body = vec![0; length];
    // A client that closes the connection early does not send a body.
    let _ = reader.read_exact(&mut body);
    text + &String::from_utf8_lossy(&body)
}

fn respond(mut stream: TcpStream, status: u16, body: &str) {
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-length: {}\r\nx-aws-ec2-metadata-token-ttl-seconds: 21600\r\nconnection: close\r\n\r\n",
        body.len()
    );
    // The client may have closed the connection.
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

/// Returns credentials in the format that the container endpoint and the instance metadata service use.
fn credentials(key: &str) -> String {
    format!(
        r#"{{"Code":"Success","Type":"AWS-HMAC","LastUpdated":"2026-01-01T00:00:00Z","AccessKeyId":"{key}","SecretAccessKey":"s","Token":"t","Expiration":"2099-01-01T00:00:00Z"}}"#
    )
}

/// Returns the response of `AssumeRole` and `AssumeRoleWithWebIdentity`. The key identifies the credentials that assumed
/// the role.
fn assumed(action: &str, key: &str) -> String {
    format!(
        "<{action}Response><{action}Result><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s\
         </SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>\
         <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/x/y</Arn><AssumedRoleId>x:y</AssumedRoleId>\
         </AssumedRoleUser></{action}Result></{action}Response>"
    )
}

fn response_to(request: &str) -> (u16, String) {
    let path = request.split(' ').nth(1).unwrap_or_default();
    let ok = |body: String| (200, body);
    match path {
        "/container" => ok(credentials("ASIACONTAINER")),
        "/latest/api/token" => ok("token".to_owned()),
        "/latest/meta-data/placement/region" => ok("ap-southeast-2".to_owned()),
        "/latest/meta-data/iam/security-credentials/"
        | "/latest/meta-data/iam/security-credentials-extended/" => ok("role".to_owned()),
        path if path.starts_with("/latest/meta-data/iam/security-credentials") => {
            ok(credentials("ASIAINSTANCE"))
        }
        path if path.starts_with("/latest/") => (404, String::new()),
        _ if request.contains("Action=AssumeRoleWithWebIdentity") => {
            ok(assumed("AssumeRoleWithWebIdentity", "ASIAWEB"))
        }
        _ if request.contains("Action=AssumeRole") => {
            let signer = request
                .split_once("Credential=")
                .map_or("", |(_, rest)| rest);
            let signer = signer.split('/').next().unwrap_or_default();
            ok(assumed("AssumeRole", &format!("{signer}ROLE")))
        }
        _ => ok("{}".to_owned()),
    }
}
