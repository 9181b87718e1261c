//! Applies a plan: creates, updates, or deletes an object, and checks the result against the plan.

use tfschema::Value;

use super::erased::{Applied, Change, DecodedChange, StoredState};
use super::progress::{Recorded, Recorder};
use super::resource_type::ResourceType;
use crate::call::{Call, Runner, Unfinished};
use crate::private::Private;
use crate::selfcheck;
use crate::timeouts::{Operation, Timeouts};

/// Change to apply. A null value means that the object does not exist.
pub(crate) struct ApplyInput {
    pub(crate) prior: Value,
    pub(crate) plan: Value,
    pub(crate) config: Value,
    pub(crate) private: Private,
}

impl ResourceType {
    /// Applies a change. Returns the state to store and the diagnostics.
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
        // The plan is cloned only if the result is compared with it.
        let planned = runner.checks().then(|| plan.clone());
        let recorder = Recorder::default();
        let before = StoredState {
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
                    Err(unfinished) => recorded_or_prior(&unfinished, recorder.take(), before),
                };
                let (Ok(((), mut diagnostics)) | Err(mut diagnostics)) =
                    call.warnings.attach(Ok(()));
                diagnostics.extend(applied.diagnostics);
                applied.diagnostics = diagnostics;
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
            // Hosts report an additional error for each value that is still unknown, so unknown values are stored as null.
            applied.kept.state = applied.kept.state.unknown_as_null();
        }
        applied
    }

    /// Returns a call like [`Self::call`], for an operation that changes an object. If the user does not specify a timeout,
    /// the resource's default timeout for this object applies.
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
        runner
            .call(default.unwrap_or_else(|| timeouts.of(operation)))
            .confidential(self.described.is_confidential())
    }
}

/// Returns the result of an operation that did not finish: the recorded state if the operation recorded one, and the prior
/// state otherwise.
fn recorded_or_prior(unfinished: &Unfinished, recorded: Recorded, before: StoredState) -> Applied {
    let known = match (&recorded.state, before.state.is_null()) {
        (Some(_), _) => "\n\nThe state contains the progress that the operation recorded.",
        (None, true) => {
            "\n\nThe object might exist, although the state does not contain it. Check whether it exists. If it does, import \
             it or delete it before you apply again."
        }
        (None, false) => "\n\nThe state is unchanged.",
    };
    let state = recorded.state.map(Value::unknown_as_null);
    Applied {
        kept: StoredState {
            state: state.unwrap_or(before.state),
            private: recorded.private.unwrap_or(before.private),
        },
        diagnostics: unfinished.diagnostic("ApplyResourceChange", known).into(),
    }
}
