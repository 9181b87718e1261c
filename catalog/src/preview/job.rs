//! Jobs that run SQL commands as the administrator of the database. They run in the namespace of the database, so that the
//! password of the administrator exists only there.

use tfmodgen::Entry;
use tfmodgen::prelude::*;

/// Requests and limits of such a job.
pub(crate) const REQUESTS: [(&str, &str); 2] = [("cpu", "100m"), ("memory", "128Mi")];
pub(crate) const LIMITS: [(&str, &str); 2] = [("cpu", "200m"), ("memory", "256Mi")];
/// User ID of PostgreSQL in the images of the PostgreSQL project on Alpine Linux.
pub(crate) const POSTGRESQL_USER: &str = "70";

/// Returns the security context of a container: no root user, no capabilities, and a read-only file system.
pub(crate) fn security_context() -> Expr<Object> {
    object_value([
        entry("allowPrivilegeEscalation", false),
        entry("readOnlyRootFilesystem", true),
        entry("capabilities", object_value([entry("drop", ["ALL"])])),
    ])
}

/// Returns the security context of a pod.
pub(crate) fn pod_security_context(user: i64) -> Expr<Object> {
    object_value([
        entry("runAsNonRoot", true),
        entry("runAsUser", user),
        entry("fsGroup", user),
        entry(
            "seccompProfile",
            object_value([entry("type", "RuntimeDefault")]),
        ),
    ])
}

/// Returns the metadata of an object.
pub(crate) fn metadata(
    name: impl IntoExpr<Any>,
    namespace: impl IntoExpr<Any>,
    labels: impl IntoExpr<Any>,
) -> Vec<Entry> {
    vec![
        entry("name", name),
        entry("namespace", namespace),
        entry("labels", labels),
    ]
}
