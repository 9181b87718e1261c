//! Applying a plan: create, update or delete, and a check that the result is what was planned.

use tfschema::Value;

use super::{Applied, ResourceType, Session};
use crate::complete::complete;
use crate::erased::Change;
use crate::{Operation, Private, planner, selfcheck};

/// A change to apply. Null stands for absence.
pub(crate) struct ApplyInput {
    pub(crate) prior: Value,
    pub(crate) plan: Value,
    pub(crate) config: Value,
    pub(crate) private: Private,
}

impl Session {
    /// Applies a change and returns what is stored then, with what to tell the user.
    pub(crate) async fn apply(&self, resource: &ResourceType, input: ApplyInput) -> Applied {
        let ApplyInput {
            prior,
            plan,
            config,
            private,
        } = input;
        let definition = resource.definition();
        let operation = Operation::between(&prior, &plan);
        let call = self.call(
            definition,
            operation,
            if plan.is_null() { &prior } else { &plan },
        );
        let (planned, warnings) = (plan.clone(), call.warnings.clone());
        let mut applied = resource
            .erased()
            .apply(Change {
                prior,
                plan,
                config,
                private,
                call,
            })
            .await;
        let (Ok(((), mut told)) | Err(mut told)) = warnings.beside(Ok(()));
        told.extend(applied.diagnostics);
        applied.diagnostics = told;
        let block = &definition.schema.block;
        applied.kept.state =
            planner::without_write_only(block, complete(block, applied.kept.state));
        if !applied.diagnostics.has_errors() && !planned.is_null() {
            let state = &applied.kept.state;
            let violations = self.violations("The result", definition, || {
                selfcheck::result(block, &planned, state)
            });
            applied.diagnostics.extend(violations);
        }
        if applied.diagnostics.has_errors() {
            // What is not known by now never will be, and the command line would only complain a second time.
            applied.kept.state = applied.kept.state.unknown_as_null();
        }
        applied
    }
}
