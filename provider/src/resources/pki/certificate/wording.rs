//! Terms for an end-entity certificate in diagnostics.

use crate::pki::CertificateKind;
use crate::resources::pki::stored_key::Wording;

pub(super) const WORDING: Wording = Wording {
    resource_type: "skreg_pki_certificate",
    kind: CertificateKind::Leaf,
    holder: "certificate",
    object: "certificate",
    short: "certificate",
    long: "end-entity certificate",
    effect_of_deletion: "Programs that read the secret can then no longer use the certificate.",
    effect_of_loss: "this certificate can no longer be used",
    effect_of_expiry: "Clients no longer accept it.",
    expiry_remedy: "To let a plan renew the certificate, set validity_hours and renew_before_hours. To issue another \
        certificate now, change validity_hours or not_after.",
    identity_reason: "programs that read the secret rely on it",
    identity_remedy: "To use another value, add another skreg_pki_certificate with a different secrets_manager.name, change \
        the programs that use the certificate, and then remove this resource.",
    replacement_remedy: "add another skreg_pki_certificate with a different secrets_manager.name, and then remove this \
        resource.",
};
