//! Jobs that migrate the database and add example data. Their names contain the start of the image digest, so each image runs
//! them once.

use kubernetes_blocks as kubernetes;
use tfmodgen::Maybe;
use tfmodgen::prelude::*;

use super::Common;
use super::namespace::first;
use super::network::{COMPONENT, DATABASE_CLIENT};
use super::pods::job::{container, from_configuration, from_secret, pod};

/// References to the jobs, which the API depends on.
pub(super) struct Jobs {
    pub(super) migration: kubernetes::JobV1Reference,
    pub(super) seed: Maybe<kubernetes::JobV1Reference>,
}

impl Jobs {
    /// Returns the name of the job that migrates the database.
    pub(super) fn migration_name(&self) -> Expr<Str> {
        first(&self.migration.metadata())
    }
}

/// Declares the jobs.
pub(super) fn jobs(
    m: &mut Module,
    common: &Common<'_>,
    database: &kubernetes::JobV1Reference,
) -> Jobs {
    m.file("migration");
    let inputs = common.inputs;
    let migration = m.resource(
        job(common, "migration", &inputs.migration_command)
            .comment("The API starts after this job.")
            .depends_on(database),
    );
    let seed = m.resource(
        job(common, "seed", &inputs.seed_command)
            .depends_on(&migration)
            .when(length(inputs.seed_command.any()).greater_than(0)),
    );
    Jobs { migration, seed }
}

/// Returns a job that runs a command in the image of the API.
fn job(
    common: &Common<'_>,
    component: &str,
    command: &tfmodgen::Variable<List<Str>>,
) -> kubernetes::JobV1 {
    let (names, inputs) = (common.names, common.inputs);
    let labels: Expr<Map<Str>> = [(COMPONENT, component), (DATABASE_CLIENT, "true")].into_expr();
    let image: Expr<Map<Str>> = [("image", inputs.api_image.forward::<Expr<Str>>())].into_expr();
    // Both jobs have the resources of a migration.
    let container = container("migration", &inputs.api_image, common)
        .command(command)
        .env_from(from_configuration(common))
        .env_from(from_secret(common));
    let template = kubernetes::JobV1SpecTemplate::new(
        kubernetes::JobV1SpecTemplateMetadata::new()
            .labels(merge([(*names.labels).clone(), labels]))
            .annotations(&image),
    )
    .spec(pod(common).restart_policy("Never").container(container));
    kubernetes::JobV1::new(
        component,
        kubernetes::JobV1Metadata::new()
            .name(tfmodgen::template([
                format!("{component}-").into(),
                (&names.api_digest).into(),
            ]))
            .namespace(&common.namespace.name)
            .labels(&names.labels)
            .annotations(image),
        kubernetes::JobV1Spec::new(template)
            .backoff_limit(2)
            .active_deadline_seconds(240),
    )
    .wait_for_completion(true)
    .timeouts(kubernetes::JobV1Timeouts::new().create("5m").update("5m"))
}
