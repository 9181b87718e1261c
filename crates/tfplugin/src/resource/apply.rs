//! Applying a plan: create, update or delete, and a check that the result is what was planned.

use tfschema::Value;

use super::erased::{Applied, Change, DecodedChange, Kept};
use super::progress::{Recorded, Recorder};
use super::resource_type::ResourceType;
use crate::call::{Call, Runner, Unfinished};
use crate::private::Private;
use crate::selfcheck;
use crate::timeouts::{Operation, Timeouts};

/// A change to apply. Null stands for absence.
pub(crate) struct ApplyInput {
    pub(crate) prior: Value,
    pub(crate) plan: Value,
    pub(crate) config: Value,
    pub(crate) private: Private,
}

impl ResourceType {
    /// Applies a change and returns what is stored then, with what to tell the user.
    pub(crate) async fn apply(&self, runner: &Runner, input: ApplyInput) -> Applied {
        let ApplyInput {
            prior,
            plan,
            config,
            private,
        } = input;
        let definition = self.definition();
        let operation = Operation::between(&prior, &plan);
        let stated = Timeouts::stated(if plan.is_null() { &prior } else { &plan });
        // The plan is only needed afterwards where the result is compared with it.
        let planned = runner.checks().then(|| plan.clone());
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
        let mut applied = match self.erased().change(change) {
            Ok(change) => {
                let call = self.apply_call(runner, operation, stated, &*change);
                let changed = change.run(call.clone());
                let mut applied = match runner.handlers.run_call(&call, changed).await {
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
        applied.kept.state = self.described.complete(applied.kept.state);
        if let Some(planned) = planned
            && !planned.is_null()
            && !applied.diagnostics.has_errors()
        {
            let state = &applied.kept.state;
            let violations = runner.violations("The result", &definition.type_name, || {
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

    /// As [`Self::call`], of an operation that changes an object: where the user states no timeout, the resource may
    /// know how long such an object takes.
    fn apply_call(
        &self,
        runner: &Runner,
        operation: Operation,
        stated: Timeouts,
        change: &dyn DecodedChange,
    ) -> Call {
        let default = match stated.states(operation) {
            true => None,
            false => change.default_timeout(),
        };
        let timeouts = stated.or(&self.definition().timeouts);
        runner.call(default.unwrap_or_else(|| timeouts.of(operation)))
    }
}

/// What is stored after an operation that had no outcome: what it recorded, or else what was there before.
fn left_by(unfinished: &Unfinished, recorded: Recorded, before: Kept) -> Applied {
    let known = match (&recorded.state, before.state.is_null()) {
        (Some(_), _) => "\n\nThe state contains the progress that the operation had recorded.",
        (None, true) => {
            "\n\nThe object may exist, although the state does not contain it. Check whether it exists. If it does, import \
             it or delete it before you apply again."
        }
        (None, false) => "\n\nThe state is unchanged.",
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
