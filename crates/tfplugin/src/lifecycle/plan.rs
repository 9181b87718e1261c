//! Planning: the planner proposes, the resource changes or refuses, the self-check has the last word.

use tfschema::Value;

use super::{Answer, Proposal, ResourceType, Session};
use crate::{Definition, Diagnostics, Operation, Private, planner, selfcheck};

/// A change to plan. Null stands for absence.
pub(crate) struct PlanInput {
    pub(crate) prior: Value,
    pub(crate) proposed: Value,
    pub(crate) config: Value,
    pub(crate) private: Private,
}

impl Session {
    /// Plans a change. Warnings come beside the plan.
    ///
    /// # Errors
    /// The resource refuses the plan, or the plan breaks the protocol.
    pub(crate) async fn plan(
        &self,
        resource: &ResourceType,
        input: PlanInput,
    ) -> Result<(Answer, Diagnostics), Diagnostics> {
        let PlanInput {
            prior,
            proposed,
            config,
            private,
        } = input;
        let definition = resource.definition();
        let operation = Operation::between(&prior, &proposed);
        let call = self.call(
            definition,
            operation,
            if proposed.is_null() { &prior } else { &config },
        );
        let proposed = planner::propose(definition, &prior, proposed, &config);
        let proposal = Proposal {
            plan: proposed.plan,
            requires_replace: proposed.requires_replace,
            prior: prior.clone(),
            config: config.clone(),
            private,
        };
        let warnings = call.warnings.clone();
        let answer = resource.erased().plan(proposal, call.clone());
        let answer = self.handled("PlanResourceChange", &call, answer).await;
        warnings.beside(
            answer.and_then(|answer| self.checked_plan(definition, &prior, &config, answer)),
        )
    }

    fn checked_plan(
        &self,
        definition: &Definition,
        prior: &Value,
        config: &Value,
        mut answer: Answer,
    ) -> Result<Answer, Diagnostics> {
        // The hook may have changed attributes, so what needs a new object is determined again.
        answer
            .requires_replace
            .extend(planner::requires_replace(definition, prior, &answer.plan));
        answer.requires_replace.sort();
        answer.requires_replace.dedup();
        let block = &definition.schema.block;
        self.violations("The plan", definition, || {
            selfcheck::plan(block, prior, config, &answer.plan)
        })
        .into_result()?;
        Ok(answer)
    }
}
