//! Taking over objects: by the user's id, or from state of another type.

use tfschema::Value;

use super::erased::Kept;
use super::request::Moved;
use super::resource_type::ResourceType;
use crate::call::Runner;
use crate::diagnostics::Diagnostics;
use crate::timeouts::Operation;

impl ResourceType {
    /// Finds an existing object by the user's id. The command line reads it next. Warnings come beside it.
    ///
    /// # Errors
    /// The id is malformed, or the type cannot be imported.
    pub(crate) async fn import(
        &self,
        runner: &Runner,
        id: String,
    ) -> Result<(Kept, Diagnostics), Diagnostics> {
        let call = self.call(runner, Operation::Read, &Value::Null);
        let warnings = call.warnings.clone();
        let found = self.erased().import(id, call.clone());
        let found = runner.handled("ImportResourceState", &call, found).await;
        warnings.beside(found.and_then(|kept| self.checked(runner, "The imported state", kept)))
    }

    /// Takes over the state of an object of another type. Warnings come beside it.
    ///
    /// # Errors
    /// The type cannot take over that one.
    pub(crate) fn take_over(
        &self,
        runner: &Runner,
        request: Moved,
    ) -> Result<(Kept, Diagnostics), Diagnostics> {
        let warnings = request.warnings.clone();
        let moved = self.erased().moved(request);
        warnings.beside(moved.and_then(|kept| self.checked(runner, "The moved state", kept)))
    }
}
