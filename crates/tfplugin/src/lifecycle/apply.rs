//! Applying a plan: create, update or delete, and a check that the result is what was planned.

use tfschema::Value;

use super::{Applied, Kept, ResourceType, Session, stated_timeouts};
use crate::complete::complete;
use crate::erased::Change;
use crate::handlers::Unfinished;
use crate::progress::{Recorded, Recorder};
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
        let stated = stated_timeouts(if plan.is_null() { &prior } else { &plan });
        // The plan is only needed afterwards where the result is compared with it.
        let planned = self.self_check.then(|| plan.clone());
        let recorder = Recorder::default();
        let before = Kept {
            state: prior.clone(),
            private: private.clone(),
        };
        let change = Change {
            prior,
            plan,
            config,
            private,
            recorder: recorder.clone(),
        };
        let mut applied = match resource.erased().change(change) {
            Ok(change) => {
                let call = self.apply_call(definition, operation, stated, &*change);
                let mut applied = match self
                    .handlers
                    .run_call(&call, change.run(call.clone()))
                    .await
                {
                    Ok(applied) => applied,
                    Err(unfinished) => left_by(&unfinished, recorder.take(), before),
                };
                let (Ok(((), mut told)) | Err(mut told)) = call.warnings.beside(Ok(()));
                told.extend(applied.diagnostics);
                applied.diagnostics = told;
                applied
            }
            Err(refused) => refused,
        };
        let block = &definition.schema.block;
        applied.kept.state =
            planner::without_write_only(block, complete(block, applied.kept.state));
        if let Some(planned) = planned
            && !planned.is_null()
            && !applied.diagnostics.has_errors()
        {
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

/// What is stored after an operation that had no outcome: what it recorded, or else what was there before.
fn left_by(unfinished: &Unfinished, recorded: Recorded, before: Kept) -> Applied {
    let known = match (&recorded.state, before.state.is_null()) {
        (Some(_), _) => "\n\nThe state holds what the operation had recorded by then.",
        (None, true) => {
            "\n\nIt is not known whether the object exists: the state holds nothing. Look for it; if it is there, import \
             it or delete it before you apply again."
        }
        (None, false) => "\n\nThe state holds what was there before the operation.",
    };
    let state = recorded.state.map(Value::unknown_as_null);
    Applied {
        kept: Kept {
            state: state.unwrap_or(before.state),
            private: recorded.private.unwrap_or(before.private),
        },
        diagnostics: unfinished.diagnostic("ApplyResourceChange", known).into(),
    }
}
