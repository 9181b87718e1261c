//! Tests staging labels and replicas in Secrets Manager with the real emulator, against the AWS API Reference: first
//! without, and then with the corrections.

use std::error::Error;

use serde_json::{Value, json};

use super::TestResult;
use super::plain::Pair;

const TOKENS: [&str; 4] = [
    "11111111-1111-4111-8111-111111111111",
    "22222222-2222-4222-8222-222222222222",
    "33333333-3333-4333-8333-333333333333",
    "44444444-4444-4444-8444-444444444444",
];

fn put(name: &str, version: usize, stages: &[&str]) -> Value {
    json!({
        "SecretId": name, "SecretString": format!("value {version}"),
        "ClientRequestToken": TOKENS[version], "VersionStages": stages,
    })
}

#[test]
fn staging_label_belongs_to_one_version() -> TestResult {
    let pair = Pair::start()?;
    let sm = |action: &str, parameters| pair.aws.call("secretsmanager", action, parameters);
    let stages = |name: &str| -> Result<Value, Box<dyn Error>> {
        let mut described = sm("DescribeSecret", json!({ "SecretId": name }))?;
        Ok(described["VersionIdsToStages"].take())
    };
    for name in ["plain", "corrected"] {
        let parameters = json!({
            "Name": name, "SecretString": "value 0", "ClientRequestToken": TOKENS[0],
        });
        sm("CreateSecret", parameters)?;
    }
    let (old, new) = (&["PENDING"][..], &["PENDING", "AWSCURRENT"][..]);
    for (version, labels) in [(1, old), (2, old), (3, new)] {
        pair.uncorrected(
            "secretsmanager.PutSecretValue",
            &put("plain", version, labels),
        )?;
    }
    let plain = stages("plain")?;
    assert_eq!(plain[TOKENS[1]], json!(["PENDING"]), "{plain}");
    assert_eq!(plain[TOKENS[3]], json!(["AWSCURRENT"]), "{plain}");

    assert_eq!(
        sm("PutSecretValue", put("corrected", 1, old))?["VersionStages"],
        json!(["PENDING"])
    );
    sm("PutSecretValue", put("corrected", 2, old))?;
    let expected = json!({ TOKENS[0]: ["AWSCURRENT"], TOKENS[2]: ["PENDING"] });
    assert_eq!(stages("corrected")?, expected);
    // A repeated call with the same value succeeds and has no effect.
    sm("PutSecretValue", put("corrected", 1, old))?;
    assert_eq!(stages("corrected")?, expected);
    let answer = sm("PutSecretValue", put("corrected", 3, new))?;
    let mut labels: Vec<_> = answer["VersionStages"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    labels.sort_by_key(|label| label.to_string());
    assert_eq!(labels, ["AWSCURRENT", "PENDING"]);
    let current = stages("corrected")?;
    assert_eq!(current[TOKENS[0]], json!(["AWSPREVIOUS"]), "{current}");
    assert_eq!(current[TOKENS[2]], Value::Null, "{current}");
    let pending = json!({ "SecretId": "corrected", "VersionStage": "PENDING" });
    assert_eq!(sm("GetSecretValue", pending)?["SecretString"], "value 3");
    Ok(())
}

#[test]
fn secret_without_a_value_has_no_versions() -> TestResult {
    let pair = Pair::start()?;
    let sm = |action: &str, parameters| pair.aws.call("secretsmanager", action, parameters);
    let versions = || {
        let mut listed = sm("ListSecretVersionIds", json!({ "SecretId": "empty" }))?;
        Ok::<_, Box<dyn std::error::Error>>(listed["Versions"].take())
    };
    sm("CreateSecret", json!({ "Name": "empty" }))?;
    assert_eq!(versions()?, json!([]));
    sm("PutSecretValue", put("empty", 1, &["AWSCURRENT"]))?;
    assert_eq!(versions()?[0]["VersionId"], TOKENS[1]);
    Ok(())
}

#[test]
fn first_version_is_always_the_current_version() -> TestResult {
    let pair = Pair::start()?;
    let sm = |action: &str, parameters| pair.aws.call("secretsmanager", action, parameters);
    sm("CreateSecret", json!({ "Name": "empty" }))?;
    sm("PutSecretValue", put("empty", 1, &["PENDING"]))?;
    let described = sm("DescribeSecret", json!({ "SecretId": "empty" }))?;
    let versions = &described["VersionIdsToStages"];
    let stages = versions[TOKENS[1]].as_array().ok_or("labels")?;
    assert!(
        stages.contains(&json!("AWSCURRENT")) && stages.contains(&json!("PENDING")),
        "{versions}"
    );
    let current = sm("GetSecretValue", json!({ "SecretId": "empty" }))?;
    assert_eq!(current["SecretString"], "value 1");
    Ok(())
}

#[test]
fn replicas_are_created_removed_and_block_the_deletion() -> TestResult {
    let pair = Pair::start()?;
    let sm = |action: &str, parameters| pair.aws.call("secretsmanager", action, parameters);
    let create = |name: &str| {
        json!({
            "Name": name, "SecretString": "value", "ClientRequestToken": TOKENS[0],
            "AddReplicaRegions": [{ "Region": "eu-west-1" }],
        })
    };
    let (_, plain) = pair.uncorrected("secretsmanager.CreateSecret", &create("plain"))?;
    assert!(!plain.contains("ReplicationStatus"), "{plain}");

    let created = sm("CreateSecret", create("ca"))?;
    assert_eq!(
        created["ReplicationStatus"][0]["Region"], "eu-west-1",
        "{created}"
    );
    assert_eq!(sm("CreateSecret", create("ca"))?["ARN"], created["ARN"]);
    let id = json!({ "SecretId": "ca" });
    let described = sm("DescribeSecret", id.clone())?;
    assert_eq!(described["PrimaryRegion"], "us-east-1");
    assert_eq!(described["ReplicationStatus"][0]["Status"], "InSync");
    let refused = sm("DeleteSecret", id.clone()).unwrap_err();
    assert_eq!(refused.code(), Some("InvalidRequestException"));
    assert!(refused.to_string().contains("eu-west-1"), "{refused}");

    let remove = json!({ "SecretId": "ca", "RemoveReplicaRegions": ["eu-west-1"] });
    let (status, text) =
        pair.uncorrected("secretsmanager.RemoveRegionsFromReplication", &remove)?;
    assert!(status >= 400, "{text}");
    sm("RemoveRegionsFromReplication", remove.clone())?;
    let described = sm("DescribeSecret", id.clone())?;
    assert_eq!(described["ReplicationStatus"], Value::Null, "{described}");
    assert_eq!(sm("GetSecretValue", id.clone())?["SecretString"], "value");
    let get = "secretsmanager.GetSecretValue";
    let (_, text) = pair.uncorrected_in("eu-west-1", get, &id)?;
    assert!(text.contains("ResourceNotFoundException"), "{text}");
    let again = sm("RemoveRegionsFromReplication", remove).unwrap_err();
    assert_eq!(again.code(), Some("InvalidParameterException"));
    let replicate = json!({ "SecretId": "ca", "AddReplicaRegions": [{ "Region": "eu-west-1" }] });
    let replicated = sm("ReplicateSecretToRegions", replicate)?;
    assert_eq!(
        replicated["ReplicationStatus"][0]["Status"], "InSync",
        "{replicated}"
    );
    Ok(())
}

#[test]
fn replication_does_not_overwrite_another_secret() -> TestResult {
    let pair = Pair::start()?;
    let sm = |action: &str, parameters| pair.aws.call("secretsmanager", action, parameters);
    let (create, get) = (
        "secretsmanager.CreateSecret",
        "secretsmanager.GetSecretValue",
    );
    let other = json!({ "Name": "ca", "SecretString": "other" });
    pair.uncorrected_in("eu-west-1", create, &other)?;
    let created = json!({ "Name": "ca", "SecretString": "value" });
    sm("CreateSecret", created)?;
    let regions = json!([{ "Region": "eu-west-1" }, { "Region": "eu-north-1" }]);
    let replicate = json!({ "SecretId": "ca", "AddReplicaRegions": regions });
    let plain = "secretsmanager.ReplicateSecretToRegions";
    let (status, text) = pair.uncorrected(plain, &replicate)?;
    assert!(
        status == 400 && text.contains("ResourceExistsException"),
        "{text}"
    );
    sm("ReplicateSecretToRegions", replicate)?;
    let id = json!({ "SecretId": "ca" });
    let described = sm("DescribeSecret", id.clone())?;
    let statuses = described["ReplicationStatus"]
        .as_array()
        .ok_or("replicas")?;
    let status = |region: &str| statuses.iter().find(|status| status["Region"] == region);
    let failed = status("eu-west-1").ok_or("a status")?;
    assert_eq!(failed["Status"], "Failed");
    let message = failed["StatusMessage"].as_str().ok_or("a message")?;
    assert!(message.contains("already exists"), "{message}");
    assert_eq!(status("eu-north-1").ok_or("a status")?["Status"], "InSync");
    let (_, text) = pair.uncorrected_in("eu-west-1", get, &id)?;
    assert!(text.contains("other"), "{text}");
    let remove = json!({ "SecretId": "ca", "RemoveReplicaRegions": ["eu-west-1", "eu-north-1"] });
    sm("RemoveRegionsFromReplication", remove)?;
    let (_, text) = pair.uncorrected_in("eu-west-1", get, &id)?;
    assert!(text.contains("other"), "{text}");
    sm("DeleteSecret", id)?;
    Ok(())
}
