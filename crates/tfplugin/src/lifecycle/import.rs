//! Taking over objects: by the user's id, or from state of another type.

use tfschema::Value;

use super::{Kept, ResourceType, Session};
use crate::complete::complete;
use crate::{Diagnostics, Moved, Operation, planner, selfcheck};

impl Session {
    /// Finds an existing object by the user's id. The command line reads it next. Warnings come beside it.
    ///
    /// # Errors
    /// The id is malformed, or the type cannot be imported.
    pub(crate) async fn import(
        &self,
        resource: &ResourceType,
        id: String,
    ) -> Result<(Kept, Diagnostics), Diagnostics> {
        let call = self.call(resource.definition(), Operation::Read, &Value::Null);
        let warnings = call.warnings.clone();
        let found = resource.erased().import(id, call.clone());
        let found = self.handled("ImportResourceState", &call, found).await;
        let what = "The imported state";
        warnings.beside(found.and_then(|kept| self.taken_over(what, resource, kept)))
    }

    /// Takes over the state of an object of another type. Warnings come beside it.
    ///
    /// # Errors
    /// The type cannot take over that one.
    pub(crate) fn take_over(
        &self,
        resource: &ResourceType,
        request: Moved,
    ) -> Result<(Kept, Diagnostics), Diagnostics> {
        let warnings = request.warnings.clone();
        let moved = resource.0.moved(request);
        let what = "The moved state";
        warnings.beside(moved.and_then(|kept| self.taken_over(what, resource, kept)))
    }

    fn taken_over(
        &self,
        what: &str,
        resource: &ResourceType,
        mut kept: Kept,
    ) -> Result<Kept, Diagnostics> {
        let definition = resource.definition();
        let block = &definition.schema.block;
        kept.state = planner::without_write_only(block, complete(block, kept.state));
        self.violations(what, definition, || selfcheck::state(block, &kept.state))
            .into_result()?;
        Ok(kept)
    }
}
