//! Tests the corrections for a complete stack (EC2, RDS, WAF) with the real emulator, against the AWS API Reference.

use std::error::Error;

use serde_json::{Value, json};
use tfharness::{LocalAws, on};

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

fn vpc(aws: &LocalAws) -> Result<Value, Box<dyn Error>> {
    let made = aws.call("ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }))?;
    Ok(made["vpc"]["vpcId"].clone())
}

fn group(aws: &LocalAws, vpc: &Value, name: &str) -> Result<Value, Box<dyn Error>> {
    let group = json!({ "GroupName": name, "GroupDescription": name, "VpcId": vpc });
    Ok(aws.call("ec2", "CreateSecurityGroup", group)?["groupId"].clone())
}

fn rules(aws: &LocalAws, group: &Value) -> Result<Value, Box<dyn Error>> {
    let filter = json!({ "Filter": [{ "Name": "group-id", "Value": [group] }] });
    let mut rules = aws.call("ec2", "DescribeSecurityGroupRules", filter)?;
    Ok(rules["securityGroupRuleSet"].take())
}

/// All protocols to all addresses, in the format that hashicorp/aws uses to revoke the default egress rule.
fn everything(group: &Value) -> Value {
    let ranges = json!([{ "CidrIp": "0.0.0.0/0" }]);
    let permission = json!({ "IpProtocol": "-1", "FromPort": 0, "ToPort": 0, "IpRanges": ranges });
    json!({ "GroupId": group, "IpPermissions": [permission] })
}

#[test]
fn default_egress_rule_is_revoked_regardless_of_ports() -> TestResult {
    let aws = LocalAws::account()?;
    let group = group(&aws, &vpc(&aws)?, "g")?;
    assert_eq!(rules(&aws, &group)?.as_array().map(Vec::len), Some(1));
    let again = everything(&group);
    assert_eq!(
        refused(&aws, "ec2", "AuthorizeSecurityGroupEgress", again)?,
        "InvalidPermission.Duplicate"
    );
    aws.call("ec2", "RevokeSecurityGroupEgress", everything(&group))?;
    assert_eq!(rules(&aws, &group)?, json!(""));

    let mut described = everything(&group);
    described["IpPermissions"][0]["IpRanges"][0]["Description"] = json!("all & more");
    described["TagSpecification"] = json!([
        { "ResourceType": "security-group-rule", "Tag": [{ "Key": "team", "Value": "a b" }] },
    ]);
    aws.call("ec2", "AuthorizeSecurityGroupEgress", described)?;
    let rules = rules(&aws, &group)?;
    assert_eq!(rules[0]["description"], "all & more");
    assert_eq!(
        rules[0]["tagSet"],
        json!([{ "key": "team", "value": "a b" }])
    );
    Ok(())
}

#[test]
fn rule_requires_an_existing_prefix_list() -> TestResult {
    let aws = LocalAws::account()?;
    let group = group(&aws, &vpc(&aws)?, "g")?;
    let filter = json!({ "Filter": [{ "Name": "prefix-list-name", "Value": ["com.amazonaws.us-east-1.s3"] }] });
    let lists = aws.call("ec2", "DescribeManagedPrefixLists", filter)?;
    let list = lists["prefixListSet"][0]["prefixListId"].clone();
    let rule = |list: &Value| {
        let permission = json!({
            "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
            "PrefixListIds": [{ "PrefixListId": list, "Description": "S3" }],
        });
        json!({ "GroupId": group, "IpPermissions": [permission] })
    };
    let made = aws.call("ec2", "AuthorizeSecurityGroupEgress", rule(&list))?;
    assert_eq!(made["securityGroupRuleSet"][0]["prefixListId"], list);
    let missing = rule(&json!("pl-00000000000000000"));
    assert_eq!(
        refused(&aws, "ec2", "AuthorizeSecurityGroupEgress", missing)?,
        "InvalidPrefixListID.NotFound"
    );
    let of_group = json!({ "GroupId": [group] });
    let described = aws.call("ec2", "DescribeSecurityGroups", of_group)?;
    let permissions = described["securityGroupInfo"][0]["ipPermissionsEgress"].clone();
    let permission = permissions
        .as_array()
        .and_then(|list| list.last())
        .ok_or("no permission")?;
    assert_eq!(permission["prefixListIds"][0]["prefixListId"], list);
    assert_eq!(permission["prefixListIds"][0]["description"], "S3");

    let id = made["securityGroupRuleSet"][0]["securityGroupRuleId"].clone();
    let revoke = json!({ "GroupId": group, "SecurityGroupRuleId": [id] });
    aws.call("ec2", "RevokeSecurityGroupEgress", revoke)?;
    assert_eq!(rules(&aws, &group)?.as_array().map(Vec::len), Some(1));
    Ok(())
}

#[test]
fn interface_endpoint_stores_its_groups_and_private_dns() -> TestResult {
    let aws = LocalAws::account()?;
    let (vpc, other) = (vpc(&aws)?, vpc(&aws)?);
    let (inside, outside) = (group(&aws, &vpc, "in")?, group(&aws, &other, "out")?);
    let endpoint = |groups: Value, private: bool| {
        json!({
            "VpcId": vpc, "VpcEndpointType": "Interface", "ServiceName": "com.amazonaws.us-east-1.logs",
            "SecurityGroupId": groups, "PrivateDnsEnabled": private,
        })
    };
    let create = |wanted: Value| refused(&aws, "ec2", "CreateVpcEndpoint", wanted);
    // DNS host names of a VPC are disabled by default.
    assert_eq!(create(endpoint(json!([inside]), true))?, "InvalidParameter");
    let names = json!({ "VpcId": vpc, "EnableDnsHostnames": { "Value": true } });
    aws.call("ec2", "ModifyVpcAttribute", names)?;
    assert_eq!(
        create(endpoint(json!([outside]), true))?,
        "InvalidParameter"
    );
    assert_eq!(
        create(endpoint(json!(["sg-00000000000000000"]), true))?,
        "InvalidSecurityGroupID.NotFound"
    );

    let made = aws.call("ec2", "CreateVpcEndpoint", endpoint(json!([inside]), true))?;
    let id = made["vpcEndpoint"]["vpcEndpointId"].clone();
    assert_eq!(create(endpoint(json!([inside]), true))?, "InvalidParameter");
    let described = || -> Result<Value, Box<dyn Error>> {
        let ids = json!({ "VpcEndpointId": [id] });
        let mut answer = aws.call("ec2", "DescribeVpcEndpoints", ids)?;
        Ok(answer["vpcEndpointSet"][0].take())
    };
    let seen = described()?;
    assert_eq!(
        seen["groupSet"],
        json!([{ "groupId": inside, "groupName": "in" }])
    );
    assert_eq!(seen["privateDnsEnabled"], "true");
    assert!(
        seen["policyDocument"]
            .as_str()
            .unwrap_or_default()
            .contains("\"Allow\""),
        "{seen}"
    );

    let change = json!({
        "VpcEndpointId": id, "RemoveSecurityGroupId": [inside], "PrivateDnsEnabled": false,
        "PolicyDocument": r#"{"Statement":[]}"#,
    });
    aws.call("ec2", "ModifyVpcEndpoint", change)?;
    let seen = described()?;
    assert_eq!(
        (
            &seen["groupSet"],
            &seen["privateDnsEnabled"],
            &seen["policyDocument"]
        ),
        (&json!(""), &json!("false"), &json!(r#"{"Statement":[]}"#))
    );
    let left = aws.expect_empty().unwrap_err().to_string();
    assert!(left.contains("VPC endpoint vpce-"), "{left}");
    Ok(())
}

#[test]
fn flow_log_stores_role_interval_group_and_tags() -> TestResult {
    let aws = LocalAws::account()?;
    let vpc = vpc(&aws)?;
    let role = format!("arn:aws:iam::{}:role/flow", aws.id());
    let group = format!("arn:aws:logs:us-east-1:{}:log-group:/vpc/flow:*", aws.id());
    let flow_log = |role: &str, interval: u32| {
        json!({
            "ResourceType": "VPC", "ResourceId": [vpc], "TrafficType": "ALL", "LogDestination": group,
            "DeliverLogsPermissionArn": role, "MaxAggregationInterval": interval,
            "TagSpecification": [{ "ResourceType": "vpc-flow-log", "Tag": [{ "Key": "team", "Value": "a b" }] }],
        })
    };
    assert_eq!(
        refused(&aws, "ec2", "CreateFlowLogs", flow_log(&role, 61))?,
        "InvalidParameter"
    );
    assert_eq!(
        refused(&aws, "ec2", "CreateFlowLogs", flow_log("", 60))?,
        "InvalidParameter"
    );
    let made = aws.call("ec2", "CreateFlowLogs", flow_log(&role, 60))?;
    let seen = aws.call("ec2", "DescribeFlowLogs", Value::Null)?["flowLogSet"][0].take();
    assert_eq!(seen["flowLogId"], made["flowLogIdSet"][0]);
    assert_eq!(seen["deliverLogsPermissionArn"], role);
    assert_eq!(seen["maxAggregationInterval"], "60");
    assert_eq!(seen["logGroupName"], "/vpc/flow");
    assert_eq!(seen["tagSet"], json!([{ "key": "team", "value": "a b" }]));
    let left = aws.expect_empty().unwrap_err().to_string();
    assert!(left.contains("flow log fl-"), "{left}");
    Ok(())
}

/// Parameters for a database as in the module, without the parameters that the emulator does not require.
fn database() -> Value {
    json!({
        "DBInstanceIdentifier": "db", "Engine": "postgres", "DBInstanceClass": "db.t4g.micro",
        "MasterUsername": "skreg", "MasterUserPassword": "a-long-password", "AllocatedStorage": 20,
        "PreferredBackupWindow": "01:00-02:00", "EnablePerformanceInsights": true,
        "PerformanceInsightsRetentionPeriod": 31, "EnableCloudwatchLogsExports": ["postgresql", "upgrade"],
    })
}

fn instance(aws: &LocalAws) -> Result<Value, Box<dyn Error>> {
    let mut answer = aws.call("rds", "DescribeDBInstances", Value::Null)?;
    Ok(answer["DBInstances"][0].take())
}

#[test]
fn database_stores_its_log_exports_and_insights() -> TestResult {
    let aws = LocalAws::account()?;
    let with = |name: &str, value: Value| {
        let mut wanted = database();
        wanted[name] = value;
        wanted
    };
    for (name, value, code) in [
        (
            "EnableCloudwatchLogsExports",
            json!(["slowquery"]),
            "InvalidParameterCombination",
        ),
        (
            "MonitoringInterval",
            json!(60),
            "InvalidParameterCombination",
        ),
        (
            "PerformanceInsightsRetentionPeriod",
            json!(8),
            "InvalidParameterValue",
        ),
        (
            "MasterUserPassword",
            json!("with@sign"),
            "InvalidParameterValue",
        ),
        (
            "PerformanceInsightsKMSKeyId",
            json!("alias/missing"),
            "KMSKeyNotAccessibleFault",
        ),
    ] {
        assert_eq!(
            refused(&aws, "rds", "CreateDBInstance", with(name, value))?,
            code,
            "{name}"
        );
    }
    let key = aws.call("kms", "CreateKey", json!({}))?["KeyMetadata"].take();
    let wanted = with("PerformanceInsightsKMSKeyId", key["KeyId"].clone());
    aws.call("rds", "CreateDBInstance", wanted)?;
    let seen = instance(&aws)?;
    assert_eq!(
        seen["EnabledCloudwatchLogsExports"],
        json!(["postgresql", "upgrade"])
    );
    assert_eq!(seen["PerformanceInsightsKMSKeyId"], key["Arn"]);
    assert_eq!(seen["PerformanceInsightsRetentionPeriod"], "31");
    assert_eq!(seen["PreferredBackupWindow"], "01:00-02:00");

    let change = json!({
        "DBInstanceIdentifier": "db", "EnablePerformanceInsights": false, "AutoMinorVersionUpgrade": false,
        "CloudwatchLogsExportConfiguration": { "DisableLogTypes": ["upgrade"] },
    });
    aws.call("rds", "ModifyDBInstance", change)?;
    let seen = instance(&aws)?;
    assert_eq!(seen["EnabledCloudwatchLogsExports"], json!(["postgresql"]));
    assert_eq!(
        (
            &seen["PerformanceInsightsEnabled"],
            &seen["AutoMinorVersionUpgrade"]
        ),
        (&json!("false"), &json!("false"))
    );
    Ok(())
}

#[test]
fn database_accepts_only_its_current_password() -> TestResult {
    let aws = LocalAws::account()?;
    let rule =
        on("rds", "CreateDBInstance")
            .first()
            .fail(400, "InsufficientDBInstanceCapacity", "none");
    aws.add_rule(&rule);
    aws.call("rds", "CreateDBInstance", database())?;
    assert_eq!(
        rule.fired(),
        0,
        "rules must not apply to direct calls from the test"
    );
    assert!(aws.rds().accepts("db", "skreg", "a-long-password"));
    assert!(!aws.rds().accepts("db", "skreg", "another-password"));
    assert!(!aws.rds().accepts("db", "postgres", "a-long-password"));
    let change = json!({ "DBInstanceIdentifier": "db", "MasterUserPassword": "another-password" });
    aws.call("rds", "ModifyDBInstance", change)?;
    assert!(aws.rds().accepts("db", "skreg", "another-password"));
    assert!(
        !aws.sibling()
            .rds()
            .accepts("db", "skreg", "another-password")
    );
    let target = json!({ "DBInstanceIdentifier": "db", "SkipFinalSnapshot": true });
    aws.call("rds", "DeleteDBInstance", target)?;
    assert!(!aws.rds().accepts("db", "skreg", "another-password"));
    Ok(())
}

#[test]
fn web_acl_requires_a_log_destination_with_the_prefix() -> TestResult {
    let aws = LocalAws::account()?;
    let visible = json!({ "SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "w" });
    let acl = json!({
        "Name": "w", "Scope": "REGIONAL", "DefaultAction": { "Allow": {} }, "VisibilityConfig": visible,
    });
    let acl = aws.call("wafv2", "CreateWebACL", acl)?["Summary"].take();
    let arn = &acl["ARN"];
    for name in ["aws-waf-logs-w", "elsewhere"] {
        aws.call("logs", "CreateLogGroup", json!({ "logGroupName": name }))?;
    }
    let logging = |group: &str, field: &str| {
        let group = format!("arn:aws:logs:us-east-1:{}:log-group:{group}", aws.id());
        let mut redacted = json!({});
        redacted[field] = json!({});
        json!({ "LoggingConfiguration": {
            "ResourceArn": arn, "LogDestinationConfigs": [group], "RedactedFields": [redacted],
        } })
    };
    let put = |wanted: Value| refused(&aws, "wafv2", "PutLoggingConfiguration", wanted);
    let invalid = "WAFInvalidParameterException";
    assert_eq!(put(logging("elsewhere", "Method"))?, invalid);
    assert_eq!(put(logging("aws-waf-logs-missing", "Method"))?, invalid);
    assert_eq!(put(logging("aws-waf-logs-w", "Body"))?, invalid);
    let mut foreign = logging("aws-waf-logs-w", "Method");
    foreign["LoggingConfiguration"]["ResourceArn"] =
        json!("arn:aws:wafv2:us-east-1:1:regional/webacl/w/00000000-0000-4000-8000-000000000000");
    assert_eq!(put(foreign)?, "WAFNonexistentItemException");

    let of = json!({ "ResourceArn": arn });
    let get = || aws.call("wafv2", "GetLoggingConfiguration", of.clone());
    assert_eq!(
        get().unwrap_err().code(),
        Some("WAFNonexistentItemException")
    );
    let wanted = logging("aws-waf-logs-w", "Method");
    aws.call("wafv2", "PutLoggingConfiguration", wanted.clone())?;
    let seen = get()?["LoggingConfiguration"].take();
    assert_eq!(
        seen["LogDestinationConfigs"],
        wanted["LoggingConfiguration"]["LogDestinationConfigs"]
    );

    let balancer =
        json!({ "ResourceArn": "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/a/b" });
    assert_eq!(
        aws.call("wafv2", "GetWebACLForResource", balancer.clone())?["WebACL"],
        Value::Null
    );
    let mut association = balancer.clone();
    association["WebACLArn"] = arn.clone();
    aws.call("wafv2", "AssociateWebACL", association)?;
    let target =
        json!({ "Id": acl["Id"], "Name": "w", "Scope": "REGIONAL", "LockToken": acl["LockToken"] });
    assert_eq!(
        refused(&aws, "wafv2", "DeleteWebACL", target.clone())?,
        "WAFAssociatedItemException"
    );
    aws.call("wafv2", "DisassociateWebACL", balancer)?;
    aws.call("wafv2", "DeleteWebACL", target)?;
    assert_eq!(
        get().unwrap_err().code(),
        Some("WAFNonexistentItemException")
    );
    Ok(())
}
