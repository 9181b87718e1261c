//! The intermediate certificate authority, which issues end-entity certificates. Its certificate contains the URL of
//! the root's revocation list.

use aws_blocks as aws;
use skreg_blocks as blocks;
use tfmodgen::Declared;
use tfmodgen::prelude::*;

use super::keys::{KeySecret, Keys};
use super::publication::{ROOT_CRL, list_url};
use super::root::Root;
use super::{Inputs, Options};
use crate::aws::conventions::{Conventions, Identity};
use crate::aws::inputs::NO_RECOVERY_WINDOW;

/// References to the intermediate CA and to its secrets.
pub(super) struct Intermediate {
    pub(super) authority: blocks::PkiIntermediateCaReference,
    pub(super) policy: aws::SecretsmanagerSecretPolicyReference,
    pub(super) certificate: aws::SecretsmanagerSecretReference,
    pub(super) version: aws::SecretsmanagerSecretVersionReference,
}

impl Intermediate {
    /// Declares the intermediate CA.
    pub(super) fn declare(
        m: &mut Module,
        to: &Conventions,
        options: &Options,
        own: &Identity,
        inputs: &Inputs<Declared>,
        keys: &Keys,
        root: &Root,
    ) -> Self {
        m.file("intermediate");
        let intermediate = &inputs.intermediate_ca;
        let authority = m.resource(
            blocks::PkiIntermediateCa::new(
                "this",
                root.authority.issuer(),
                blocks::PkiIntermediateCaSubject::new(
                    intermediate.attribute::<Str>("common_name"),
                )
                .organization(intermediate.attribute::<Str>("organization")),
            )
            .comment("Issues end-entity certificates, so that the root key is required only for the intermediate CA and the root's revocation list.")
            .secrets_manager(
                blocks::PkiIntermediateCaSecretsManager::new(
                    own.with(options.secrets.intermediate_key),
                )
                .kms_key_id(&inputs.kms_key_arn)
                .recovery_window_in_days(conditional(&inputs.force_destroy, 0, 30))
            )
            .kms(keys.argument(&keys.intermediate))
            .key_algorithm("RSA_4096")
            .validity_days(intermediate.attribute::<Num>("validity_days"))
            .path_length(0)
            .usage(["sign_crl", "sign_leaf"])
            .certificate_revision(intermediate.attribute::<Num>("certificate_revision"))
            .crl_distribution_points([list_url(&inputs.well_known_url, ROOT_CRL.der)])
            .argument_comment("A distribution point must be a plain HTTP URL of a DER file (RFC 5280, sections 4.2.1.13 and 8).")
            .deletion_protection(&inputs.deletion_protection)
            .tags(&own.tags),
        );
        let policy = KeySecret {
            label: "intermediate_ca",
            key: "intermediate key",
            arn: authority.secret_arn(),
            allowed_role: None,
        }
        .policy(m, to, options, own, &inputs.account_id);
        let certificate = m.resource(
            aws::SecretsmanagerSecret::new("intermediate_certificate")
                .name(own.with(options.secrets.intermediate_certificate))
                .description("Certificate of the intermediate CA in PEM format.")
                .kms_key_id(&inputs.kms_key_arn)
                .recovery_window_in_days(NO_RECOVERY_WINDOW)
                .tags(&own.tags),
        );
        let version = m.resource(
            aws::SecretsmanagerSecretVersion::new("intermediate_certificate", certificate.id())
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
