//! Taking over objects: by the user's id, or from state of another type.

use tfschema::Value;

use super::{Kept, ResourceType, Session};
use crate::complete::complete;
use crate::{Diagnostics, Moved, Operation, planner, selfcheck};

impl Session {
    /// Finds an existing object by the user's id. The command line reads it next.
    ///
    /// # Errors
    /// The id is malformed, or the type cannot be imported.
    pub(crate) async fn import(
        &self,
        resource: &ResourceType,
        id: String,
    ) -> Result<Kept, Diagnostics> {
        let call = self.call(resource.definition(), Operation::Read, &Value::Null);
        let kept = resource.erased().import(id, call).await?;
        self.taken_over("The imported state", resource, kept)
    }

    /// Takes over the state of an object of another type.
    ///
    /// # Errors
    /// The type cannot take over that one.
    pub(crate) fn take_over(
        &self,
        resource: &ResourceType,
        request: Moved,
    ) -> Result<Kept, Diagnostics> {
        let kept = resource.0.moved(request)?;
        self.taken_over("The moved state", resource, kept)
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
