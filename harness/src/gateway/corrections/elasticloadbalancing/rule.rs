//! Listener rules: priorities, conditions, and target groups. Stateless.
//!
//! Follows the API Reference, pages CreateRule, SetRulePriorities, RuleCondition, DeleteTargetGroup, and the User Guide,
//! pages "Listener rules for your Application Load Balancer" and "Quotas".

use std::collections::BTreeSet;

use super::super::super::request::Request;
use super::super::super::upstream::{Upstream, UpstreamError};
use super::super::super::xml::Node;
use super::Refusal;

/// "You can't have multiple rules with the same priority"; valid priorities are 1 to 50000.
const PRIORITIES: std::ops::RangeInclusive<u32> = 1..=50_000;
/// Quota "Condition values per rule".
const MAX_VALUES: usize = 5;
/// Longest pattern of a path or host.
const MAX_PATTERN: usize = 128;

/// Returns the error for an invalid new or changed rule.
pub(super) async fn refusal(request: &Request, upstream: &Upstream) -> Refusal {
    if request.action == "SetRulePriorities" {
        return priorities(request, upstream).await;
    }
    if request.action == "CreateRule" {
        let priority = request.field("Priority").unwrap_or_default();
        let invalid = priority
            .parse()
            .map_or(true, |priority: u32| !PRIORITIES.contains(&priority));
        if invalid {
            let message =
                format!("Invalid rule priority '{priority}': must be between 1 and 50000");
            return Ok(Some(("ValidationError", message)));
        }
        let listener = request.field("ListenerArn").unwrap_or_default();
        let used = rules(request, upstream, "ListenerArn", &listener).await?;
        if used.iter().any(|rule| rule.text_of("Priority") == priority) {
            let message = format!("Priority '{priority}' is currently in use");
            return Ok(Some(("PriorityInUse", message)));
        }
        if request.field("Conditions.member.1.Field").is_none() {
            let message = "A rule must have at least one condition";
            return Ok(Some(("ValidationError", message.to_owned())));
        }
    }
    if let Some(message) = conditions(request) {
        return Ok(Some(("ValidationError", message)));
    }
    targets(request, upstream).await
}

/// Checks the values of all conditions. Returns the message of the error.
fn conditions(request: &Request) -> Option<String> {
    let fields = request.fields();
    let values = fields.iter().filter(|(name, _)| {
        let mut parts = name.split('.');
        let is_condition = parts.next() == Some("Conditions");
        let in_list = parts.clone().any(|part| part == "Values");
        is_condition && in_list
    });
    let values: Vec<_> = values.collect();
    // A client can send the values of a path twice: in `Values` and in `PathPatternConfig`.
    let distinct: BTreeSet<_> = values.iter().map(|(_, value)| value).collect();
    if distinct.len() > MAX_VALUES {
        return Some(format!(
            "A rule can have at most {MAX_VALUES} condition values"
        ));
    }
    let paths = values.iter().filter(|(name, _)| {
        let index = name.split('.').nth(2).unwrap_or_default();
        let field = request.field(&format!("Conditions.member.{index}.Field"));
        field.as_deref() == Some("path-pattern")
    });
    for (_, pattern) in paths {
        let allowed = |one: char| one.is_ascii_alphanumeric() || "_-.$/~\"'@:+*?&".contains(one);
        if pattern.is_empty() || pattern.len() > MAX_PATTERN || !pattern.chars().all(allowed) {
            return Some(format!("The path pattern '{pattern}' is not valid"));
        }
    }
    None
}

/// The target groups of a rule must exist.
async fn targets(request: &Request, upstream: &Upstream) -> Refusal {
    let fields = request.fields();
    let groups = fields
        .iter()
        .filter(|(name, _)| name.starts_with("Actions.") && name.ends_with("TargetGroupArn"));
    for (_, group) in groups {
        let call = request.query(
            "DescribeTargetGroups",
            [("TargetGroupArns.member.1", group)],
        );
        if !upstream.forward(&call).await?.status.is_success() {
            let message = format!("Target groups '{group}' not found");
            return Ok(Some(("TargetGroupNotFound", message)));
        }
    }
    Ok(None)
}

/// SetRulePriorities: the priority must not belong to another rule of the listener, unless the call changes that rule.
async fn priorities(request: &Request, upstream: &Upstream) -> Refusal {
    let pairs: Vec<(String, String)> = (1..)
        .map_while(|index| {
            let field =
                |name: &str| request.field(&format!("RulePriorities.member.{index}.{name}"));
            Some((field("RuleArn")?, field("Priority")?))
        })
        .collect();
    let wanted: BTreeSet<_> = pairs.iter().map(|(_, priority)| priority).collect();
    let mut taken = (wanted.len() < pairs.len()).then(|| pairs[0].1.clone());
    if let Some((rule, _)) = pairs.first() {
        // arn:…:listener-rule/app/NAME/ID/LISTENER/RULE
        let listener = rule.replacen(":listener-rule/", ":listener/", 1);
        let listener = listener
            .rsplit_once('/')
            .map_or("", |(listener, _)| listener);
        for other in rules(request, upstream, "ListenerArn", listener).await? {
            let changed = pairs
                .iter()
                .any(|(rule, _)| rule == other.text_of("RuleArn"));
            let priority = other.text_of("Priority").to_owned();
            if !changed && wanted.contains(&priority) {
                taken = Some(priority);
            }
        }
    }
    Ok(taken.map(|priority| {
        let message = format!("Priority '{priority}' is currently in use");
        ("PriorityInUse", message)
    }))
}

/// DeleteTargetGroup: "You can delete a target group if it is not referenced by any actions."
pub(super) async fn in_use(request: &Request, upstream: &Upstream) -> Refusal {
    let group = request.field("TargetGroupArn").unwrap_or_default();
    let none: [(&str, &str); 0] = [];
    let balancers = upstream
        .forward(&request.query("DescribeLoadBalancers", none))
        .await?
        .xml()
        .unwrap_or_default();
    for balancer in balancers.texts("LoadBalancerArn") {
        let call = request.query("DescribeListeners", [("LoadBalancerArn", balancer)]);
        let listeners = upstream.forward(&call).await?.xml().unwrap_or_default();
        let default = listeners.texts("TargetGroupArn").contains(&group.as_str());
        let mut by_rule = false;
        for listener in listeners.texts("ListenerArn") {
            let rules = rules(request, upstream, "ListenerArn", listener).await?;
            by_rule |= rules
                .iter()
                .any(|rule| rule.texts("TargetGroupArn").contains(&group.as_str()));
        }
        if default || by_rule {
            let message =
                format!("Target group '{group}' is currently in use by a listener or a rule");
            return Ok(Some(("ResourceInUse", message)));
        }
    }
    Ok(None)
}

/// Returns the rules of a listener.
async fn rules(
    request: &Request,
    upstream: &Upstream,
    field: &str,
    value: &str,
) -> Result<Vec<Node>, UpstreamError> {
    let call = request.query("DescribeRules", [(field, value)]);
    let mut tree = upstream.forward(&call).await?.xml().unwrap_or_default();
    let mut rules = Vec::new();
    tree.visit_with("RuleArn", &mut |rule| rules.push(rule.clone()));
    Ok(rules)
}
