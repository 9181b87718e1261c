//! Components of packages that run applications on Kubernetes for pull requests and in production: conventions, inputs, and a
//! chart for objects whose types are not known during a plan. Must not name a package. Package-specific facts are parameters.

pub(crate) mod chart;
pub(crate) mod conventions;
pub(crate) mod inputs;
pub(crate) mod job;
