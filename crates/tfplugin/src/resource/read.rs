//! Reading an object.

use super::erased::Kept;
use super::resource_type::ResourceType;
use crate::call::Runner;
use crate::diagnostics::Diagnostics;
use crate::timeouts::Operation;

impl ResourceType {
    /// Reads an object; a null state says that it is gone. Warnings come beside it.
    ///
    /// # Errors
    /// The object cannot be read, or the state read breaks the protocol.
    pub(crate) async fn read(
        &self,
        runner: &Runner,
        kept: Kept,
    ) -> Result<(Kept, Diagnostics), Diagnostics> {
        let call = self.call(runner, Operation::Read, &kept.state);
        let warnings = call.warnings.clone();
        let read = self.erased().read(kept, call.clone());
        let read = runner.handled("ReadResource", &call, read).await;
        warnings.beside(read.and_then(|kept| self.checked(runner, "The state read", kept)))
    }
}
