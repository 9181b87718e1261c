//! Terms for an intermediate authority in diagnostics.

use crate::pki::CertificateKind;
use crate::resources::pki::stored_key::Wording;

pub(super) const WORDING: Wording = Wording {
    resource_type: "skreg_pki_intermediate_ca",
    kind: CertificateKind::Intermediate,
    holder: "intermediate authority",
    object: "certificate authority",
    short: "authority",
    long: "intermediate certificate authority",
    effect_of_deletion: "The authority can then no longer sign or revoke certificates.",
    effect_of_loss: "this authority can no longer sign certificates",
    effect_of_expiry: "Clients no longer accept certificates that this authority issued.",
    expiry_remedy: "Raise certificate_revision by 1 to issue the next certificate for the same key, or create a new \
        generation: add another skreg_pki_intermediate_ca with a different secrets_manager.name.",
    identity_reason: "certificates that it issued refer to this key and this name",
    identity_remedy: "To use a different authority, create a new generation: add another skreg_pki_intermediate_ca with a \
        different secret, issue new certificates from it, and then remove this authority.",
    replacement_remedy: "create a new generation. Add another skreg_pki_intermediate_ca with a different \
        secrets_manager.name, issue new certificates from it, and then remove this resource.",
};
