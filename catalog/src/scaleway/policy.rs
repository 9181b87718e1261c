//! Bucket policies of Scaleway Object Storage. Source: "Bucket policies overview", Object Storage documentation.

use tfmodgen::Entry;
use tfmodgen::prelude::*;

/// Version of the policy language in which everything that a policy does not allow is denied.
const VERSION: &str = "2023-04-17";

/// A statement of a bucket policy, which allows actions.
pub(crate) struct Statement {
    sid: &'static str,
    principals: Expr<List<Str>>,
    actions: Vec<&'static str>,
    resources: Vec<Expr<Str>>,
}

/// Returns a statement that allows all actions on a bucket and its objects.
pub(crate) fn administration(
    principals: impl IntoExpr<List<Str>>,
    bucket: &Expr<Str>,
) -> Statement {
    allow("Administration", principals, &["*"], bucket, true)
}

/// Returns a statement that allows actions on the objects of a bucket, and optionally on the bucket.
pub(crate) fn allow(
    sid: &'static str,
    principals: impl IntoExpr<List<Str>>,
    actions: &[&'static str],
    bucket: &Expr<Str>,
    on_bucket: bool,
) -> Statement {
    let objects = template([bucket.into(), "/*".into()]);
    let bucket = on_bucket.then(|| bucket.clone());
    Statement {
        sid,
        principals: principals.into_expr(),
        actions: actions.to_vec(),
        resources: bucket.into_iter().chain([objects]).collect(),
    }
}

/// Returns a policy document.
pub(crate) fn document(statements: impl IntoIterator<Item = Statement>) -> Expr<Str> {
    let statements: Vec<_> = statements.into_iter().map(Statement::value).collect();
    jsonencode(object_value([
        entry("Version", VERSION),
        entry("Statement", statements),
    ]))
}

impl Statement {
    fn value(self) -> Expr<Object> {
        let principal: [Entry; 1] = [entry("SCW", self.principals)];
        object_value([
            entry("Sid", self.sid),
            entry("Effect", "Allow"),
            entry("Principal", object_value(principal)),
            entry("Action", self.actions),
            entry("Resource", self.resources),
        ])
    }
}
