//! Terms for a root in diagnostics.

use crate::pki::CertificateKind;
use crate::resources::pki::stored_key::Wording;

pub(super) const WORDING: Wording = Wording {
    resource_type: "skreg_pki_root_ca",
    kind: CertificateKind::Root,
    holder: "root",
    object: "certificate authority",
    short: "authority",
    long: "root certificate authority",
    effect_of_deletion: "The root can then no longer sign or revoke certificates.",
    effect_of_loss: "this root can no longer sign certificates",
    effect_of_expiry: "Clients no longer accept certificates that this root issued.",
    expiry_remedy: "To extend the validity with the same key, raise certificate_revision by 1, apply, and distribute the \
        new root certificate.\n\nTo use a new key, create a new generation: add another skreg_pki_root_ca with a different \
        secrets_manager.name, distribute both root certificates, reissue the certificates that this root issued, and then \
        remove this root.",
    identity_reason: "clients trust this key and this name",
    identity_remedy: "To use a different root, create a new generation: add another skreg_pki_root_ca with a different \
        secret, distribute its certificate, reissue the certificates from the new root, and then remove this root.",
    replacement_remedy: "create a new generation. Add another skreg_pki_root_ca with a different secrets_manager.name, \
        distribute its certificate, and then remove this resource.",
};
