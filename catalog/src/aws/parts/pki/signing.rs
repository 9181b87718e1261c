//! The signing certificate. Its key is in Secrets Manager with both backends, because the signer reads it.

use aws_blocks as aws;
use skreg_blocks as blocks;
use tfmodgen::Declared;
use tfmodgen::prelude::*;

use super::intermediate::Intermediate;
use super::keys::KeySecret;
use super::publication::{CRL, list_url};
use super::{Inputs, Options};
use crate::aws::conventions::{Conventions, Identity};
use crate::aws::inputs::NO_RECOVERY_WINDOW;

/// References to the certificate and to the policy of its secret.
pub(super) struct Signing {
    pub(super) certificate: blocks::PkiCertificateReference,
    pub(super) policy: aws::SecretsmanagerSecretPolicyReference,
}

/// Declares the certificate.
pub(super) fn declare(
    m: &mut Module,
    to: &Conventions,
    options: &Options,
    own: &Identity,
    inputs: &Inputs<Declared>,
    intermediate: &Intermediate,
) -> Signing {
    m.file("signing");
    let signing = &inputs.signing_certificate;
    let certificate = m.resource(
        blocks::PkiCertificate::new(
            "signing",
            ["code_signing"],
            intermediate.authority.issuer(),
        )
        .comment("Renewed by an apply in the renewal window, with a new key. The secret keeps the previous key as the version AWSPREVIOUS.")
        .secrets_manager(
            blocks::PkiCertificateSecretsManager::new(own.with(options.secrets.signing_key))
                .kms_key_id(&inputs.kms_key_arn)
                .recovery_window_in_days(NO_RECOVERY_WINDOW),
        )
        .subject(
            blocks::PkiCertificateSubject::new(signing.attribute::<Str>("common_name"))
                .organization(signing.attribute::<Str>("organization")),
        )
        .validity_hours(signing.attribute::<Num>("validity_hours"))
        .renew_before_hours(signing.attribute::<Num>("renew_before_hours"))
        .crl_distribution_points([list_url(&inputs.well_known_url, CRL.der)])
        .revoke_on_destroy(false)
        .deletion_protection(&inputs.deletion_protection)
        .tags(&own.tags),
    );
    let policy = KeySecret {
        label: "signing",
        key: "signing key",
        arn: certificate.secret_arn(),
        allowed_role: options.signing_role,
    }
    .policy(m, to, options, own, &inputs.account_id);
    Signing {
        certificate,
        policy,
    }
}
