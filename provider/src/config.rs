//! The provider block: schema, validation, and the resulting settings.
//!
//! Attribute names follow the `hashicorp/aws` provider. This module does not call AWS.

mod model;
mod rules;
#[cfg(test)]
mod tests;
mod validation;

pub use self::model::{
    AssumeRole, AssumeRoleWithWebIdentity, DefaultTags, Endpoints, EndpointsPlan, ProviderConfig,
    ProviderConfigPlan, default_tags_of,
};
pub use self::rules::is_role_arn;
pub use self::validation::validate;
