//! "CI identity": the account's one identity provider of GitHub. Must not look at the role; its policies are evaluated.

use anyhow::Result;
use serde_json::{Value, json};

use super::Registry;
use crate::facts::{expect as same, list, only, pick};

pub(super) fn expect(registry: &Registry<'_>) -> Result<()> {
    let all = list(
        registry.aws,
        "iam",
        "ListOpenIDConnectProviders",
        Value::Null,
        "OpenIDConnectProviderList",
    )?;
    let arn = format!(
        "arn:aws:iam::{}:oidc-provider/token.actions.githubusercontent.com",
        registry.aws.id()
    );
    let own = only("identity provider", all)?;
    same("identity provider", &own["Arn"], &json!(arn))?;
    let asked = json!({ "OpenIDConnectProviderArn": arn });
    let provider = registry
        .aws
        .call("iam", "GetOpenIDConnectProvider", asked)?;
    let found = pick(&provider, &["Url", "ClientIDList", "ThumbprintList"]);
    let expected = json!({
        "Url": "https://token.actions.githubusercontent.com", "ClientIDList": ["sts.amazonaws.com"], "ThumbprintList": "",
    });
    same("identity provider", &found, &expected)
}
