//! Repositories for the images of the services.

use aws_blocks as aws;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Many};

use super::{Inputs, SERVICES};
use crate::aws::conventions::Identity;

/// A repository for each service.
pub(super) fn repositories(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
) -> Many<aws::EcrRepositoryReference> {
    m.file("registries");
    let repositories = m.resource(
        aws::EcrRepository::new("this", Expr::<Str>::null()).for_each(
            toset::<Str>(SERVICES),
            |_, each| {
                aws::EcrRepository::new("this", own.named_after(each.key()))
                    .force_delete(&inputs.delete_images)
                    .image_tag_mutability("MUTABLE")
                    .argument_comment("Every push moves the tag latest. What runs is pinned by the tag or digest that it was given.")
                    .tags(&own.tags)
                    .encryption_configuration(
                        aws::EcrRepositoryEncryptionConfiguration::new()
                            .encryption_type("KMS")
                            .kms_key(&inputs.kms_key_arn),
                    )
                    .image_scanning_configuration(
                        aws::EcrRepositoryImageScanningConfiguration::new(true),
                    )
            },
        ),
    );
    m.resource(
        aws::EcrLifecyclePolicy::new("this", Expr::<Str>::null(), Expr::<Str>::null()).for_each(
            toset::<Str>(SERVICES),
            |_, each| {
                let repository = repositories.get(each.key());
                aws::EcrLifecyclePolicy::new("this", expiry(inputs), repository.name())
            },
        ),
    );
    repositories
}

/// Images that lost their tag go after two weeks, and those with one when enough newer ones were pushed.
fn expiry(inputs: &Inputs<Declared>) -> Expr<Str> {
    let rule = |priority: i32, description: &str, selection: Expr<Object>| {
        object_value([
            entry("rulePriority", priority),
            entry("description", description),
            entry("selection", selection),
            entry("action", object_value([entry("type", "expire")])),
        ])
    };
    let untagged = object_value([
        entry("tagStatus", "untagged"),
        entry("countType", "sinceImagePushed"),
        entry("countUnit", "days"),
        entry("countNumber", 14),
    ]);
    let tagged = object_value([
        entry("tagStatus", "tagged"),
        entry("tagPatternList", ["*"]),
        entry("countType", "imageCountMoreThan"),
        entry("countNumber", &inputs.images_kept),
    ]);
    jsonencode(object_value([entry(
        "rules",
        [
            rule(
                1,
                "Images that lost their tag go after two weeks.",
                untagged,
            ),
            rule(2, "Of the images with a tag the last are kept.", tagged),
        ],
    )]))
}
