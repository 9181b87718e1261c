//! The provider block: its schema, what is refused in it, and the settings it stands for.
//!
//! Names follow the `hashicorp/aws` provider. Nothing here reaches AWS.

mod model;
mod refusals;
mod rules;
#[cfg(test)]
mod tests;

pub use self::model::{
    AssumeRole, AssumeRoleWithWebIdentity, DefaultTags, Endpoints, EndpointsPlan, ProviderConfig,
    ProviderConfigPlan, default_tags_of,
};
pub use self::refusals::refusals;
pub use self::rules::is_role_arn;
