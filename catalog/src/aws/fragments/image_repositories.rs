//! ECR repositories for service images.

use aws_blocks as aws;
use tfmodgen::Many;
use tfmodgen::prelude::*;

use crate::aws::conventions::Identity;

/// Settings for the repositories. The resources have the label `this`.
pub(crate) struct ImageRepositories<'a> {
    /// Names of the services.
    pub(crate) services: Expr<Set<Str>>,
    /// ARN of the KMS key.
    pub(crate) kms_key_arn: &'a Expr<Str>,
    /// Whether destroying the repositories also deletes their images.
    pub(crate) force_delete: &'a Expr<Bool>,
    /// Number of tagged images that each repository keeps.
    pub(crate) images_kept: &'a Expr<Num>,
}

impl ImageRepositories<'_> {
    /// Declares a repository for each service.
    pub(crate) fn declare(
        &self,
        m: &mut Module,
        own: &Identity,
    ) -> Many<aws::EcrRepositoryReference> {
        let repositories = m.resource(
            aws::EcrRepository::new("this", Expr::<Str>::null()).for_each(
                &self.services,
                |_, each| {
                    aws::EcrRepository::new("this", own.named_after(each.key()))
                        .force_delete(self.force_delete)
                        .image_tag_mutability("MUTABLE")
                        .argument_comment("Each push moves the latest tag. Services use the configured tag or digest.")
                        .tags(&own.tags)
                        .encryption_configuration(
                            aws::EcrRepositoryEncryptionConfiguration::new()
                                .encryption_type("KMS")
                                .kms_key(self.kms_key_arn),
                        )
                        .image_scanning_configuration(
                            aws::EcrRepositoryImageScanningConfiguration::new(true),
                        )
                },
            ),
        );
        m.resource(
            aws::EcrLifecyclePolicy::new("this", Expr::<Str>::null(), Expr::<Str>::null())
                .for_each(&self.services, |_, each| {
                    let repository = repositories.get(each.key());
                    let expiry = expiry(self.images_kept);
                    aws::EcrLifecyclePolicy::new("this", expiry, repository.name())
                }),
        );
        repositories
    }
}

/// Returns the lifecycle policy: untagged images expire after two weeks, and tagged images expire when enough newer
/// images exist.
fn expiry(images_kept: &Expr<Num>) -> Expr<Str> {
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
        entry("countNumber", images_kept),
    ]);
    jsonencode(object_value([entry(
        "rules",
        [
            rule(1, "Expire untagged images after 14 days.", untagged),
            rule(2, "Keep only the most recent tagged images.", tagged),
        ],
    )]))
}
