//! A CI/CD pipeline on AWS: the package `pipeline`.

mod artifacts;
mod build;
mod delivery;
mod encryption;
mod events;
mod inputs;
mod notifications;
mod roles;
mod source;
mod stages;

use aws_blocks::data;
use tfmodgen::prelude::*;
use tfmodgen::{Local, Package};

use crate::aws::conventions::{Conventions, HEADER, Identity, MAIN, TARGET, module};
use crate::aws::fragments::kms_key::Place;
use crate::aws::mocks::{Mock, mock};

use inputs::Inputs;

/// Package-specific facts for the inputs.
const CONVENTIONS: Conventions = Conventions {
    package: "pipeline",
    noun: ["pipeline", "pipelines"],
    deletion_protection: "",
    force_destroy: "Whether destroying the pipeline deletes the artifacts and the images. If `false`, destroying the pipeline fails while the bucket or the image repository is not empty. If `true`, the waiting period of the KMS key is 7 days instead of 30.",
};

/// Mocks for module tests.
const MOCKS: [Mock; 10] = [
    Mock::BuildProject,
    Mock::CallerIdentity,
    Mock::Connection,
    Mock::Key,
    Mock::LogGroup,
    Mock::Partition,
    Mock::Pipeline,
    Mock::Region,
    Mock::Role,
    Mock::Topic,
];

/// Values that every file of the module uses.
struct Common {
    /// Prefix for all names, which contains the suffix of the environment.
    own: Identity,
    prefix: Local<Str>,
    account: Expr<Str>,
    place: Place,
}

/// Returns the package, which has no parts.
pub(super) fn package() -> Package {
    let package = Package::new(TARGET, root());
    build::BUILDSPECS
        .iter()
        .fold(package, |package, (name, text)| {
            package.document(&build::path(name), format!("# {HEADER}\n{text}"))
        })
}

fn root() -> Part<Inputs, Outputs> {
    let mut m = module(
        "pipeline",
        "A CI/CD pipeline on AWS with five stages: CodePipeline and CodeBuild build an image, test and scan the code, and deploy the image to ECS.",
    );
    let inputs = Inputs::declare(&mut m);
    let prefix = m
        .local(
            "prefix",
            template([(&inputs.name).into(), "-".into(), (&inputs.suffix).into()]),
        )
        .comment("All names start with this prefix. The same name with another suffix is another pipeline.");
    let account = m.data(data::CallerIdentity::new("current")).account_id();
    let place = Place::declare(&mut m, &account);
    let common = Common {
        own: Identity {
            name: (*prefix).clone(),
            tags: inputs.tags.forward(),
        },
        prefix,
        account,
        place,
    };
    let key = encryption::key(&mut m, &inputs, &common);
    let stores = artifacts::stores(&mut m, &inputs, &common, &key);
    let source = source::source(&mut m, &inputs, &common, &key);
    let projects = build::projects(&mut m, &inputs, &common, &key, &stores);
    let pipeline = delivery::pipeline(
        &mut m,
        &inputs,
        &common,
        &delivery::Uses {
            key: &key,
            stores: &stores,
            source: &source,
            projects: &projects,
        },
    );
    events::events(&mut m, &inputs, &common, &pipeline);
    let topic = notifications::notifications(&mut m, &inputs, &common, &key, &pipeline);
    m.file(MAIN);
    mock(&mut m, &CONVENTIONS, &MOCKS);
    stages::scenarios(&mut m, &inputs);
    let outputs = Outputs {
        pipeline_name: output(pipeline.name()),
        pipeline_arn: output(pipeline.arn()),
        connection_arn: output(&source.connection_arn),
        connection_status: output(&source.connection_status),
        github_token_secret_name: output(&source.token_secret_name),
        artifact_bucket_name: output(stores.bucket.bucket()),
        image_repository_url: output(&stores.repository_url),
        build_project_names: output(projects.names()),
        topic_arn: output(topic),
        kms_key_arn: output(&key),
    };
    Part::new(m, inputs, outputs)
}

tfmodgen::outputs! {
    /// Outputs of the package.
    struct Outputs {
        /// Name of the pipeline.
        pipeline_name: Str,
        /// ARN of the pipeline.
        pipeline_arn: Str,
        /// ARN of the connection to GitHub. Null if the source is not GitHub.
        connection_arn: Str,
        /// Status of the connection that the module creates: `PENDING` until you authorize the connection in the console, then `AVAILABLE`. Null if the module does not create a connection.
        connection_status: Str,
        /// Name of the secret that contains the GitHub token. Null if the source is not GitHub.
        github_token_secret_name: Str,
        /// Name of the artifact bucket.
        artifact_bucket_name: Str,
        /// URL of the image repository.
        image_repository_url: Str,
        /// Names of the CodeBuild projects by key.
        build_project_names: Map<Str>,
        /// ARN of the topic that receives failed executions.
        topic_arn: Str,
        /// ARN of the KMS key that encrypts the artifacts, the images, the logs, the secret, and the topic.
        kms_key_arn: Str,
    }
}
