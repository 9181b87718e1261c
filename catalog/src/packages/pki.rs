//! Certificate authorities on AWS without a registry: the package `pki`.

use aws_blocks::data;
use tfmodgen::prelude::*;
use tfmodgen::{Package, Variable};

use crate::aws::conventions::{Conventions, MAIN, TARGET, module};
use crate::aws::fragments::kms_key::KmsKey;
use crate::aws::inputs::own_kms_key_arn;
use crate::aws::mocks::{Mock, mock};
use crate::aws::parts::pki;
use crate::provider;

/// Package-specific facts for the part.
const CONVENTIONS: Conventions = Conventions {
    package: "pki",
    noun: ["PKI", "PKIs"],
    deletion_protection: "Whether to prevent deletion of the keys. Set this input to `false` and apply before you destroy the PKI.",
    force_destroy: "Whether destroying the PKI deletes the keys without a recovery window. The waiting period of KMS keys is then 7 days instead of 30.",
};

/// Mocks for root module tests.
const MOCKS: [Mock; 7] = [
    Mock::CallerIdentity,
    Mock::Certificate,
    Mock::IntermediateCa,
    Mock::Key,
    Mock::Partition,
    Mock::RootCa,
    Mock::Secret,
];

/// Returns the package and its part.
pub(super) fn package() -> Package {
    let part = pki::pki(
        &CONVENTIONS,
        &pki::Options {
            roles: &[],
            signing_role: None,
            purpose: "Signing",
            secrets: pki::Secrets {
                root_key: "/root-ca-key",
                root_certificate: "/root-ca-cert",
                intermediate_key: "/intermediate-ca-key",
                intermediate_certificate: "/intermediate-ca-cert",
                signing_key: "/signing-key",
            },
        },
    );
    let root = root(&part);
    Package::new(TARGET, root).part(part)
}

fn root(part: &Part<pki::Inputs, pki::Outputs>) -> Part<Inputs, Outputs> {
    let mut m = module(
        "pki",
        "A root CA and an intermediate CA on AWS with keys in KMS or Secrets Manager, a signing certificate, and published revocation lists.",
    );
    provider::require(&mut m);
    let inputs = Inputs::declare(&mut m, part);
    let account = m.data(data::CallerIdentity::new("current")).account_id();
    m.file("encryption");
    let partition = m.data(data::Partition::new("current"));
    let principal = template([
        "arn:".into(),
        partition.partition().into(),
        ":iam::".into(),
        (&account).into(),
        ":root".into(),
    ]);
    let key = KmsKey {
        alias: &inputs.name,
        description: template([
            "Encrypts secrets of ".into(),
            (&inputs.name).into(),
            ".".into(),
        ]),
        comment: "Encrypts the secrets. The signing keys in KMS are separate keys.",
        given: &inputs.kms_key_arn,
        deletion_window: conditional(&inputs.force_destroy, 7, 30),
        statements: Vec::new(),
        deletion_protection: Some(&inputs.deletion_protection),
        tags: &inputs.tags,
    }
    .declare(&mut m, principal);
    m.file(MAIN);
    let call = m.call(part.call(
        "pki",
        pki::Inputs {
            name: inputs.name.forward(),
            tags: inputs.tags.forward(),
            hsm_backend: inputs.hsm_backend.forward(),
            root_ca: inputs.root_ca.forward(),
            intermediate_ca: inputs.intermediate_ca.forward(),
            signing_certificate: inputs.signing_certificate.forward(),
            crl: inputs.crl.forward(),
            revoked_certificates: inputs.revoked_certificates.forward(),
            revoked_intermediates: inputs.revoked_intermediates.forward(),
            account_id: account,
            kms_key_arn: (*key).clone(),
            bucket_name: inputs.bucket_name.forward(),
            well_known_url: inputs.well_known_url.forward(),
            deletion_protection: inputs.deletion_protection.forward(),
            force_destroy: inputs.force_destroy.forward(),
        },
    ));
    mock(&mut m, &CONVENTIONS, &MOCKS);
    let outputs = Outputs {
        hsm_backend: output(&call.hsm_backend),
        hsm_key_id: output(&call.hsm_key_id),
        root_ca_cert_pem: output(&call.root_ca_cert_pem),
        root_ca_cert_sha256: output(&call.root_ca_cert_sha256),
        root_ca_key_secret_name: output(&call.root_ca_key_secret_name),
        root_ca_cert_secret_name: output(&call.root_ca_cert_secret_name),
        intermediate_ca_cert_pem: output(&call.intermediate_ca_cert_pem),
        intermediate_ca_cert_secret_name: output(&call.intermediate_ca_cert_secret_name),
        issuer: output(&call.issuer),
        signing_key_secret_name: output(&call.signing_key_secret_name),
        signing_key_secret_arn: output(&call.signing_key_secret_arn),
        signing_cert_pem: output(&call.signing_cert_pem),
        crl_bucket_path: output(&call.crl_bucket_path),
        crl_url: output(&call.crl_url),
        trust_bundle_url: output(&call.trust_bundle_url),
        kms_key_arn: output(&key),
    };
    Part::new(m, inputs, outputs)
}

tfmodgen::inputs! {
    /// Inputs for the package.
    struct Inputs(input, part: &Part<pki::Inputs, pki::Outputs>) {
        required bucket_name: Str = input.copy(&part.inputs().bucket_name),
        required well_known_url: Str = input.copy(&part.inputs().well_known_url),
        optional name: Str = name(input),
        optional hsm_backend: Str = input.copy(&part.inputs().hsm_backend),
        optional root_ca: Object = input.copy(&part.inputs().root_ca),
        optional intermediate_ca: Object = input.copy(&part.inputs().intermediate_ca),
        optional signing_certificate: Object = input.copy(&part.inputs().signing_certificate),
        optional crl: Object = input.copy(&part.inputs().crl),
        optional revoked_certificates: Map<Object> =
            input.copy(&part.inputs().revoked_certificates),
        optional revoked_intermediates: Map<Object> =
            input.copy(&part.inputs().revoked_intermediates),
        optional deletion_protection: Bool = input.copy(&part.inputs().deletion_protection),
        optional force_destroy: Bool = input.copy(&part.inputs().force_destroy),
        optional kms_key_arn: Str = own_kms_key_arn(
            input,
            &CONVENTIONS,
            "ARN of a KMS key that encrypts the secrets. The ARN must be known at plan time. By default, the module creates a key that is scheduled for deletion when you destroy the PKI. Set this input before the first apply because the KMS key of a secret with a private key cannot be changed.",
        ),
        optional tags: Map<Str> = input.copy(&part.inputs().tags),
    }
}

fn name(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Name of the PKI, which is the prefix for all names. Must be unique within the account and region.")
        .default("pki")
        .validate(
            |name| matches("^[a-z](-?[a-z0-9])*$", name).and(length(name).at_most(28)),
            "Must be 1 to 28 lowercase letters, digits, and single hyphens, start with a letter, and not end with a hyphen.",
        )
        .refuses("PKI")
        .refuses("")
        .refuses("pki--two")
        .validate(|name| !matches("^aws(-|$)", name), "Must not be aws, and must not start with aws-. AWS reserves these names.")
        .refuses("aws-pki")
}

tfmodgen::outputs! {
    /// Outputs of the package.
    struct Outputs {
        /// Location of the keys of the authorities: `hsm` (AWS KMS) or `software` (Secrets Manager).
        hsm_backend: Str,
        /// ID of the root key: the ID of the KMS key, or the ARN of the secret if `hsm_backend` is `software`.
        hsm_key_id: Str,
        /// Certificate of the root CA in PEM format. Clients verify certificates with it.
        root_ca_cert_pem: Str,
        /// SHA-256 fingerprint of the root certificate. Verify it over an independent channel.
        root_ca_cert_sha256: Str,
        /// Name of the secret that contains the key document of the root CA.
        root_ca_key_secret_name: Str,
        /// Name of the secret that contains the certificate of the root CA.
        root_ca_cert_secret_name: Str,
        /// Certificate of the intermediate CA in PEM format.
        intermediate_ca_cert_pem: Str,
        /// Name of the secret that contains the certificate of the intermediate CA.
        intermediate_ca_cert_secret_name: Str,
        /// The intermediate CA as the `issuer` argument of `skreg_pki_certificate`. The object does not contain the private key.
        issuer: Object,
        /// Name of the secret that contains the signing key and its certificate.
        signing_key_secret_name: Str,
        /// ARN of the secret that contains the signing key and its certificate.
        signing_key_secret_arn: Str,
        /// Signing certificate in PEM format.
        signing_cert_pem: Str,
        /// S3 URI of the certificate revocation list in PEM format.
        crl_bucket_path: Str,
        /// URL of the certificate revocation list in DER format.
        crl_url: Str,
        /// URL of the trust bundle in PEM format.
        trust_bundle_url: Str,
        /// ARN of the KMS key that encrypts the secrets.
        kms_key_arn: Str,
    }
}
