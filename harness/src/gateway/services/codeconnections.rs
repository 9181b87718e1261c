//! CodeConnections, and its former name CodeStar Connections: connections and their tags.
//!
//! Follows the CodeConnections API Reference, pages CreateConnection, GetConnection, ListConnections, DeleteConnection,
//! TagResource, and UntagResource, and the Developer Tools console user guide, page "Update a pending connection": a
//! connection is pending until a user completes the handshake in the console. The local AWS has no console, so
//! connections remain pending.

use serde_json::{Value, json};

use super::super::request::Request;
use super::stored::Stored;
use super::{Failure, Outcome, entries, refuse, text, texts, undefined, uuid};

/// Providers of connections without a host.
const PROVIDERS: [&str; 6] = [
    "AzureDevOps",
    "Bitbucket",
    "GitHub",
    "GitHubEnterpriseServer",
    "GitLab",
    "GitLabSelfManaged",
];

/// Objects of the service.
#[derive(Default)]
pub(super) struct CodeConnections {
    /// Connections by ARN.
    connections: Stored,
}

impl CodeConnections {
    pub(super) fn respond(&self, request: &Request) -> Outcome {
        let body = request.json();
        match request.action.as_str() {
            "CreateConnection" => self.create(request, &body),
            "GetConnection" => {
                let connection = self.find(request, text(&body, "ConnectionArn"))?;
                Ok(json!({ "Connection": connection["Connection"] }))
            }
            "ListConnections" => {
                let wanted = &body["ProviderTypeFilter"];
                let found = self.connections.matching(request, |one| {
                    wanted.is_null() || one["Connection"]["ProviderType"] == *wanted
                });
                let found: Vec<_> = found.iter().map(|one| one["Connection"].clone()).collect();
                Ok(json!({ "Connections": found }))
            }
            "DeleteConnection" => {
                let arn = text(&body, "ConnectionArn");
                self.find(request, arn)?;
                self.connections.remove(request, arn);
                Ok(json!({}))
            }
            "ListTagsForResource" => {
                let connection = self.find(request, text(&body, "ResourceArn"))?;
                Ok(json!({ "Tags": connection["Tags"] }))
            }
            "TagResource" | "UntagResource" => self.tag(request, &body),
            _ => undefined(request),
        }
    }

    fn create(&self, request: &Request, body: &Value) -> Outcome {
        let provider = match (text(body, "ProviderType"), text(body, "HostArn")) {
            ("", "") => {
                return refuse(
                    "InvalidInputException",
                    "ProviderType or HostArn is required",
                );
            }
            ("", host) => {
                return refuse(
                    "ResourceNotFoundException",
                    format!("Host {host} not found"),
                );
            }
            (provider, _) if PROVIDERS.contains(&provider) => provider,
            (provider, _) => {
                let message = format!("ProviderType {provider} is not valid");
                return refuse("InvalidInputException", message);
            }
        };
        let (region, account) = (request.region(), &request.account);
        let arn = format!(
            "arn:aws:{}:{region}:{account}:connection/{}",
            request.service,
            uuid()
        );
        let tags: Vec<_> = entries(body, "Tags").cloned().collect();
        let connection = json!({
            "Connection": {
                "ConnectionName": body["ConnectionName"],
                "ConnectionArn": arn,
                "ProviderType": provider,
                "OwnerAccountId": account,
                "ConnectionStatus": "PENDING",
            },
            "Tags": tags,
        });
        self.connections.insert(request, &arn, connection);
        Ok(json!({ "ConnectionArn": arn, "Tags": tags }))
    }

    fn find(&self, request: &Request, arn: &str) -> Result<Value, Failure> {
        match self.connections.get(request, arn) {
            Some(connection) => Ok(connection),
            None => refuse("ResourceNotFoundException", format!("{arn} not found")),
        }
    }

    fn tag(&self, request: &Request, body: &Value) -> Outcome {
        let arn = text(body, "ResourceArn");
        let mut connection = self.find(request, arn)?;
        connection["Tags"] = retagged(&connection["Tags"], body, ["TagKeys", "Tags", "Key"]);
        self.connections.insert(request, arn, connection);
        Ok(json!({}))
    }
}

/// Returns a list of tags after the changes in a call. `names` are the members with removed keys and new tags, and the
/// member of a tag that contains its key.
pub(super) fn retagged(tags: &Value, body: &Value, names: [&str; 3]) -> Value {
    let [removed, added, key] = names;
    let mut gone: Vec<_> = texts(body, removed).collect();
    gone.extend(entries(body, added).filter_map(|tag| tag[key].as_str()));
    let kept = tags.as_array().into_iter().flatten();
    let kept = kept.filter(|tag| !gone.contains(&tag[key].as_str().unwrap_or_default()));
    kept.chain(entries(body, added)).cloned().collect()
}
