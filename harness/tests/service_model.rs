//! Tests the validation of requests against the service models, with botocore as an independent implementation:
//! it serializes each request and reports the rules that the parameters violate.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};
use tfharness::LocalAws;
use tfharness::toolchain::emulator_python;

type TestResult = Result<(), Box<dyn Error>>;

const CASES: &str = include_str!("service_model/cases.json");
const ORACLE: &str = include_str!("service_model/oracle.py");

/// Starts a server that responds to every request with the specified body and the header `x-forwarded`.
fn server(body: &'static str) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || respond(stream, body));
        }
    });
    Ok(address)
}

/// Reads a request completely and responds to it.
fn respond(stream: TcpStream, body: &str) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap_or_default();
        }
        line.clear();
    }
    reader.read_exact(&mut vec![0; length])?;
    let size = body.len();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {size}\r\nx-forwarded: 1\r\n");
    reader
        .into_inner()
        .write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes())
}

/// Returns whether the service of a case encloses errors in `ErrorResponse`.
fn encloses_errors(case: &Value) -> bool {
    let services = ["iam", "elbv2", "rds", "cloudfront", "route53"];
    services.iter().any(|service| case["service"] == *service)
}

/// Sends all cases through a gateway and returns the reports of the oracle.
fn reports(aws: &LocalAws, cases: &str) -> Result<Vec<Value>, Box<dyn Error>> {
    let mut oracle = Command::new(emulator_python()?)
        .args(["-c", ORACLE, &aws.address().to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = oracle.stdin.take() {
        input.write_all(cases.as_bytes())?;
    }
    let output = oracle.wait_with_output()?;
    assert!(output.status.success(), "the oracle failed");
    let text = String::from_utf8(output.stdout)?;
    Ok(text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?)
}

#[test]
fn gateway_refuses_the_requests_that_botocore_reports_as_invalid() -> TestResult {
    let aws = LocalAws::validated(server("")?)?;
    let cases: Vec<Value> = serde_json::from_str(CASES)?;
    let reports = reports(&aws, CASES)?;
    assert_eq!(reports.len(), cases.len());
    let mut failures = Vec::new();
    for (case, report) in cases.iter().zip(&reports) {
        let expected: Vec<_> = case.get("rule").into_iter().cloned().collect();
        let status = case.get("code").map_or(200, |_| 400);
        let agrees = report["rules"] == Value::Array(expected)
            && report["forwarded"] == case.get("code").is_none()
            && report["code"] == *case.get("code").unwrap_or(&Value::Null)
            && report["status"] == status
            && report["enclosed"] == (status == 400 && encloses_errors(case));
        if !agrees {
            failures.push(format!("{case}\n  {report}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let journal = aws.journal();
    for (case, call) in cases.iter().zip(&journal) {
        assert_eq!(
            call.operation.as_deref(),
            case["operation"].as_str(),
            "{case}"
        );
    }
    Ok(())
}

#[test]
fn responses_that_differ_from_the_model_are_findings() -> TestResult {
    const KEY: &str = r#"{"KeyMetadata":{"KeySpec":"RSA_1","MultiRegion":"no"},"Nope":1}"#;
    let aws = LocalAws::validated(server(KEY)?)?;
    let key = aws.call("kms", "CreateKey", json!({}))?;
    assert_eq!(
        key["KeyMetadata"]["KeySpec"], "RSA_1",
        "a finding must not change the response"
    );
    aws.call("kms", "CreateKey", json!({}))?;
    let mut expected = vec![
        "kms CreateKey: enumeration: KeyMetadata.KeySpec (2)",
        "kms CreateKey: required member: KeyMetadata.KeyId (2)",
        "kms CreateKey: type: KeyMetadata.MultiRegion (2)",
        "kms CreateKey: unknown member: Nope (2)",
    ];
    assert_eq!(findings(&aws), expected);

    const VPCS: &str = "<DescribeVpcsResponse><requestId>r</requestId><vpcSet><item><vpcId>vpc-1</vpcId>\
                        <state>broken</state></item><item><isDefault>maybe</isDefault></item></vpcSet><nope/>\
                        </DescribeVpcsResponse>";
    let aws = LocalAws::validated(server(VPCS)?)?;
    aws.call("ec2", "DescribeVpcs", json!({}))?;
    expected = vec![
        "ec2 DescribeVpcs: enumeration: Vpcs.*.State (1)",
        "ec2 DescribeVpcs: type: Vpcs.*.IsDefault (1)",
        "ec2 DescribeVpcs: unknown member: nope (1)",
    ];
    assert_eq!(findings(&aws), expected);
    Ok(())
}

#[test]
fn refusals_contain_the_value_unless_it_is_sensitive() -> TestResult {
    let aws = LocalAws::validated(server("")?)?;
    let refused = |parameters| {
        let result = aws.call("secretsmanager", "CreateSecret", parameters);
        result.err().map(|error| error.to_string())
    };
    let open = refused(json!({ "Name": 987_654 })).ok_or("the call must fail")?;
    assert!(open.contains("Value '987654' at 'name'"), "{open}");
    let secret = json!({ "Name": "n", "SecretString": 987_654 });
    let secret = refused(secret).ok_or("the call must fail")?;
    assert!(secret.contains("Value at 'secretString'"), "{secret}");
    assert!(!secret.contains("987654"), "{secret}");
    Ok(())
}

#[test]
fn requests_without_a_model_are_forwarded_and_reported() -> TestResult {
    let aws = LocalAws::validated(server("")?)?;
    let client: ureq::Agent = ureq::Agent::config_builder().build().into();
    let scope = format!("{}/20260101/us-east-1/unheard/aws4_request", aws.id());
    let response = client
        .post(aws.endpoint())
        .header(
            "authorization",
            format!("AWS4-HMAC-SHA256 Credential={scope}, Signature=0"),
        )
        .header("x-amz-target", "Unheard.DoIt")
        .send("{}")?;
    assert!(response.headers().contains_key("x-forwarded"));
    assert_eq!(findings(&aws), ["unheard DoIt: not checked: no model (1)"]);
    assert_eq!(aws.journal()[0].operation, None);
    Ok(())
}

#[test]
fn operations_that_the_model_does_not_define_are_refused() -> TestResult {
    let aws = LocalAws::validated(server("")?)?;
    for (service, code) in [
        ("kms", "UnknownOperationException"),
        ("iam", "InvalidAction"),
        ("ec2", "InvalidAction"),
    ] {
        let result = aws.call(service, "DoNothing", json!({}));
        let found = result
            .err()
            .and_then(|error| error.code().map(str::to_owned));
        assert_eq!(found.as_deref(), Some(code), "{service}");
    }
    Ok(())
}

/// Returns the findings as text, with the number of their occurrences.
fn findings(aws: &LocalAws) -> Vec<String> {
    let findings = aws.findings().into_iter();
    findings
        .map(|(finding, count)| format!("{finding} ({count})"))
        .collect()
}
