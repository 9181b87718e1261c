//! Reading an object.

use super::{Kept, ResourceType, Session};
use crate::complete::complete;
use crate::{Definition, Diagnostics, Operation, planner, selfcheck};

impl Session {
    /// Reads an object; a null state says that it is gone. Warnings come beside it.
    ///
    /// # Errors
    /// The object cannot be read, or what was read breaks the protocol.
    pub(crate) async fn read(
        &self,
        resource: &ResourceType,
        kept: Kept,
    ) -> Result<(Kept, Diagnostics), Diagnostics> {
        let definition = resource.definition();
        let call = self.call(definition, Operation::Read, &kept.state);
        let warnings = call.warnings.clone();
        let read = resource.erased().read(kept, call.clone());
        let read = self.handled("ReadResource", &call, read).await;
        warnings.beside(read.and_then(|kept| self.checked_read(definition, kept)))
    }

    fn checked_read(&self, definition: &Definition, mut kept: Kept) -> Result<Kept, Diagnostics> {
        let block = &definition.schema.block;
        kept.state = planner::without_write_only(block, complete(block, kept.state));
        self.violations("The state read", definition, || {
            selfcheck::state(block, &kept.state)
        })
        .into_result()?;
        Ok(kept)
    }
}
