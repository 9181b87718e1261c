//! Validation of the configuration. Unknown values are accepted.
//!
//! These functions are pure.

use std::collections::BTreeMap;

use tfplugin::{Diagnostics, Planned};

use super::diagnostics;
use super::intent::request_key;
use super::model::LeafCertificatePlan;
use super::{names, term};

/// Returns the errors in a configuration that can contain unknown values.
pub(super) fn invalid_configuration(config: &LeafCertificatePlan) -> Diagnostics {
    let mut found = names::invalid_configuration(config);
    found.extend(term::invalid_configuration(config));
    found.extend(invalid_key_source(config));
    found
}

fn invalid_key_source(config: &LeafCertificatePlan) -> Diagnostics {
    let mut found = Diagnostics::new();
    let (request, secret) = (&config.csr_pem, &config.secrets_manager);
    if request.is_null() && secret.is_null() {
        found.push(diagnostics::key_source(false));
    }
    let Planned::Known(_) = request else {
        if !config.kms.is_null() && secret.is_null() && request.is_null() {
            found.push(diagnostics::kms_without_secret());
        }
        return found;
    };
    if secret.known().is_some() {
        found.push(diagnostics::key_source(true));
    }
    if config.kms.known().is_some() {
        let reason = "the request contains the key";
        found.push(diagnostics::not_with_request("kms", reason));
    }
    if config.key_algorithm.known().is_some() {
        let reason = "the request determines the key algorithm";
        found.push(diagnostics::not_with_request("key_algorithm", reason));
    }
    if config
        .tags
        .known()
        .is_some_and(|tags: &BTreeMap<_, _>| !tags.is_empty())
    {
        let reason = "no secret exists that could have tags";
        found.push(diagnostics::not_with_request("tags", reason));
    }
    found.extend(request_key(config).err().into_iter().flatten());
    found
}
