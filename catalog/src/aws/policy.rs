//! Policy documents as objects for `jsonencode`. Unlike documents from data sources, they are known at plan time. Must
//! not depend on a policy's purpose.

use tfmodgen::prelude::*;

/// A statement of a policy document.
pub(crate) struct Statement {
    sid: Option<String>,
    effect: &'static str,
    principal: Option<Expr<Any>>,
    action: Expr<Any>,
    resource: Option<Expr<Any>>,
    conditions: Vec<(&'static str, &'static str, Expr<Any>)>,
    when: Option<Expr<Bool>>,
}

/// Returns a statement that allows an action or a list of actions.
pub(crate) fn allow(action: impl IntoExpr<Any>) -> Statement {
    Statement::new("Allow", action)
}

/// Returns a statement that denies an action or a list of actions.
pub(crate) fn deny(action: impl IntoExpr<Any>) -> Statement {
    Statement::new("Deny", action)
}

/// Returns the document. Statements with [`Statement::when`] follow the others.
pub(crate) fn document(statements: impl IntoIterator<Item = Statement>) -> Expr<Str> {
    let mut always: Vec<Expr<Object>> = Vec::new();
    let mut optional = Vec::new();
    for mut statement in statements {
        match statement.when.take() {
            None => always.push(statement.build()),
            Some(condition) => {
                let statement: Expr<List<Object>> = [statement.build()].into_expr();
                optional.push(conditional(
                    condition,
                    statement,
                    Vec::<Expr<Object>>::new(),
                ));
            }
        }
    }
    let mut statements: Expr<List<Object>> = always.into_expr();
    if !optional.is_empty() {
        statements = concat([statements].into_iter().chain(optional));
    }
    jsonencode(object_value([
        entry("Version", "2012-10-17"),
        entry("Statement", statements),
    ]))
}

/// Returns the statement of a key policy that prevents everyone from deleting or disabling the key while the condition is
/// true. The account can still change the policy. Source: "ScheduleKeyDeletion" and "DisableKey", KMS API reference.
pub(crate) fn deny_key_deletion(while_true: &Expr<Bool>) -> Statement {
    deny(["kms:DisableKey", "kms:ScheduleKeyDeletion"])
        .named("DeletionProtection")
        .by_anyone()
        .on("*")
        .when(while_true)
}

/// Returns the trust policy for a role that a service can assume only on behalf of this account.
pub(crate) fn trusted_by(service: &str, account_id: &Expr<Str>) -> Expr<Str> {
    document([allow("sts:AssumeRole").by("Service", service).provided(
        "StringEquals",
        "aws:SourceAccount",
        account_id,
    )])
}

/// Returns a statement that denies access to a bucket without TLS.
pub(crate) fn deny_without_tls(bucket_arn: &Expr<Str>) -> Statement {
    deny("s3:*")
        .named("DenyInsecureTransport")
        .by_anyone()
        .on([bucket_arn.clone(), within(bucket_arn, "/*")])
        .provided("Bool", "aws:SecureTransport", "false")
}

/// Returns a statement that allows a key to be used only through a service in a region. `kms:ViaService` specifies the
/// service, and the encryption context specifies the resource. Source: "AWS KMS condition keys", KMS developer guide.
pub(crate) fn allow_key_via(
    actions: impl IntoExpr<Any>,
    key: &Expr<Str>,
    service: &str,
    region: &Expr<Str>,
) -> Statement {
    allow(actions).on(key).provided(
        "StringEquals",
        "kms:ViaService",
        template([
            format!("{service}.").into(),
            region.into(),
            ".amazonaws.com".into(),
        ]),
    )
}

/// Returns an ARN with a suffix, such as `/*` for all objects in a bucket.
pub(crate) fn within(arn: &Expr<Str>, rest: &str) -> Expr<Str> {
    template([arn.into(), rest.into()])
}

impl Statement {
    fn new(effect: &'static str, action: impl IntoExpr<Any>) -> Self {
        Self {
            sid: None,
            effect,
            principal: None,
            action: action.into_expr(),
            resource: None,
            conditions: Vec::new(),
            when: None,
        }
    }

    /// Sets the statement ID.
    pub(crate) fn named(mut self, sid: &str) -> Self {
        self.sid = Some(sid.to_owned());
        self
    }

    /// Sets the principal type, such as `Service`, and the principal.
    pub(crate) fn by(mut self, kind: &str, name: impl IntoExpr<Any>) -> Self {
        self.principal = Some(object_value([entry(kind, name)]).any());
        self
    }

    /// Sets the principal `*`.
    pub(crate) fn by_anyone(mut self) -> Self {
        self.principal = Some("*".into_expr());
        self
    }

    /// Sets the resource: an ARN or a list of ARNs.
    pub(crate) fn on(mut self, resource: impl IntoExpr<Any>) -> Self {
        self.resource = Some(resource.into_expr());
        self
    }

    /// Adds a condition.
    pub(crate) fn provided(
        mut self,
        operator: &'static str,
        key: &'static str,
        value: impl IntoExpr<Any>,
    ) -> Self {
        self.conditions.push((operator, key, value.into_expr()));
        self
    }

    /// Includes the statement only if a condition is true.
    pub(crate) fn when(mut self, condition: &Expr<Bool>) -> Self {
        self.when = Some(condition.clone());
        self
    }

    fn build(self) -> Expr<Object> {
        let mut entries = Vec::new();
        entries.extend(self.sid.map(|sid| entry("Sid", sid)));
        entries.push(entry("Effect", self.effect));
        entries.extend(
            self.principal
                .map(|principal| entry("Principal", principal)),
        );
        entries.push(entry("Action", self.action));
        entries.extend(self.resource.map(|resource| entry("Resource", resource)));
        if !self.conditions.is_empty() {
            entries.push(entry("Condition", conditions(self.conditions)));
        }
        object_value(entries)
    }
}

/// Groups conditions by operator, in the order of first occurrence.
fn conditions(conditions: Vec<(&'static str, &'static str, Expr<Any>)>) -> Expr<Object> {
    let mut operators: Vec<&str> = Vec::new();
    for (operator, ..) in &conditions {
        if !operators.contains(operator) {
            operators.push(operator);
        }
    }
    object_value(operators.into_iter().map(|operator| {
        let of_operator = conditions.iter().filter(|(of, ..)| *of == operator);
        entry(
            operator,
            object_value(of_operator.map(|(_, key, value)| entry(key, value.clone()))),
        )
    }))
}
