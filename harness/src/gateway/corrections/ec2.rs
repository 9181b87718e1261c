//! EC2: tags of security group rules. Remembers nothing; the emulator does.
//!
//! Follows the API Reference, pages AuthorizeSecurityGroupEgress (`TagSpecification.N`) and CreateTags.

use super::super::answer::Answer;
use super::super::request::Request;
use super::super::upstream::{Upstream, UpstreamError};

pub(super) async fn answer(
    request: &Request,
    upstream: &Upstream,
) -> Result<Answer, UpstreamError> {
    let answer = upstream.forward(request).await?;
    if request.action == "AuthorizeSecurityGroupEgress"
        && answer.status.is_success()
        && let Some(form) = tagging(request, &answer)
    {
        upstream.forward(&request.clone().with_body(form)).await?;
    }
    Ok(answer)
}

/// The CreateTags call that the emulator forgets where the rule is the one that it puts into every new group.
fn tagging(request: &Request, answer: &Answer) -> Option<String> {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let rules: Vec<_> = text
        .split("<securityGroupRuleId>")
        .skip(1)
        .filter_map(|part| part.split('<').next())
        .collect();
    let tags: Vec<_> = std::str::from_utf8(&request.body)
        .ok()?
        .split('&')
        .filter_map(|pair| pair.strip_prefix("TagSpecification.1.Tag."))
        .collect();
    if rules.is_empty() || tags.is_empty() {
        return None;
    }
    let ids = rules
        .iter()
        .enumerate()
        .map(|(index, id)| format!("ResourceId.{}={id}", index + 1));
    let tags = tags.iter().map(|pair| format!("Tag.{pair}"));
    let head = [
        "Action=CreateTags".to_owned(),
        "Version=2016-11-15".to_owned(),
    ];
    Some(
        head.into_iter()
            .chain(ids)
            .chain(tags)
            .collect::<Vec<_>>()
            .join("&"),
    )
}
