//! Resource types with a stored key, and the dependencies of their operations: the secret store, a clock, a source of
//! random octets, and resource instance identities.

use std::marker::PhantomData;

use jiff::Timestamp;
use tfplugin::{Diagnostic, Diagnostics, Model};

use super::certification::Issued;
use super::intent::{CertificateIntent, LockedAttribute};
use super::key_store::KeyStores;
use super::state::KeyState;
use super::supplied_key::KeyArguments;
use super::wording::Wording;
use crate::aws::secrets::SecretDescription;
use crate::pki::{Certificate, Entropy, SignatureAlgorithm};
use crate::resources::identities::Identities;

/// A resource type whose key and certificates are in a key document.
pub trait StoredKeyType: Model<Plan: KeyState + PartialEq> {
    /// The certificate that a configuration specifies.
    type Certificate: CertificateIntent;

    /// Terms for the type in diagnostics.
    const WORDING: Wording;

    /// Converts the certificate attributes of a plan. All configured values must be known.
    ///
    /// # Errors
    /// Returns an error if a value is unknown or invalid.
    fn certificate(plan: &Self::Plan) -> Result<Self::Certificate, Diagnostics>;

    /// Returns the errors in a configuration that can contain unknown values. Tags are validated by the caller.
    fn invalid_configuration(config: &Self::Plan) -> Diagnostics;

    /// Returns the errors in the plan for a new object whose certificate is issued at `now`.
    fn invalid_creation(plan: &Self::Plan, now: Timestamp) -> Diagnostics;

    /// Returns the attributes of the certificate that cannot be changed after creation. The key algorithm and the
    /// secret are checked by the caller.
    fn locked_attributes(prior: &Self::Plan, plan: &Self::Plan) -> Vec<LockedAttribute>;

    /// Returns the warnings about a change of an existing object.
    fn change_warnings(prior: &Self::Plan, plan: &Self::Plan) -> Option<Diagnostic>;

    /// Returns whether a change of an existing object issues the next certificate.
    fn is_reissue(prior: &Self::Plan, plan: &Self::Plan) -> bool {
        let _ = (prior, plan);
        false
    }

    /// Returns whether a change of an existing object, without the next certificate, replaces the certificates above the
    /// current one.
    fn replaces_chain(prior: &Self::Plan, plan: &Self::Plan) -> bool {
        let _ = (prior, plan);
        false
    }

    /// Returns the arguments that supply a private key, or `None` if the type does not have them. Only a configuration
    /// contains the key.
    fn key_arguments(config: &Self::Plan) -> Option<KeyArguments<'_>> {
        let _ = config;
        None
    }

    /// Returns the configured algorithm with which the key signs, or `None` for the default algorithm.
    fn signature_algorithm(plan: &Self::Plan) -> Option<SignatureAlgorithm> {
        let _ = plan;
        None
    }

    /// Returns whether the next certificate is issued for a new key. The plan and the apply use the same result, so it
    /// must not depend on unknown values.
    fn rotates_key(plan: &Self::Plan) -> bool {
        let _ = plan;
        false
    }

    /// Returns the errors in a change of an existing object, in addition to changes of immutable attributes.
    fn invalid_change(prior: &Self::Plan, plan: &Self::Plan) -> Diagnostics {
        let _ = (prior, plan);
        Diagnostics::new()
    }

    /// Returns the errors in the plan for the next certificate, which is issued at `now`.
    fn invalid_reissue(plan: &Self::Plan, now: Timestamp) -> Diagnostics {
        let _ = (plan, now);
        Diagnostics::new()
    }

    /// Plans the outputs that only this type has. `reissue` is true for a new object and if the next certificate is
    /// issued: outputs that depend on the certificate are unknown.
    fn plan_outputs(plan: &mut Self::Plan, reissue: bool) {
        let _ = (plan, reissue);
    }

    /// Returns the plan with the issuer in an imported state, if the state represents the configured issuer. A plan that
    /// changes nothing else is empty.
    fn with_imported_issuer(prior: &Self::Plan, plan: &Self::Plan) -> Option<Self::Plan> {
        let _ = (prior, plan);
        None
    }

    /// Sets the outputs that a state from an earlier provider version does not contain.
    fn refresh_outputs(state: &mut Self::Plan) {
        let _ = state;
    }

    /// Marks a state from which the certificate of an interrupted apply is missing, so that the next plan completes it.
    fn mark_interrupted(state: &mut Self::Plan) {
        let _ = state;
    }

    /// Sets the outputs that only this type has.
    fn set_outputs(plan: &mut Self::Plan, issued: &Issued) {
        let _ = (plan, issued);
    }

    /// Reconstructs the certificate attributes of the configuration of a stored object. The caller sets the attributes
    /// of the secret, the tags, and the outputs.
    fn imported(certificate: &Certificate, secret: &SecretDescription) -> Self::Plan;
}

/// The resource type `T` with the dependencies of its operations.
pub struct StoredKeys<T, S> {
    pub(super) stores: S,
    pub(super) now: fn() -> Timestamp,
    pub(super) entropy: Box<dyn Entropy>,
    pub(super) identities: Identities,
    resource_type: PhantomData<fn() -> T>,
}

impl<T: StoredKeyType, S: KeyStores> StoredKeys<T, S> {
    /// Creates the resource type with its dependencies.
    pub fn new(
        stores: S,
        now: fn() -> Timestamp,
        entropy: impl Entropy + 'static,
        identities: Identities,
    ) -> Self {
        Self {
            stores,
            now,
            entropy: Box::new(entropy),
            identities,
            resource_type: PhantomData,
        }
    }
}
