//! The root certificate authority. The certificate is public.

use aws_blocks as aws;
use skreg_blocks as blocks;
use tfmodgen::Declared;
use tfmodgen::prelude::*;

use super::keys::{KeySecret, Keys};
use super::{Inputs, Options};
use crate::aws::conventions::{Conventions, Identity};
use crate::aws::inputs::{NO_RECOVERY_WINDOW, only_in_aws};

/// References to the root CA and to its secrets.
pub(super) struct Root {
    pub(super) authority: blocks::PkiRootCaReference,
    pub(super) policy: aws::SecretsmanagerSecretPolicyReference,
    pub(super) certificate: aws::SecretsmanagerSecretReference,
    pub(super) version: aws::SecretsmanagerSecretVersionReference,
}

impl Root {
    /// Declares the root CA.
    pub(super) fn declare(
        m: &mut Module,
        to: &Conventions,
        options: &Options,
        own: &Identity,
        inputs: &Inputs<Declared>,
        keys: &Keys,
    ) -> Self {
        let root = &inputs.root_ca;
        let first = only_in_aws(
            m,
            blocks::PkiRootCa::new(
                "this",
                blocks::PkiRootCaSecretsManager::new(own.with(options.secrets.root_key))
                    .kms_key_id(&inputs.kms_key_arn)
                    .recovery_window_in_days(conditional(&inputs.force_destroy, 0, 30)),
                blocks::PkiRootCaSubject::new(root.attribute::<Str>("common_name"))
                    .organization(root.attribute::<Str>("organization")),
            )
            .comment("The key is created once, in KMS or in the secret. Later applies use the same key. The secret also contains the certificates.")
            .kms(keys.argument(&keys.root))
            .key_algorithm("RSA_4096")
            .validity_days(root.attribute::<Num>("validity_days"))
            .path_length(root.attribute::<Num>("path_length"))
            .certificate_revision(root.attribute::<Num>("certificate_revision"))
            .deletion_protection(&inputs.deletion_protection)
            .tags(&own.tags),
        );
        let authority = m.resource(first);
        let policy = KeySecret {
            label: "root_ca",
            key: "root key",
            arn: authority.secret_arn(),
            allowed_role: None,
        }
        .policy(m, to, options, own, &inputs.account_id);
        let certificate = m.resource(
            aws::SecretsmanagerSecret::new("certificate")
                .comment("The certificate is not secret, but applications read it in the same way as the key.")
                .name(own.with(options.secrets.root_certificate))
                .description("Certificate of the root CA in PEM format.")
                .kms_key_id(&inputs.kms_key_arn)
                .recovery_window_in_days(NO_RECOVERY_WINDOW)
                .tags(&own.tags),
        );
        let version = m.resource(
            aws::SecretsmanagerSecretVersion::new("certificate", certificate.id())
                .secret_string(authority.certificate_pem()),
        );
        Self {
            authority,
            policy,
            certificate,
            version,
        }
    }
}
