//! Checks that an account is empty. Must list only resources that a caller can create, never resources that AWS creates
//! by default.

use serde_json::{Value, json};

use super::types::{self, Listed, WITHOUT_TYPE};
use super::{CallError, LocalAws};

/// Reason why an account is not empty.
#[derive(Debug, thiserror::Error)]
pub enum NotEmpty {
    /// Resources remain.
    #[error("account {account} is not empty; remaining resources:\n  {}\ninspect them with aws.call(service, action, parameters); last calls:\n{calls}", .left.join("\n  "))]
    Left {
        /// ID of the account.
        account: String,
        /// Remaining resources, with kind and ID.
        left: Vec<String>,
        /// Last calls in the journal.
        calls: String,
    },
    /// A list request failed.
    #[error("cannot determine whether the account is empty")]
    Call(#[from] CallError),
}

pub(super) fn expect_empty(aws: &LocalAws) -> Result<(), NotEmpty> {
    let mut left = Vec::new();
    ecs(aws, &mut left)?;
    kms(aws, &mut left)?;
    others(aws, &mut left)?;
    if left.is_empty() {
        return Ok(());
    }
    Err(NotEmpty::Left {
        account: aws.id().to_owned(),
        left,
        calls: aws.last_calls(10),
    })
}

fn ecs(aws: &LocalAws, left: &mut Vec<String>) -> Result<(), CallError> {
    let clusters = aws.call("ecs", "ListClusters", json!({}))?;
    for cluster in strings(&clusters["clusterArns"]) {
        let services = aws.call("ecs", "ListServices", json!({ "cluster": cluster }))?;
        left.extend(strings(&services["serviceArns"]).map(|arn| format!("ECS service {arn}")));
        let described = aws.call("ecs", "DescribeClusters", json!({ "clusters": [cluster] }))?;
        if described["clusters"][0]["status"] == "ACTIVE" {
            left.push(format!("ECS cluster {cluster}"));
        }
    }
    let definitions = aws.call("ecs", "ListTaskDefinitions", json!({ "status": "ACTIVE" }))?;
    left.extend(
        strings(&definitions["taskDefinitionArns"]).map(|arn| format!("ECS task definition {arn}")),
    );
    Ok(())
}

/// A key cannot be deleted immediately, so a key that is scheduled for deletion counts as deleted.
fn kms(aws: &LocalAws, left: &mut Vec<String>) -> Result<(), CallError> {
    let keys = aws.call("kms", "ListKeys", Value::Null)?;
    for key in keys["Keys"].as_array().into_iter().flatten() {
        let id = json!({ "KeyId": key["KeyId"] });
        let described = aws.call("kms", "DescribeKey", id)?;
        let metadata = &described["KeyMetadata"];
        let going = ["PendingDeletion", "PendingReplicaDeletion"];
        let state = metadata["KeyState"].as_str().unwrap_or_default();
        if metadata["KeyManager"] != "AWS" && !going.contains(&state) {
            left.push(format!("KMS key {}", key["KeyId"].as_str().unwrap_or("?")));
        }
    }
    Ok(())
}

/// Lists the resources of every kind that a single call returns.
fn others(aws: &LocalAws, left: &mut Vec<String>) -> Result<(), CallError> {
    let of_types = types::all().flat_map(|ty| ty.left);
    for listed in of_types.chain(WITHOUT_TYPE) {
        let answer = match listed.is_path {
            true => aws.get(listed.service, listed.call)?,
            false => aws.call(listed.service, listed.call, (listed.parameters)())?,
        };
        listed.left(&answer, left);
    }
    Ok(())
}

impl Listed {
    fn left(&self, answer: &Value, left: &mut Vec<String>) {
        let entries = answer[self.list].as_array().into_iter().flatten();
        let entries = entries.filter(|entry| !(self.of_aws)(entry));
        left.extend(entries.map(|entry| {
            let mut steps = self.identity.split('/');
            let identity = steps.try_fold(entry, |value, step| value.get(step));
            let identity = identity.and_then(Value::as_str).unwrap_or("?");
            format!("{} {identity}", self.kind)
        }));
    }
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}
