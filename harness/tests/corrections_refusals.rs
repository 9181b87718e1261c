//! Tests requests that AWS rejects but the emulator would accept: load balancers, log groups, and distributions with
//! invalid dependencies.

use std::error::Error;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use tfharness::LocalAws;

type TestResult = Result<(), Box<dyn Error>>;

/// Returns the error code from a call that must fail.
fn refused(
    aws: &LocalAws,
    service: &str,
    action: &str,
    parameters: Value,
) -> Result<String, Box<dyn Error>> {
    match aws.call(service, action, parameters) {
        Ok(answer) => Err(format!("{action} must fail, but returned {answer}").into()),
        Err(error) => Ok(error.code().ok_or_else(|| error.to_string())?.to_owned()),
    }
}

/// Sends a REST call in the same form as a provider.
fn send(
    aws: &LocalAws,
    service: &str,
    method: &str,
    path: &str,
    body: &str,
) -> Result<(u16, String), ureq::Error> {
    let scope = format!("{}/20260101/us-east-1/{service}/aws4_request", aws.id());
    let signature = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
    let request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("{}{path}", aws.endpoint()))
        .header("authorization", signature)
        .body(body.to_owned())?;
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut response = agent.run(request)?;
    let text = response.body_mut().read_to_string()?;
    Ok((response.status().as_u16(), text))
}

/// Creates a security group and two subnets in different zones.
fn network(aws: &LocalAws) -> Result<(Vec<Value>, Value), Box<dyn Error>> {
    let vpc =
        aws.call("ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }))?["vpc"]["vpcId"].take();
    let mut subnets = Vec::new();
    for (zone, range) in [("us-east-1a", "10.0.1.0/24"), ("us-east-1b", "10.0.2.0/24")] {
        let subnet = json!({ "VpcId": vpc, "CidrBlock": range, "AvailabilityZone": zone });
        subnets.push(aws.call("ec2", "CreateSubnet", subnet)?["subnet"]["subnetId"].take());
    }
    let group = json!({ "GroupName": "g", "GroupDescription": "g", "VpcId": vpc });
    let group = aws.call("ec2", "CreateSecurityGroup", group)?["groupId"].take();
    Ok((subnets, group))
}

#[test]
fn load_balancer_requires_zones_groups_and_no_deletion_protection() -> TestResult {
    let aws = LocalAws::account()?;
    let (subnets, group) = network(&aws)?;
    let elb = "elasticloadbalancing";
    let balancer = |subnets: &[Value], group: &Value| json!({ "Name": "b", "Subnets": subnets, "SecurityGroups": [group] });
    for (subnets, group, code) in [
        (&subnets[..1], &group, "ValidationError"),
        (
            &[json!("subnet-0"), json!("subnet-1")],
            &group,
            "SubnetNotFound",
        ),
        (&subnets[..], &json!("sg-0"), "InvalidSecurityGroup"),
    ] {
        assert_eq!(
            refused(&aws, elb, "CreateLoadBalancer", balancer(subnets, group))?,
            code
        );
    }
    let made = aws.call(elb, "CreateLoadBalancer", balancer(&subnets, &group))?;
    let arn = made["LoadBalancers"][0]["LoadBalancerArn"].clone();
    let protect = |on: &str| {
        let attribute = json!({ "Key": "deletion_protection.enabled", "Value": on });
        json!({ "LoadBalancerArn": arn, "Attributes": [attribute] })
    };
    let target = json!({ "LoadBalancerArn": arn });
    aws.call(elb, "ModifyLoadBalancerAttributes", protect("true"))?;
    assert_eq!(
        refused(&aws, elb, "DeleteLoadBalancer", target.clone())?,
        "OperationNotPermitted"
    );
    aws.call(elb, "ModifyLoadBalancerAttributes", protect("false"))?;
    aws.call(elb, "DeleteLoadBalancer", target)?;
    Ok(())
}

#[test]
fn access_logs_require_a_bucket_policy() -> TestResult {
    let aws = LocalAws::account()?;
    let (subnets, group) = network(&aws)?;
    let elb = "elasticloadbalancing";
    let balancer = json!({ "Name": "b", "Subnets": subnets, "SecurityGroups": [group] });
    let made = aws.call(elb, "CreateLoadBalancer", balancer)?;
    let attributes = json!([
        { "Key": "access_logs.s3.enabled", "Value": "true" },
        { "Key": "access_logs.s3.bucket", "Value": format!("logs-{}", aws.id()) },
    ]);
    let wanted = json!({ "LoadBalancerArn": made["LoadBalancers"][0]["LoadBalancerArn"], "Attributes": attributes });
    let modify = || refused(&aws, elb, "ModifyLoadBalancerAttributes", wanted.clone());
    assert_eq!(
        modify()?,
        "InvalidConfigurationRequest",
        "the bucket does not exist"
    );
    let bucket = format!("/logs-{}", aws.id());
    assert_eq!(send(&aws, "s3", "PUT", &bucket, "")?.0, 200);
    assert_eq!(
        modify()?,
        "InvalidConfigurationRequest",
        "the bucket has no policy"
    );
    let policy = json!({ "Statement": [{
        "Effect": "Allow", "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::logs-{}/*", aws.id()),
        "Principal": { "Service": "logdelivery.elasticloadbalancing.amazonaws.com" },
    }] });
    let (status, text) = send(
        &aws,
        "s3",
        "PUT",
        &format!("{bucket}?policy"),
        &policy.to_string(),
    )?;
    assert!(status < 300, "{status} {text}");
    aws.call(elb, "ModifyLoadBalancerAttributes", wanted)?;
    Ok(())
}

#[test]
fn listener_requires_an_existing_certificate() -> TestResult {
    let aws = LocalAws::account()?;
    let (subnets, group) = network(&aws)?;
    let elb = "elasticloadbalancing";
    let balancer = json!({ "Name": "b", "Subnets": subnets, "SecurityGroups": [group] });
    let made = aws.call(elb, "CreateLoadBalancer", balancer)?;
    let listener = |certificates: Value| {
        let answer =
            json!({ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "200" } });
        json!({
            "LoadBalancerArn": made["LoadBalancers"][0]["LoadBalancerArn"], "Protocol": "HTTPS", "Port": 443,
            "DefaultActions": [answer], "Certificates": certificates,
        })
    };
    let unknown = format!("arn:aws:acm:us-east-1:{}:certificate/0", aws.id());
    let unknown = json!([{ "CertificateArn": unknown }]);
    assert_eq!(
        refused(&aws, elb, "CreateListener", listener(Value::Null))?,
        "ValidationError"
    );
    assert_eq!(
        refused(&aws, elb, "CreateListener", listener(unknown))?,
        "CertificateNotFound"
    );
    // The emulator does not validate imported certificates.
    let import = json!({ "Certificate": BASE64_STANDARD.encode("c"), "PrivateKey": BASE64_STANDARD.encode("k") });
    let arn = aws.call("acm", "ImportCertificate", import)?["CertificateArn"].take();
    aws.call(
        elb,
        "CreateListener",
        listener(json!([{ "CertificateArn": arn }])),
    )?;
    Ok(())
}

#[test]
fn log_group_key_requires_a_policy_for_logs() -> TestResult {
    let aws = LocalAws::account()?;
    let group = |name: &str, key: &Value| json!({ "logGroupName": name, "kmsKeyId": key });
    let missing = format!(
        "arn:aws:kms:us-east-1:{}:key/00000000-0000-4000-8000-000000000000",
        aws.id()
    );
    let invalid = "InvalidParameterException";
    assert_eq!(
        refused(&aws, "logs", "CreateLogGroup", group("a", &json!(missing)))?,
        invalid
    );
    let closed = aws.call("kms", "CreateKey", json!({}))?["KeyMetadata"]["Arn"].take();
    assert_eq!(
        refused(&aws, "logs", "CreateLogGroup", group("a", &closed))?,
        invalid
    );
    let policy = json!({ "Statement": [{
        "Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Principal": { "Service": "logs.us-east-1.amazonaws.com" },
    }] });
    let open = json!({ "Policy": policy.to_string() });
    let open = aws.call("kms", "CreateKey", open)?["KeyMetadata"]["Arn"].take();
    aws.call("logs", "CreateLogGroup", group("a", &open))?;
    aws.call("logs", "CreateLogGroup", json!({ "logGroupName": "b" }))?;
    assert_eq!(
        refused(&aws, "logs", "AssociateKmsKey", group("b", &closed))?,
        invalid
    );
    Ok(())
}

#[test]
fn distribution_requires_a_log_bucket_with_acls() -> TestResult {
    let aws = LocalAws::account()?;
    let bucket = format!("/cdn-{}", aws.id());
    assert_eq!(send(&aws, "s3", "PUT", &bucket, "")?.0, 200);
    let distribution = format!(
        "<DistributionConfig><CallerReference>r</CallerReference><Origins><Items><Origin><Id>o</Id><DomainName>o.example.com\
         </DomainName></Origin></Items><Quantity>1</Quantity></Origins><DefaultCacheBehavior><TargetOriginId>o\
         </TargetOriginId><ViewerProtocolPolicy>https-only</ViewerProtocolPolicy></DefaultCacheBehavior><Comment>c</Comment><Logging><Enabled>true</Enabled><IncludeCookies>\
         false</IncludeCookies><Bucket>cdn-{}.s3.amazonaws.com</Bucket><Prefix>cdn/</Prefix></Logging><Enabled>true</Enabled></DistributionConfig>",
        aws.id()
    );
    let create = || {
        send(
            &aws,
            "cloudfront",
            "POST",
            "/2020-05-31/distribution",
            &distribution,
        )
    };
    let (status, text) = create()?;
    assert!(
        status == 400 && text.contains("does not enable ACL access"),
        "{status} {text}"
    );
    let owner = |ownership: &str| {
        let rule = format!("<Rule><ObjectOwnership>{ownership}</ObjectOwnership></Rule>");
        format!("<OwnershipControls>{rule}</OwnershipControls>")
    };
    for (ownership, expected) in [("BucketOwnerEnforced", 400), ("BucketOwnerPreferred", 201)] {
        let path = format!("{bucket}?ownershipControls");
        assert_eq!(send(&aws, "s3", "PUT", &path, &owner(ownership))?.0, 200);
        let (status, text) = create()?;
        assert_eq!(status, expected, "{ownership}: {text}");
    }
    let listed = aws.get("cloudfront", "/2020-05-31/distribution")?;
    assert_eq!(
        listed["Items"].as_array().map(Vec::len),
        Some(1),
        "{listed}"
    );
    let controls = aws.get("s3", &format!("{bucket}?ownershipControls"))?;
    assert_eq!(
        controls["Rule"],
        json!([{ "ObjectOwnership": "BucketOwnerPreferred" }])
    );
    Ok(())
}

#[test]
fn response_headers_policy_omits_empty_headers() -> TestResult {
    let aws = LocalAws::account()?;
    let custom = "<CustomHeadersConfig><Quantity>1</Quantity><Items><ResponseHeadersPolicyCustomHeader>\
                  <Header>X-Skreg</Header><Value>1</Value><Override>true</Override>\
                  </ResponseHeadersPolicyCustomHeader></Items></CustomHeadersConfig>";
    let policies = "/2020-05-31/response-headers-policy";
    for (name, headers, kept) in [("none", "", false), ("one", custom, true)] {
        let policy = format!(
            "<ResponseHeadersPolicyConfig><Name>{name}</Name><SecurityHeadersConfig><ContentTypeOptions><Override>true\
             </Override></ContentTypeOptions></SecurityHeadersConfig>{headers}</ResponseHeadersPolicyConfig>"
        );
        let (status, text) = send(&aws, "cloudfront", "POST", policies, &policy)?;
        assert_eq!(status, 201, "{text}");
        assert_eq!(text.contains("CustomHeadersConfig"), kept, "{text}");
        assert!(!text.contains("RemoveHeadersConfig"), "{text}");
    }
    let left = aws.expect_empty().unwrap_err().to_string();
    assert_eq!(
        left.matches("response headers policy ").count(),
        2,
        "{left}"
    );
    assert!(
        !left.contains('?') && !left.contains("cache policy"),
        "{left}"
    );
    Ok(())
}

#[test]
fn objects_can_be_written_read_and_deleted() -> TestResult {
    let aws = LocalAws::account()?;
    let bucket = format!("objects-{}", aws.id());
    let missing = aws.s3().get(&bucket, "a").unwrap_err();
    assert_eq!(missing.code(), Some("NoSuchBucket"));
    assert_eq!(send(&aws, "s3", "PUT", &format!("/{bucket}"), "")?.0, 200);
    aws.s3().put(&bucket, "a b/ä.txt", "<&> is text")?;
    assert_eq!(aws.s3().get(&bucket, "a b/ä.txt")?, "<&> is text");
    let listed = aws.get("s3", &format!("/{bucket}?list-type=2"))?;
    assert_eq!(listed["Contents"][0]["Key"], "a b/ä.txt", "{listed}");
    let left = aws.expect_empty().unwrap_err().to_string();
    assert!(left.contains(&format!("bucket {bucket}")), "{left}");
    aws.s3().delete(&bucket, "a b/ä.txt")?;
    assert_eq!(
        aws.s3().get(&bucket, "a b/ä.txt").unwrap_err().code(),
        Some("NoSuchKey")
    );
    assert_eq!(
        send(&aws, "s3", "DELETE", &format!("/{bucket}"), "")?.0,
        204
    );
    Ok(aws.expect_empty()?)
}
