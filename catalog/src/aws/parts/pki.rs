//! The public key infrastructure: a root CA, an intermediate CA, a signing certificate, certificate
//! revocation lists, and a trust bundle. Private keys are stored only in AWS KMS and Secrets Manager.

mod inputs;
mod intermediate;
mod keys;
mod publication;
mod root;
mod signing;

use tfmodgen::prelude::*;

pub(crate) use inputs::Inputs;
pub(crate) use publication::{LISTS, PUBLISHED, WELL_KNOWN};

use crate::aws::conventions::{Conventions, Identity, MAIN, module};
use crate::aws::mocks::{Mock, mock};
use crate::provider;
use intermediate::Intermediate;
use keys::Keys;
use publication::{Publication, bundle_url, list_url};
use root::Root;

/// Value of `hsm_backend` for keys in AWS KMS.
pub(crate) const HSM: &str = "hsm";
/// Value of `hsm_backend` for keys in Secrets Manager.
pub(crate) const SOFTWARE: &str = "software";

/// Roles and names in a package.
pub(crate) struct Options {
    /// Name suffixes of the package's roles. They must not read the keys of authorities, or sign with them.
    pub(crate) roles: &'static [&'static str],
    /// Name suffix of the role that can read the signing key.
    pub(crate) signing_role: Option<&'static str>,
    /// Purpose of the end-entity certificate, such as `Package Signing`.
    pub(crate) purpose: &'static str,
    /// Names of the secrets, without the prefix.
    pub(crate) secrets: Secrets,
}

/// Names of secrets, without the prefix.
pub(crate) struct Secrets {
    /// Key of the root CA.
    pub(crate) root_key: &'static str,
    /// Certificate of the root CA.
    pub(crate) root_certificate: &'static str,
    /// Key of the intermediate CA.
    pub(crate) intermediate_key: &'static str,
    /// Certificate of the intermediate CA.
    pub(crate) intermediate_certificate: &'static str,
    /// Key and signing certificate.
    pub(crate) signing_key: &'static str,
}

/// Returns the part.
pub(crate) fn pki(to: &Conventions, options: &Options) -> Part<Inputs, Outputs> {
    let mut m = module(
        "pki",
        "A root CA and an intermediate CA with keys in KMS or Secrets Manager, a signing certificate, and published revocation lists. Private keys are never stored in plans, state, or logs.",
    );
    provider::require(&mut m);
    let inputs = Inputs::declare(&mut m, to, options);
    let own = Identity::of(&inputs.name, &inputs.tags);
    mock(
        &mut m,
        to,
        &[
            Mock::Partition,
            Mock::Key,
            Mock::RootCa,
            Mock::IntermediateCa,
            Mock::Certificate,
        ],
    );

    let keys = Keys::declare(&mut m, to, options, &own, &inputs);
    m.file(MAIN);
    let root = Root::declare(&mut m, to, options, &own, &inputs, &keys);
    let intermediate = Intermediate::declare(&mut m, to, options, &own, &inputs, &keys, &root);
    let signing = signing::declare(&mut m, to, options, &own, &inputs, &intermediate);
    let publication = Publication::declare(&mut m, &inputs, &root, &intermediate);
    scenarios(&mut m, &inputs, &keys);

    let outputs = Outputs {
        hsm_backend: output(&inputs.hsm_backend),
        hsm_key_id: output(keys.root_id(root.authority.secret_arn())).depends_on(&root.policy),
        hsm_key_arns: output(keys.arns()),
        root_ca_cert_pem: output(root.authority.certificate_pem()),
        root_ca_key_secret_name: output(own.with(options.secrets.root_key))
            .depends_on(&root.authority),
        root_ca_key_secret_arn: output(root.authority.secret_arn()).depends_on(&root.policy),
        root_ca_cert_secret_name: output(root.certificate.name()).depends_on(&root.version),
        root_ca_cert_sha256: output(root.authority.certificate_sha256()),
        intermediate_ca_cert_pem: output(intermediate.authority.certificate_pem()),
        intermediate_ca_cert_secret_name: output(intermediate.certificate.name())
            .depends_on(&intermediate.version),
        issuer: output(intermediate.authority.issuer())
            .depends_on(&intermediate.policy)
            .depends_on(&publication.intermediate_list),
        signing_key_secret_name: output(own.with(options.secrets.signing_key))
            .depends_on(&signing.certificate),
        signing_key_secret_arn: output(signing.certificate.secret_arn())
            .depends_on(&signing.policy),
        signing_cert_pem: output(signing.certificate.certificate_pem()),
        crl_bucket_path: output(publication.bucket_path(&inputs))
            .depends_on(&publication.intermediate_list),
        crl_url: output(list_url(&inputs.well_known_url, publication::CRL.der))
            .depends_on(&publication.intermediate_list),
        trust_bundle_url: output(bundle_url(&inputs.well_known_url))
            .depends_on(&publication.bundle),
    };
    Part::new(m, inputs, outputs)
}

tfmodgen::outputs! {
    /// Outputs of the public key infrastructure.
    pub(crate) struct Outputs {
        /// Location of the keys of the authorities: `hsm` (AWS KMS) or `software` (Secrets Manager).
        hsm_backend: Str,
        /// ID of the root key: the ID of the KMS key, or the ARN of the secret if `hsm_backend` is `software`.
        hsm_key_id: Str,
        /// ARNs of the KMS keys of the authorities. Empty if `hsm_backend` is `software`.
        hsm_key_arns: List<Str>,
        /// Certificate of the root CA in PEM format.
        root_ca_cert_pem: Str,
        /// Name of the secret that contains the key document of the root CA.
        root_ca_key_secret_name: Str,
        /// ARN of the secret that contains the key document of the root CA. Available after the resource policy is attached to the secret.
        root_ca_key_secret_arn: Str,
        /// Name of the secret that contains the certificate of the root CA.
        root_ca_cert_secret_name: Str,
        /// SHA-256 fingerprint of the root certificate. Verify it over an independent channel.
        root_ca_cert_sha256: Str,
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
    }
}

/// Declares the scenarios.
fn scenarios(m: &mut Module, inputs: &Inputs<tfmodgen::Declared>, keys: &Keys) {
    m.scenario("keys_are_in_kms_by_default", |plan| {
        plan.expect(
            length(keys.root.object()).equals(1),
            "The root key must be in KMS.",
        )
    });
    m.scenario("software_backend_creates_no_kms_keys", |plan| {
        plan.given(&inputs.hsm_backend, SOFTWARE).expect(
            length(concat([
                keys.root.list(|key| key.arn()),
                keys.intermediate.list(|key| key.arn()),
            ]))
            .equals(0),
            "The keys must be in Secrets Manager.",
        )
    });
}
