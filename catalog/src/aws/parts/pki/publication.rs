//! Certificate revocation lists and the trust bundle, which are published in the bucket.

use skreg_blocks as blocks;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Variable};

use super::Inputs;
use super::intermediate::Intermediate;
use super::root::Root;

/// Folder of the published objects (RFC 8615).
pub(crate) const WELL_KNOWN: &str = ".well-known";

/// Pattern that matches the keys of revocation lists, and no other published object.
pub(crate) const LISTS: &str = ".well-known/*crl.*";

/// Names of the objects that contain a document in different formats.
pub(super) struct Names {
    /// Name of the PEM object.
    pub(super) pem: &'static str,
    /// Name of the DER object.
    pub(super) der: &'static str,
}

/// Names of the objects with the revocation list of the intermediate CA. The extension of a DER file is `.crl` (RFC 2585,
/// section 3).
pub(super) const CRL: Names = Names {
    pem: "crl.pem",
    der: "crl.crl",
};
/// Names of the objects with the revocation list of the root CA.
pub(super) const ROOT_CRL: Names = Names {
    pem: "root-crl.pem",
    der: "root-crl.crl",
};

/// Names of the objects with the trust bundle.
pub(super) struct BundleNames {
    /// Name of the PEM object.
    pub(super) pem: &'static str,
    json: &'static str,
    sha256sums: &'static str,
}

/// Names of the objects with the trust bundle.
pub(super) const BUNDLE: BundleNames = BundleNames {
    pem: "trust-bundle.pem",
    json: "trust-bundle.json",
    sha256sums: "trust-bundle.sha256",
};

/// Names of all published objects.
pub(crate) const PUBLISHED: [&str; 7] = [
    CRL.pem,
    CRL.der,
    ROOT_CRL.pem,
    ROOT_CRL.der,
    BUNDLE.pem,
    BUNDLE.json,
    BUNDLE.sha256sums,
];

/// Returns the plain HTTP URL of a revocation list.
pub(super) fn list_url(base: &Variable<Str>, name: &str) -> Expr<Str> {
    template([base.into(), format!("/{name}").into()])
}

/// Returns the HTTPS URL of the trust bundle in PEM format. The bundle is not signed, so clients need TLS to authenticate
/// it.
pub(super) fn bundle_url(base: &Variable<Str>) -> Expr<Str> {
    let base = replace(base, "http://", "https://");
    template([base.into(), format!("/{}", BUNDLE.pem).into()])
}

fn key(name: &str) -> String {
    format!("{WELL_KNOWN}/{name}")
}

/// References to the published documents.
pub(super) struct Publication {
    pub(super) intermediate_list: blocks::PkiCrlReference,
    pub(super) bundle: blocks::PkiTrustBundleReference,
}

impl Publication {
    /// Declares the documents.
    pub(super) fn declare(
        m: &mut Module,
        inputs: &Inputs<Declared>,
        root: &Root,
        intermediate: &Intermediate,
    ) -> Self {
        m.file("publication");
        let list = |label: &str, names: &Names, issuer: Expr<Object>, hours: &str| {
            let publish = blocks::PkiCrlPublish::new(&inputs.bucket_name)
                .key_pem(key(names.pem))
                .key_der(key(names.der))
                .expected_bucket_owner(&inputs.account_id);
            blocks::PkiCrl::new(label, issuer, publish, inputs.crl.attribute::<Num>(hours))
                .on_destroy("delete")
        };
        m.resource(
            list(
                "root",
                &ROOT_CRL,
                root.authority.issuer(),
                "root_validity_hours",
            )
            .comment("Each apply in the second half of the validity period issues the next list.")
            .revoked(&inputs.revoked_intermediates),
        );
        let intermediate_list = m.resource(
            list(
                "intermediate",
                &CRL,
                intermediate.authority.issuer(),
                "validity_hours",
            )
            .revoked(&inputs.revoked_certificates),
        );
        let bundle = m.resource(
            blocks::PkiTrustBundle::new(
                "this",
                blocks::PkiTrustBundlePublish::new(&inputs.bucket_name)
                    .key_pem(key(BUNDLE.pem))
                    .key_json(key(BUNDLE.json))
                    .key_sha256sums(key(BUNDLE.sha256sums))
                    .expected_bucket_owner(&inputs.account_id),
                [(
                    "g1",
                    blocks::PkiTrustBundleRoots::new(root.authority.certificate_pem(), "active"),
                )],
            )
            .on_destroy("delete"),
        );
        Self {
            intermediate_list,
            bundle,
        }
    }

    /// Returns the S3 URI of the revocation list in PEM format.
    pub(super) fn bucket_path(&self, inputs: &Inputs<Declared>) -> Expr<Str> {
        template([
            "s3://".into(),
            (&inputs.bucket_name).into(),
            format!("/{}", key(CRL.pem)).into(),
        ])
    }
}
