//! Identity of an object: the attributes in its state that distinguish it from all other objects.
//!
//! A resource only marks its identity attributes. The framework reports the identity with every state, and imports objects
//! by identity. Source: protocol 6.9. Terraform and OpenTofu support identities in version 1.12 and later, and earlier
//! versions ignore them.

use std::sync::Arc;

use tfschema::json::value_from_json;
use tfschema::{AttributePath, IdentitySchema, Type, Value};

use super::erased::StoredState;
use super::request::UpgradeIdentity;
use super::resource_type::ResourceType;
use crate::call::Runner;
use crate::complete::complete;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::selfcheck::Violation;
use crate::timeouts::Operation;

impl ResourceType {
    /// Returns the identity schema if the resource type has one.
    pub(crate) fn identity_schema(&self) -> Option<&IdentitySchema> {
        self.identity.as_ref().map(|identity| &identity.schema)
    }

    /// Returns the type of the identity if the resource type has one.
    pub(crate) fn identity_type(&self) -> Option<Arc<Type>> {
        let identity = self.identity.as_ref()?;
        Some(Arc::clone(&identity.ty))
    }

    /// Returns the identity of the object in a state or plan. Returns `None` if the object does not exist or the resource
    /// type has no identity.
    pub(crate) fn identity_of(&self, state: &Value) -> Option<Value> {
        let schema = self.identity_schema()?;
        state.as_object()?;
        let names = schema.attributes.keys();
        Some(Value::object(
            names.map(|name| (name.clone(), state.attribute(name))),
        ))
    }

    /// Returns the identity of an object after checking that it equals the prior identity.
    ///
    /// # Errors
    /// Returns an error if the identity changed.
    pub(crate) fn same_identity(
        &self,
        runner: &Runner,
        prior: Option<&Value>,
        state: &Value,
    ) -> Result<Option<Value>, Diagnostics> {
        let Some(identity) = self.identity_of(state) else {
            return Ok(None);
        };
        let names = self
            .identity_schema()
            .into_iter()
            .flat_map(|schema| schema.attributes.keys());
        let changed = names.filter(|name| {
            let (before, now) = (
                prior.map(|prior| prior.attribute(name)),
                identity.attribute(name),
            );
            // A prior value that is null or unknown, which can occur after an import, does not count as a change.
            before.is_some_and(|before| {
                !before.is_null() && before.is_wholly_known() && before != now
            })
        });
        let violations = runner.violations("The identity", &self.definition().type_name, || {
            let problem = "is part of the identity, so it must not change while the object exists";
            changed
                .map(|name| Violation::new(&AttributePath::root().attribute(name), problem))
                .collect()
        });
        violations.into_result()?;
        Ok(Some(identity))
    }

    /// Finds an existing object by its identity. Returns the object and the warnings. The host reads the object next.
    ///
    /// # Errors
    /// Returns an error if a required attribute is not set, or if the object does not exist.
    pub(crate) async fn import_by_identity(
        &self,
        runner: &Runner,
        identity: Value,
    ) -> Result<(StoredState, Diagnostics), Diagnostics> {
        self.check_identity(&identity)?;
        let state = complete(&self.definition().schema.block, identity);
        let call = self.call(runner, Operation::Read, &Value::Null);
        let warnings = call.warnings.clone();
        let found = self.erased().import_by_identity(state, call.clone());
        let found = runner.handled("ImportResourceState", &call, found).await;
        warnings.attach(found.and_then(|kept| self.checked(runner, "The imported state", kept)))
    }

    fn check_identity(&self, identity: &Value) -> Result<(), Diagnostics> {
        let attributes = self
            .identity_schema()
            .into_iter()
            .flat_map(|schema| &schema.attributes);
        let missing = attributes.filter(|(name, attribute)| {
            attribute.required_for_import && identity.attribute(name).is_null()
        });
        let missing: Vec<_> = missing.map(|(name, _)| format!("`{name}`")).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let detail = format!(
            "The identity of an object of type {} requires {}. Set every required attribute in the `identity` argument of \
             the import block.",
            self.definition().type_name,
            missing.join(", ")
        );
        Err(Diagnostic::error("Identity is incomplete", detail).into())
    }

    /// Reads a stored identity of the current version or an earlier version. Returns the identity and the warnings.
    ///
    /// # Errors
    /// Returns an error if the type has no identity, if the identity does not conform to the schema, or if the resource
    /// cannot upgrade it.
    pub(crate) fn upgrade_identity(
        &self,
        request: UpgradeIdentity,
    ) -> Result<(Value, Diagnostics), Diagnostics> {
        let warnings = request.warnings.clone();
        warnings.attach(self.upgraded_identity(request))
    }

    fn upgraded_identity(&self, request: UpgradeIdentity) -> Result<Value, Diagnostics> {
        let type_name = &self.definition().type_name;
        let Some(identity) = &self.identity else {
            let detail = format!("Objects of type {type_name} have no identity.");
            return Err(Diagnostic::error("Resource has no identity", detail).into());
        };
        if request.version != identity.schema.version {
            return self.erased().upgrade_identity(request);
        }
        value_from_json(&request.identity, &identity.ty).map_err(|error| {
            let summary = format!("Stored identity of {type_name} cannot be read");
            let detail = format!(
                "{error}\n\nThe state might have been edited manually. Restore an earlier version of the state."
            );
            Diagnostic::error(summary, detail).into()
        })
    }
}
