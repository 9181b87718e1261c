//! "CI identity": the GitHub identity provider in the account. The policy tests check the role.

use anyhow::Result;
use serde_json::{Value, json};
use tfharness::LocalAws;

use crate::facts::{expect as same, list, only, pick};

/// Checks that exactly one identity provider exists, and checks its properties.
pub(crate) fn expect_identity_provider(aws: &LocalAws) -> Result<()> {
    let all = list(
        aws,
        "iam",
        "ListOpenIDConnectProviders",
        Value::Null,
        "OpenIDConnectProviderList",
    )?;
    let arn = format!(
        "arn:aws:iam::{}:oidc-provider/token.actions.githubusercontent.com",
        aws.id()
    );
    let own = only("identity provider", all)?;
    same("identity provider", &own["Arn"], &json!(arn))?;
    let asked = json!({ "OpenIDConnectProviderArn": arn });
    let provider = aws.call("iam", "GetOpenIDConnectProvider", asked)?;
    let found = pick(&provider, &["Url", "ClientIDList", "ThumbprintList"]);
    let expected = json!({
        "Url": "https://token.actions.githubusercontent.com", "ClientIDList": ["sts.amazonaws.com"], "ThumbprintList": "",
    });
    same("identity provider", &found, &expected)
}
