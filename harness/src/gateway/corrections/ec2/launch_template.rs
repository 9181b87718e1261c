//! Launch templates: the format of the security groups of a network interface. Stateless.
//!
//! Follows the API Reference, page LaunchTemplateInstanceNetworkInterfaceSpecification: the entries of `groupSet` are
//! elements with the name `groupId`.

use super::super::super::request::Request;
use super::super::super::upstream::Upstream;
use super::Responded;

pub(super) async fn respond(request: &Request, upstream: &Upstream) -> Responded {
    let response = upstream.forward(request).await?;
    Ok(response.changed(|tree| {
        tree.visit_with("groupSet", &mut |interface| {
            let sets = interface.children.iter_mut();
            for set in sets.filter(|child| child.name == "groupSet") {
                for group in set
                    .children
                    .iter_mut()
                    .filter(|child| child.children.is_empty())
                {
                    "groupId".clone_into(&mut group.name);
                }
            }
        });
    }))
}
