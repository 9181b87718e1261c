//! Keys of the authorities: KMS keys with the backend `hsm`, and the policies that keep the package's roles away from
//! keys in KMS and in Secrets Manager.

use aws_blocks as aws;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local, Maybe, Variable};

use super::{HSM, Inputs, Options};
use crate::aws::conventions::{Conventions, Identity};
use crate::aws::fragments::signing_key::SigningKey;
use crate::aws::inputs::capital;
use crate::aws::policy::{Statement, allow, deny, deny_key_deletion, document};

/// References to the keys in KMS. They exist only with the backend `hsm`.
pub(super) struct Keys {
    pub(super) root: Maybe<aws::KmsKeyReference>,
    pub(super) intermediate: Maybe<aws::KmsKeyReference>,
    hsm: Local<Bool>,
}

impl Keys {
    /// Declares the keys.
    pub(super) fn declare(
        m: &mut Module,
        to: &Conventions,
        options: &Options,
        own: &Identity,
        inputs: &Inputs<Declared>,
    ) -> Self {
        m.file("keys");
        let hsm = m.local("hsm", inputs.hsm_backend.equals(HSM));
        let account = template([
            "arn:aws:iam::".into(),
            (&inputs.account_id).into(),
            ":root".into(),
        ]);
        let account = allow("kms:*").named("Account").by("AWS", account).on("*");
        let denied = deny_roles("kms:*", to, options.roles, own, &inputs.account_id);
        let comment = match &denied {
            Some(_) => format!("The {}'s roles cannot sign with the keys, regardless of the policies that are attached to the roles.", to.noun[0]),
            None => "Policies that are attached to users and roles determine who can sign with the keys.".to_owned(),
        };
        let protection = deny_key_deletion(&inputs.deletion_protection);
        let statements = [account].into_iter().chain(denied).chain([protection]);
        let policy = m
            .local("key_policy", document(statements))
            .comment(&comment);
        let mut key = |label: &str, suffix: &str, authority: &str, comment| {
            SigningKey {
                label,
                alias: template(["alias/".into(), (&own.name).into(), suffix.into()]),
                description: template([
                    format!("Private key of the {authority} of ").into(),
                    (&own.name).into(),
                    ".".into(),
                ]),
                comment,
                condition: &hsm,
                deletion_window: conditional(&inputs.force_destroy, 7, 30),
                policy: &policy,
                tags: &own.tags,
            }
            .declare(m)
        };
        let comment = "KMS keys are protected by hardware security modules, and a private key never leaves them.";
        let root = key("root_ca", "-root-ca", "root CA", Some(comment));
        let intermediate = key(
            "intermediate_ca",
            "-intermediate-ca",
            "intermediate CA",
            None,
        );
        Self {
            root,
            intermediate,
            hsm,
        }
    }

    /// Returns the `kms` argument for an authority.
    pub(super) fn argument(&self, key: &Maybe<aws::KmsKeyReference>) -> Expr<Object> {
        conditional(
            &self.hsm,
            object_value([entry("key_arn", key.one(|key| key.arn()))]),
            Expr::<Object>::null(),
        )
    }

    /// Returns the ID of the root key: the KMS key ID, or the ID of the secret.
    pub(super) fn root_id(&self, secret: Expr<Str>) -> Expr<Str> {
        conditional(&self.hsm, self.root.one(|key| key.key_id()), secret)
    }

    /// Returns the ARNs of the KMS keys by authority.
    pub(super) fn arns(&self) -> Expr<List<Str>> {
        concat([
            self.root.list(|key| key.arn()),
            self.intermediate.list(|key| key.arn()),
        ])
    }
}

/// A secret that contains a private key.
pub(super) struct KeySecret<'a> {
    /// Label of its policy.
    pub(super) label: &'a str,
    /// Name of the key in the comment above its policy.
    pub(super) key: &'a str,
    /// ARN of the secret.
    pub(super) arn: Expr<Str>,
    /// Name suffix of the only role of the package that can have access to the secret.
    pub(super) allowed_role: Option<&'static str>,
}

impl KeySecret<'_> {
    /// Declares the resource policy for the secret. The policy denies access to the package's roles and to other
    /// accounts.
    pub(super) fn policy(
        self,
        m: &mut Module,
        to: &Conventions,
        options: &Options,
        own: &Identity,
        account: &Variable<Str>,
    ) -> aws::SecretsmanagerSecretPolicyReference {
        let denied = options.roles.iter().copied();
        let denied: Vec<_> = denied
            .filter(|role| Some(*role) != self.allowed_role)
            .collect();
        let roles = deny_roles("secretsmanager:*", to, &denied, own, account);
        let others = deny("secretsmanager:*")
            .named("OtherAccounts")
            .by_anyone()
            .on("*")
            .provided("StringNotEquals", "aws:PrincipalAccount", account);
        let comment = self.comment(to, !denied.is_empty());
        m.resource(
            aws::SecretsmanagerSecretPolicy::new(
                self.label,
                document(roles.into_iter().chain([others])),
                self.arn,
            )
            .comment(&comment)
            .block_public_policy(true),
        )
    }

    fn comment(&self, to: &Conventions, denies_roles: bool) -> String {
        let (noun, key) = (to.noun[0], self.key);
        match (denies_roles, self.allowed_role) {
            (false, _) => format!("Denies other accounts access to the {key}."),
            (true, None) => format!(
                "Denies the {noun}'s roles access to the {key}, regardless of the policies that are attached to the roles."
            ),
            (true, Some(role)) => {
                format!("Denies the {noun}'s roles access to the {key}, except the role {role}.")
            }
        }
    }
}

/// Returns the statement that denies actions to roles of the package, regardless of the policies that are attached to
/// the roles. Returns `None` if the list is empty.
fn deny_roles(
    actions: &str,
    to: &Conventions,
    roles: &[&str],
    own: &Identity,
    account: &Variable<Str>,
) -> Option<Statement> {
    let roles: Vec<Expr<Str>> = roles
        .iter()
        .map(|role| {
            template([
                "arn:aws:iam::".into(),
                account.into(),
                ":role/".into(),
                (&own.name).into(),
                format!("-{role}").into(),
            ])
        })
        .collect();
    if roles.is_empty() {
        return None;
    }
    Some(
        deny(actions)
            .named(&format!("{}Roles", capital(to.noun[0])))
            .by_anyone()
            .on("*")
            .provided("ArnEquals", "aws:PrincipalArn", roles),
    )
}
