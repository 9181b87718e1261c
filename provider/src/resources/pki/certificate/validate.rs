//! Validation of the configuration. Unknown values are accepted.
//!
//! These functions are pure.

use tfplugin::Diagnostics;

use super::model::LeafCertificatePlan;
use super::{names, term};
use crate::pki::CertificateKind;

/// Returns the errors in a configuration that can contain unknown values.
pub(super) fn invalid_configuration(config: &LeafCertificatePlan) -> Diagnostics {
    let mut found = names::invalid_configuration(config);
    found.extend(term::invalid_configuration(config));
    found.extend(
        config
            .key_source()
            .invalid_configuration(CertificateKind::Leaf),
    );
    found
}
