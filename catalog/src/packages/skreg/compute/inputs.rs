//! Inputs for the part: service images, sizes, and owner, and outputs from other parts.

use tfmodgen::Variable;
use tfmodgen::prelude::*;

use super::SERVICES;
use crate::aws::conventions::Conventions;
use crate::aws::inputs::services::{
    certificate_arn, container_insights, domain_name, image_uri, images_kept, size,
};
use crate::aws::inputs::{
    account_id, bucket, deletion_protection, kms_key_arn, log_retention_days, prefix, subnet_ids,
    tags, vpc_id,
};

tfmodgen::inputs! {
    /// Inputs for the services.
    pub(crate) struct Inputs(input, to: &Conventions) {
        required name: Str = prefix(input, to),
        optional tags: Map<Str> = tags(input),
        optional certificate_arn: Str = certificate_arn(input, to),
        optional api_image_uri: Str = image_uri(input, to, "api"),
        optional worker_image_uri: Str = image_uri(input, to, "worker"),
        optional api: Object = size(input, 512, 1024),
        optional worker: Object = size(input, 256, 512),
        required account_id: Str = account_id(input, to),
        required vpc_id: Str = vpc_id(input, to),
        required public_subnet_ids: List<Str> = subnet_ids(input, "IDs of the subnets for the load balancer."),
        required private_subnet_ids: List<Str> = subnet_ids(input, "IDs of the subnets for the tasks."),
        required database_client_security_group_id: Str = input
            .declare(string())
            .describe("ID of the security group whose members can connect to the database.")
            .validate(
                |id| matches("^sg-[0-9a-z]+$", id),
                "Must be a security group ID, such as sg-0123456789abcdef0.",
            )
            .refuses("skreg-database-client")
            .example("sg-0123456789abcdef0"),
        required database_url_secret_arn: Str =
            secret_arn(input, "ARN of the secret that contains the connection URL of the database."),
        required database_url_secret_version_id: Str = input
            .declare(string())
            .describe("Version ID of the secret that the tasks read. A new version starts a rollout.")
            .validate(
                |version| matches("^[A-Za-z0-9-]{32,64}$", version),
                "Must be a version ID with 32 to 64 letters, digits, and hyphens.",
            )
            .refuses("AWSCURRENT")
            .example("01234567-89ab-cdef-0123-456789abcdef"),
        required package_bucket_arn: Str = input
            .declare(string())
            .describe("ARN of the package bucket.")
            .validate(
                |arn| matches("^arn:aws:s3:::[a-z0-9.-]+$", arn),
                "Must be the ARN of a bucket, such as arn:aws:s3:::skreg-packages-123456789012.",
            )
            .refuses("arn:aws:s3:::*")
            .example("arn:aws:s3:::skreg-packages-123456789012"),
        required package_bucket_name: Str = bucket(input, to, "Name of the package bucket."),
        required cdn_base_url: Str = input
            .declare(string())
            .describe("Base URL for packages on the CDN.")
            .validate(
                |url| matches("^https://[a-z0-9.-]+$", url),
                "Must be https:// followed by a host name.",
            )
            .refuses("packages.example.com")
            .example("https://d111111abcdef8.cloudfront.net"),
        required storage_secret_arn: Str =
            secret_arn(input, "ARN of the secret with the connection settings for the bucket."),
        required signing_key_secret_arn: Str = secret_arn(
            input,
            "ARN of the secret that contains the signing key. Only the worker can read it.",
        ),
        required kms_key_arn: Str = kms_key_arn(input, to),
        required access_logs_bucket: Str = bucket(input, to, "Name of the bucket for access logs."),
        optional release: Object =
            release(input, &[(&api_image_uri, &api), (&worker_image_uri, &worker)]),
        optional domain_name: Str = domain_name(input, to, &certificate_arn),
        optional log_retention_days: Num = log_retention_days(input),
        optional deletion_protection: Bool = deletion_protection(input, to),
        optional delete_images: Bool = input
            .declare(bool())
            .describe("Whether to delete all images when the image repositories are destroyed. If `false`, destroying a repository that contains images fails.")
            .default(true),
        optional container_insights: Str = container_insights(input),
        optional images_kept: Num = images_kept(input),
    }
}

impl Inputs<tfmodgen::Declared> {
    /// Returns the image for a service.
    pub(super) fn image_of(&self, service: &str) -> &Variable<Str> {
        match service {
            "api" => &self.api_image_uri,
            _ => &self.worker_image_uri,
        }
    }
}

fn secret_arn(input: NewInput<'_>, purpose: &str) -> Variable<Str> {
    input
        .declare(string())
        .describe(purpose)
        .validate(
            |arn| {
                matches(
                    "^arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^*]+$",
                    arn,
                )
            },
            "Must be the ARN of a secret without wildcards.",
        )
        .refuses("skreg/database/url")
        .refuses("arn:aws:secretsmanager:eu-central-1:123456789012:secret:*")
        .example(
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:skreg/database/url-AbCdEf",
        )
}

/// Returns whether every service either has an image or runs no tasks.
pub(crate) fn needs_no_placeholder(
    services: &[(&Variable<Str>, &Variable<Object>); 2],
) -> Expr<Bool> {
    let [api, worker] = services.map(|(image, size)| {
        let count: Expr<Num> = size.attribute("desired_count");
        // Null starts one task.
        image.differs("").or(count.equals(0))
    });
    api.and(worker)
}

/// Declares the owner of the images. If Terraform is not the owner, the provider keeps a service's image but manages
/// the rest of its task definition. Therefore, the placeholder command would also run in the owner's images.
pub(crate) fn release(
    input: NewInput<'_>,
    services: &[(&Variable<Str>, &Variable<Object>); 2],
) -> Variable<Object> {
    let without_placeholder = needs_no_placeholder(services);
    let owner = |owner: &str| object_value([entry("owner", owner)]);
    input.declare(object()
            .optional_or("owner", string(), "terraform")
            .optional("rollback_to", map(number())),
    )
    .describe("Release settings. If `owner` is `terraform`, `api_image_uri` and `worker_image_uri` determine the images. If `owner` is `external`, a pipeline registers task definition revisions. If `owner` is `terraform_once`, the inputs determine only the first images. Set `rollback_to` to run earlier revisions of the `api` and `worker` services.")
    .default(object_value([]))
    .validate(
        |release| {
            one_of(
                release.attribute::<Str>("owner"),
                ["terraform", "external", "terraform_once"],
            )
        },
        "The value of release.owner must be terraform, external, or terraform_once.",
    )
    .refuses(owner("github"))
    .validate(
        |release| {
            release
                .attribute::<Str>("owner")
                .equals("terraform")
                .or(without_placeholder)
        },
        "If release.owner is not terraform, set api_image_uri and worker_image_uri, or set desired_count to 0 for a service without an image. Otherwise, the command for the placeholder image also runs in the images that the owner deploys. Push images and apply with owner = terraform before you change the owner.",
    )
    .refuses(owner("external"))
    .refuses(owner("terraform_once"))
    .validate(
        |release| {
            let back: Expr<Map<Num>> = release.attribute("rollback_to");
            let back = conditional(back.is_null(), tomap::<Num>(object_value([])), back);
            keys(back).all("service", |service| contains::<Str>(SERVICES, service))
        },
        "The keys in release.rollback_to must be api or worker.",
    )
    .refuses(object_value([entry(
        "rollback_to",
        object_value([entry("web", 1)]),
    )]))
}
