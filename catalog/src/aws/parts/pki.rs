//! The root certificate authority. The private key is stored only in Secrets Manager, and the certificate is public.

use aws_blocks as aws;
use skreg_blocks as blocks;
use tfmodgen::Variable;
use tfmodgen::prelude::*;

use crate::aws::conventions::{Conventions, Identity, module};
use crate::aws::inputs::{
    NO_RECOVERY_WINDOW, account_id, capital, deletion_protection, force_destroy, kms_key_arn,
    only_in_aws, prefix, tags, whole,
};
use crate::aws::mocks::{Mock, mock};
use crate::aws::policy::{deny, document};
use crate::provider;

/// Roles and names in a package.
pub(crate) struct Options {
    /// Name suffixes of roles that must not read the key.
    pub(crate) denied_roles: &'static [&'static str],
    /// Names of the secrets for the key and the certificate, without the prefix.
    pub(crate) secrets: [&'static str; 2],
}

/// Returns the part.
pub(crate) fn pki(to: &Conventions, options: &Options) -> Part<Inputs, Outputs> {
    let mut m = module(
        "pki",
        "A root certificate authority whose private key is created once and never stored in plans, state, or logs.",
    );
    provider::require(&mut m);
    let inputs = Inputs::declare(&mut m, to);
    let own = Identity::of(&inputs.name, &inputs.tags);
    mock(&mut m, to, &[Mock::Partition]);
    let root = &inputs.root_ca;

    let first = only_in_aws(&mut m, blocks::PkiRootCa::new(
            "this",
            blocks::PkiRootCaSecretsManager::new(own.with(options.secrets[0]))
                .kms_key_id(&inputs.kms_key_arn)
                .recovery_window_in_days(conditional(&inputs.force_destroy, 0, 30)),
            blocks::PkiRootCaSubject::new(root.attribute::<Str>("common_name"))
                .organization(root.attribute::<Str>("organization")),
        )
        .comment("The provider creates the key, stores it in the secret, and signs the certificate. Later applies use the same key.")
        .key_algorithm("RSA_4096")
        .validity_days(root.attribute::<Num>("validity_days"))
        .path_length(root.attribute::<Num>("path_length"))
        .deletion_protection(&inputs.deletion_protection)
        .tags(&own.tags));
    let authority = m.resource(first);
    let policy = key_policy(&mut m, to, options, &own, &inputs.account_id, &authority);
    let certificate = m.resource(
        aws::SecretsmanagerSecret::new("certificate")
            .comment("The certificate is not secret, but applications read it in the same way as the key.")
            .name(own.with(options.secrets[1]))
            .description("Certificate of the root CA in PEM format.")
            .kms_key_id(&inputs.kms_key_arn)
            .recovery_window_in_days(NO_RECOVERY_WINDOW)
            .tags(&own.tags),
    );
    let stored = m.resource(
        aws::SecretsmanagerSecretVersion::new("certificate", certificate.id())
            .secret_string(authority.certificate_pem()),
    );

    let outputs = Outputs {
        root_ca_cert_pem: output(authority.certificate_pem()),
        root_ca_key_secret_name: output(own.with(options.secrets[0])).depends_on(&authority),
        root_ca_key_secret_arn: output(authority.secret_arn()).depends_on(&policy),
        root_ca_cert_secret_name: output(certificate.name()).depends_on(&stored),
        root_ca_cert_sha256: output(authority.certificate_sha256()),
    };
    Part::new(m, inputs, outputs)
}

tfmodgen::inputs! {
    /// Inputs for the root certificate authority.
    pub(crate) struct Inputs(input, to: &Conventions) {
        required name: Str = prefix(input, to),
        optional tags: Map<Str> = tags(input),
        optional root_ca: Object = root_ca(input, to),
        required account_id: Str = account_id(input, to),
        required kms_key_arn: Str = kms_key_arn(input, to),
        optional deletion_protection: Bool = deletion_protection(input, to),
        optional force_destroy: Bool = force_destroy(input, to),
    }
}

tfmodgen::outputs! {
    /// Outputs of the root certificate authority.
    pub(crate) struct Outputs {
        /// Certificate of the root CA in PEM format.
        root_ca_cert_pem: Str,
        /// Name of the secret that contains the private key of the root CA.
        root_ca_key_secret_name: Str,
        /// ARN of the secret that contains the private key of the root CA. Available after the resource policy is attached to the secret.
        root_ca_key_secret_arn: Str,
        /// Name of the secret that contains the certificate of the root CA.
        root_ca_cert_secret_name: Str,
        /// SHA-256 fingerprint of the certificate. Verify it over an independent channel.
        root_ca_cert_sha256: Str,
    }
}

/// Declares the resource policy for the key secret. The policy denies access to the package's roles and to other
/// accounts.
fn key_policy(
    m: &mut Module,
    to: &Conventions,
    options: &Options,
    own: &Identity,
    account: &Variable<Str>,
    authority: &blocks::PkiRootCaReference,
) -> aws::SecretsmanagerSecretPolicyReference {
    let own_roles = options.denied_roles.iter().map(|role| {
        template([
            "arn:aws:iam::".into(),
            account.into(),
            ":role/".into(),
            (&own.name).into(),
            format!("-{role}").into(),
        ])
    });
    let own_roles: Vec<Expr<Str>> = own_roles.collect();
    let noun = to.noun[0];
    m.resource(
        aws::SecretsmanagerSecretPolicy::new(
            "root_ca",
            document([
                deny("secretsmanager:*")
                    .named(&format!("{}Roles", capital(noun)))
                    .by_anyone()
                    .on("*")
                    .provided("ArnEquals", "aws:PrincipalArn", own_roles),
                deny("secretsmanager:*")
                    .named("OtherAccounts")
                    .by_anyone()
                    .on("*")
                    .provided("StringNotEquals", "aws:PrincipalAccount", account),
            ]),
            authority.secret_arn(),
        )
        .comment(&format!("Denies the {noun}'s roles access to the root key, regardless of the policies that are attached to the roles."))
        .block_public_policy(true),
    )
}

/// Declares the subject, validity period, and path length for the root certificate.
fn root_ca(input: NewInput<'_>, to: &Conventions) -> Variable<Object> {
    let root = |name: &str, organization: &str, days: i32| {
        object_value([
            entry("common_name", name),
            entry("organization", organization),
            entry("validity_days", days),
            entry("path_length", 1),
        ])
    };
    let package = to.package;
    let name = to.named(" Root CA");
    let name = name.as_str();
    let short = |text: Expr<Str>| length(&text).at_least(1).and(length(&text).at_most(64));
    input.declare(
        object()
            .optional_or("common_name", string(), name)
            .optional_or("organization", string(), package)
            .optional_or("validity_days", number(), 3650)
            .optional_or("path_length", number(), 1),
    )
    .describe("Subject, validity period, and path length of the root certificate. A path length of `-1` means no limit. The subject and the path length cannot be changed after creation.")
    .default(root(name, package, 3650))
    .validate(
        |root| short(root.attribute("common_name")).and(short(root.attribute("organization"))),
        "The values of root_ca.common_name and root_ca.organization must be between 1 and 64 characters.",
    )
    .refuses(root("", package, 3650))
    .refuses(root(name, "", 3650))
    .validate(
        |root| whole(&root.attribute("validity_days"), 1, 9125),
        "The value of root_ca.validity_days must be an integer from 1 to 9125.",
    )
    .refuses(root(name, package, 0))
    .validate(
        |root| whole(&root.attribute("path_length"), -1, 255),
        "The value of root_ca.path_length must be -1 or an integer from 0 to 255.",
    )
    .refuses(object_value([entry("path_length", 256)]))
}
