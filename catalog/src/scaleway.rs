//! Components of packages on Scaleway: conventions, inputs, bucket policies, and fragments. Must not name a package.
//! Package-specific facts are parameters.

pub(crate) mod conventions;
pub(crate) mod deletion_protection;
pub(crate) mod inputs;
pub(crate) mod policy;
pub(crate) mod private_bucket;
