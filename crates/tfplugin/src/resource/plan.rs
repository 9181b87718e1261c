//! Plans a change. The planner proposes a plan, the resource can change or reject it, and the self-check verifies the
//! result.

use tfschema::Value;

use super::erased::{PlannedChange, Proposal};
use super::resource_type::ResourceType;
use crate::call::Runner;
use crate::diagnostics::Diagnostics;
use crate::private::Private;
use crate::timeouts::Operation;
use crate::{planner, selfcheck};

/// Change to plan. A null value means that the object does not exist.
pub(crate) struct PlanInput {
    pub(crate) prior: Value,
    pub(crate) proposed: Value,
    pub(crate) config: Value,
    pub(crate) private: Private,
}

impl ResourceType {
    /// Plans a change. Returns the plan and the warnings.
    ///
    /// # Errors
    /// Returns an error if the resource rejects the plan, or if the plan violates the plugin protocol.
    pub(crate) async fn plan(
        &self,
        runner: &Runner,
        input: PlanInput,
    ) -> Result<(PlannedChange, Diagnostics), Diagnostics> {
        let PlanInput {
            prior,
            proposed,
            config,
            private,
        } = input;
        let definition = self.definition();
        let operation = Operation::between(&prior, &proposed);
        let stated = if proposed.is_null() { &prior } else { &config };
        let call = self.call(runner, operation, stated);
        let proposed = planner::propose(definition, &prior, proposed, &config);
        let proposal = Proposal {
            plan: proposed.plan,
            requires_replace: proposed.requires_replace,
            prior: prior.clone(),
            config: config.clone(),
            private,
        };
        let warnings = call.warnings.clone();
        let answer = self.erased().plan(proposal, call.clone());
        let answer = runner.handled("PlanResourceChange", &call, answer).await;
        warnings
            .attach(answer.and_then(|answer| self.checked_plan(runner, &prior, &config, answer)))
    }

    fn checked_plan(
        &self,
        runner: &Runner,
        prior: &Value,
        config: &Value,
        mut answer: PlannedChange,
    ) -> Result<PlannedChange, Diagnostics> {
        let definition = self.definition();
        // The hook might have changed attributes, so the attributes that require replacement are determined again.
        answer
            .requires_replace
            .extend(planner::requires_replace(definition, prior, &answer.plan));
        answer.requires_replace.sort();
        answer.requires_replace.dedup();
        let block = &definition.schema.block;
        runner
            .violations("The plan", &definition.type_name, || {
                selfcheck::plan(block, prior, config, &answer.plan)
            })
            .into_result()?;
        Ok(answer)
    }
}
