//! Security group rules: ports for all protocols, prefix lists, and duplicates. Stateless; the emulator stores the
//! rules.
//!
//! Follows the API Reference, pages AuthorizeSecurityGroupEgress, RevokeSecurityGroupEgress, and IpPermission: with
//! protocol -1, "traffic on all ports is allowed, regardless of any ports you specify". Therefore, `-1, 0, 0,
//! 0.0.0.0/0` revokes the default egress rule of a new group.

use super::super::super::request::Request;
use super::super::super::response::ApiResponse;
use super::super::super::upstream::{Upstream, UpstreamError};
use super::super::super::xml::Node;
use super::{Responded, read, refuse};

/// Prefix of prefix list IDs. The emulator does not store prefix lists in rules, but it stores references to unknown
/// groups.
const PREFIX_LIST: &str = "pl-";

pub(super) async fn authorize(request: &Request, upstream: &Upstream) -> Responded {
    for list in prefix_lists(request) {
        let field = [("PrefixListId.1", list.as_str())];
        let found = read(request, upstream, "DescribeManagedPrefixLists", field).await?;
        if !found.texts("prefixListId").contains(&list.as_str()) {
            let message = format!("The prefix list ID '{list}' does not exist");
            return Ok(refuse(request, "InvalidPrefixListID.NotFound", &message));
        }
    }
    let before = rules(request, upstream).await?;
    let response = upstream.forward(&for_emulator(request)).await?;
    let given = response.xml().unwrap_or_default();
    let duplicate = given
        .texts("securityGroupRuleId")
        .into_iter()
        .any(|rule| before.iter().any(|known| known == rule));
    if duplicate {
        let message = "the specified rule already exists";
        return Ok(refuse(request, "InvalidPermission.Duplicate", message));
    }
    Ok(with_stored_fields(response))
}

pub(super) async fn pass(request: &Request, upstream: &Upstream) -> Responded {
    Ok(with_stored_fields(
        upstream.forward(&for_emulator(request)).await?,
    ))
}

/// Returns the IDs of the rules in the group.
async fn rules(request: &Request, upstream: &Upstream) -> Result<Vec<String>, UpstreamError> {
    let group = request.field("GroupId").unwrap_or_default();
    let filter = [("Filter.1.Name", "group-id"), ("Filter.1.Value.1", &group)];
    let known = read(request, upstream, "DescribeSecurityGroupRules", filter).await?;
    let ids = known.texts("securityGroupRuleId");
    Ok(ids.into_iter().map(str::to_owned).collect())
}

fn prefix_lists(request: &Request) -> Vec<String> {
    let fields = request.fields().into_iter();
    fields
        .filter(|(name, _)| name.ends_with(".PrefixListId"))
        .map(|(_, value)| value)
        .collect()
}

/// Translates a call for the emulator: omits the ports for protocol -1, and replaces prefix lists with groups.
fn for_emulator(request: &Request) -> Request {
    let fields = request.fields();
    let all: Vec<_> = fields
        .iter()
        .filter(|(name, value)| name.ends_with(".IpProtocol") && value == "-1")
        .map(|(name, _)| name.trim_end_matches("IpProtocol").to_owned())
        .collect();
    let idle = |name: &str| {
        all.iter()
            .any(|permission| match name.strip_prefix(permission) {
                Some(field) => field == "FromPort" || field == "ToPort",
                None => false,
            })
    };
    let changed = fields
        .iter()
        .filter(|(name, _)| !["Action", "Version"].contains(&name.as_str()) && !idle(name))
        .map(|(name, value)| {
            let grouped = name
                .replace(".PrefixListIds.", ".Groups.")
                .replace(".PrefixListId", group_field(name));
            (grouped, value)
        });
    request.query(&request.action, changed)
}

/// `IpPermissions` and `SecurityGroupRule` name the group field differently.
fn group_field(name: &str) -> &'static str {
    match name.contains(".SecurityGroupRule.") {
        true => ".ReferencedGroupId",
        false => ".GroupId",
    }
}

/// Moves prefix lists in the response to the field for prefix lists.
fn with_stored_fields(response: ApiResponse) -> ApiResponse {
    response.changed(|tree| {
        tree.visit_with("referencedGroupInfo", &mut |rule| {
            let group = rule.child("referencedGroupInfo");
            let id = group
                .map_or("", |group| group.text_of("groupId"))
                .to_owned();
            if id.starts_with(PREFIX_LIST) {
                rule.children
                    .retain(|child| child.name != "referencedGroupInfo");
                rule.set(Node::leaf("prefixListId", &id));
            }
        });
        tree.visit_with("referencedGroupId", &mut |rule| {
            let id = rule.text_of("referencedGroupId").to_owned();
            if id.starts_with(PREFIX_LIST) {
                rule.children
                    .retain(|child| child.name != "referencedGroupId");
                rule.set(Node::leaf("prefixListId", &id));
            }
        });
        tree.visit_with("groups", &mut regroup);
    })
}

/// Moves the prefix lists in a permission from its groups to the field for prefix lists.
fn regroup(permission: &mut Node) {
    let Some(groups) = permission.child("groups").cloned() else {
        return;
    };
    let (lists, groups): (Vec<_>, Vec<_>) = groups
        .children
        .into_iter()
        .partition(|group| group.text_of("groupId").starts_with(PREFIX_LIST));
    if lists.is_empty() {
        return;
    }
    let lists = lists.into_iter().map(|mut list| {
        let id = Node::leaf("prefixListId", list.text_of("groupId"));
        list.children.retain(|child| child.name == "description");
        list.children.insert(0, id);
        list
    });
    permission.set(Node::branch("prefixListIds", lists));
    permission.set(Node::branch("groups", groups));
}
