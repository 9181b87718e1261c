//! Reads an object.

use super::erased::StoredState;
use super::resource_type::ResourceType;
use crate::call::Runner;
use crate::diagnostics::Diagnostics;
use crate::timeouts::Operation;

impl ResourceType {
    /// Reads an object. Returns its state and the warnings. A null state means that the object no longer exists.
    ///
    /// # Errors
    /// Returns an error if the object cannot be read, or if its state violates the plugin protocol.
    pub(crate) async fn read(
        &self,
        runner: &Runner,
        kept: StoredState,
    ) -> Result<(StoredState, Diagnostics), Diagnostics> {
        let call = self.call(runner, Operation::Read, &kept.state);
        let warnings = call.warnings.clone();
        let read = self.erased().read(kept, call.clone());
        let read = runner.handled("ReadResource", &call, read).await;
        warnings.attach(read.and_then(|kept| self.checked(runner, "The refreshed state", kept)))
    }
}
