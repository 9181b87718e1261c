//! Inputs of the part: images, sizes and owners of the services, and what the rest of the registry gives them.

use tfmodgen::Variable;
use tfmodgen::prelude::*;

use super::SERVICES;
use crate::aws::conventions::Conventions;
use crate::aws::inputs::{
    DOMAIN, account_id, bucket, deletion_protection, kms_key_arn, log_retention_days, prefix,
    subnet_ids, tags, vpc_id, whole,
};

tfmodgen::inputs! {
    /// Inputs of the services.
    pub(crate) struct Inputs(input, to: &Conventions) {
        required name: Str = prefix(input, to),
        optional tags: Map<Str> = tags(input),
        optional certificate_arn: Str = certificate_arn(input),
        optional api_image_uri: Str = image_uri(input, "api"),
        optional worker_image_uri: Str = image_uri(input, "worker"),
        optional api: Object = size(input, 512, 1024),
        optional worker: Object = size(input, 256, 512),
        required account_id: Str = account_id(input, to),
        required vpc_id: Str = vpc_id(input, to),
        required public_subnet_ids: List<Str> = subnet_ids(input, "Subnets of the load balancer."),
        required private_subnet_ids: List<Str> = subnet_ids(input, "Subnets of the tasks."),
        required database_client_security_group_id: Str = input
            .declare(string())
            .describe("Group of those who may connect to the database.")
            .validate(
                |id| matches("^sg-[0-9a-z]+$", id),
                "The group is given by its id, such as sg-0123456789abcdef0.",
            )
            .refuses("skreg-database-client")
            .example("sg-0123456789abcdef0"),
        required database_url_secret_arn: Str =
            secret_arn(input, "Secret with the connection URL of the database."),
        required database_url_secret_version_id: Str = input
            .declare(string())
            .describe("Version of that secret that the tasks get. Another one is another rollout.")
            .validate(
                |version| matches("^[A-Za-z0-9-]{32,64}$", version),
                "A version of a secret has 32 to 64 letters, digits and hyphens.",
            )
            .refuses("AWSCURRENT")
            .example("01234567-89ab-cdef-0123-456789abcdef"),
        required package_bucket_arn: Str = input
            .declare(string())
            .describe("ARN of the bucket for packages.")
            .validate(
                |arn| matches("^arn:aws:s3:::[a-z0-9.-]+$", arn),
                "A bucket's ARN is like arn:aws:s3:::skreg-packages-123456789012.",
            )
            .refuses("arn:aws:s3:::*")
            .example("arn:aws:s3:::skreg-packages-123456789012"),
        required package_bucket_name: Str = bucket(input, to, "Bucket for packages."),
        required cdn_base_url: Str = input
            .declare(string())
            .describe("Where the world gets packages.")
            .validate(
                |url| matches("^https://[a-z0-9.-]+$", url),
                "The URL is https:// and a host name.",
            )
            .refuses("packages.example.com")
            .example("https://d111111abcdef8.cloudfront.net"),
        required storage_secret_arn: Str =
            secret_arn(input, "Secret that says how to reach the bucket."),
        required kms_key_arn: Str = kms_key_arn(input, to),
        required access_logs_bucket: Str = bucket(input, to, "Bucket for access logs."),
        optional release: Object =
            release(input, &[(&api_image_uri, &api), (&worker_image_uri, &worker)]),
        optional domain_name: Str = domain_name(input, &certificate_arn),
        optional log_retention_days: Num = log_retention_days(input),
        optional deletion_protection: Bool = deletion_protection(input, to),
        optional delete_images: Bool = input
            .declare(bool())
            .describe("Lets a destroy delete repositories with the images in them, which a pipeline can push again. With false such a destroy ends with an error.")
            .default(true),
        optional container_insights: Str = container_insights(input),
        optional images_kept: Num = images_kept(input),
    }
}

impl Inputs<tfmodgen::Declared> {
    /// The image of a service.
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
            "The secret is given by its ARN, without wildcards.",
        )
        .refuses("skreg/database/url")
        .refuses("arn:aws:secretsmanager:eu-central-1:123456789012:secret:*")
        .example(
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:skreg/database/url-AbCdEf",
        )
}

/// Repository, and tag or digest or both, of an image.
pub(super) const IMAGE: &str = "^(?P<repository_url>(?:[a-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?$";
/// A tag or a digest, behind the last slash: a colon before it is that of a registry's port.
const TAGGED: &str = "[:@][^/]+$";

/// The image of a service.
fn image_uri(input: NewInput<'_>, service: &str) -> Variable<Str> {
    input.declare(string())
        .describe(&format!(
            "Image of the {service}, with a tag or a digest; of both the digest decides. Empty runs a stand-in, so that the first apply works before an image was pushed.",
        ))
        .default("")
        .validate(
            |uri| uri.equals("").or(matches(IMAGE, uri).and(matches(TAGGED, uri))),
            "An image is a repository with a tag or a digest, such as 123456789012.dkr.ecr.eu-central-1.amazonaws.com/skreg-api:1.4.2, or empty.",
        )
        .refuses("skreg-api")
        .refuses("registry.example.com:5000/skreg-api")
        .refuses("skreg-api@sha256:abc")
        .refuses("Skreg API:1")
}

/// Size and number of the tasks of a service.
fn size(input: NewInput<'_>, cpu: i32, memory: i32) -> Variable<Object> {
    let service = input.name();
    input.declare(object()
            .optional_or("cpu", number(), cpu)
            .optional_or("memory", number(), memory)
            .optional("desired_count", number()),
    )
    .describe(&format!(
        "Tasks of the {service}: CPU units and memory in MiB, a pair that Fargate has, and how many run; null starts one and leaves the number to others, such as autoscaling.",
    ))
    .default(object_value([entry("cpu", cpu), entry("memory", memory)]))
    .validate(
        |task| is_fargate_size(&task.attribute("cpu"), &task.attribute("memory")),
        "Fargate has 256 CPU units with 512, 1024 or 2048 MiB; 512 with 1 to 4 GiB; 1024 with 2 to 8; 2048 with 4 to 16; 4096 with 8 to 30; 8192 with 16 to 60 in steps of 4; 16384 with 32 to 120 in steps of 8.",
    )
    .refuses(tasks(300, 1024, 1))
    .refuses(tasks(256, 4096, 1))
    .validate(
        |task| {
            let count: Expr<Num> = task.attribute("desired_count");
            // Both sides of `||` are evaluated, and a comparison with null fails.
            conditional(count.is_null(), true, r#try([whole(&count, 0, 5000), false.into_expr()]))
        },
        "The number of tasks is a whole number from 0 to 5000.",
    )
    .refuses(tasks(cpu, memory, -1))
}

/// A value of such an input.
pub(crate) fn tasks(cpu: i32, memory: i32, count: i32) -> Expr<Object> {
    object_value([
        entry("cpu", cpu),
        entry("memory", memory),
        entry("desired_count", count),
    ])
}

/// CPU units, and least, most and step of their memory.
const FARGATE: [[i32; 4]; 8] = [
    [256, 512, 1024, 512],
    [256, 2048, 2048, 2048],
    [512, 1024, 4096, 1024],
    [1024, 2048, 8192, 1024],
    [2048, 4096, 16384, 1024],
    [4096, 8192, 30720, 1024],
    [8192, 16384, 61440, 4096],
    [16384, 32768, 122_880, 8192],
];

fn is_fargate_size(cpu: &Expr<Num>, memory: &Expr<Num>) -> Expr<Bool> {
    let sizes = FARGATE.map(|[units, least, most, step]| {
        let amounts = range_by(least, most + 1, step);
        cpu.equals(units).and(contains::<Num>(amounts, memory))
    });
    anytrue(sizes)
}

/// How closely the cluster is measured.
fn container_insights(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Container Insights setting of the cluster: `enabled`, `enhanced` or `disabled`.")
        .default("enabled")
        .validate(
            |insights| one_of(insights, ["enabled", "enhanced", "disabled"]),
            "Container Insights is enabled, enhanced or disabled.",
        )
        .refuses("on")
}

/// How many images stay.
fn images_kept(input: NewInput<'_>) -> Variable<Num> {
    input.declare(number())
        .describe("Number of tagged images that each repository keeps. ECR deletes older ones, including one that runs.")
        .default(100)
        .validate(
            |images| whole(images, 10, 10_000),
            "A repository keeps a whole number of images from 10 to 10000.",
        )
        .refuses(9)
        .refuses(0)
}

/// Whether every service either has an image of its own or runs no tasks.
pub(crate) fn needs_no_stand_in(services: &[(&Variable<Str>, &Variable<Object>); 2]) -> Expr<Bool> {
    let [api, worker] = services.map(|(image, size)| {
        let count: Expr<Num> = size.attribute("desired_count");
        // Null starts one, so it is not zero.
        image.differs("").or(count.equals(0))
    });
    api.and(worker)
}

/// Who decides which image runs. Where that is not Terraform, the provider keeps the image of a service and compares the
/// rest of its task definition, so the command of the stand-in would stay on images of others.
pub(crate) fn release(
    input: NewInput<'_>,
    services: &[(&Variable<Str>, &Variable<Object>); 2],
) -> Variable<Object> {
    let can_be_left = needs_no_stand_in(services);
    let owner = |owner: &str| object_value([entry("owner", owner)]);
    input.declare(object()
            .optional_or("owner", string(), "terraform")
            .optional("rollback_to", map(number())),
    )
    .describe("Who decides which image runs: terraform, with api_image_uri and worker_image_uri; external, a pipeline that registers revisions by itself; or terraform_once, where the first image is that of the inputs. rollback_to runs earlier revisions, by api and worker.")
    .default(object_value([]))
    .validate(
        |release| {
            one_of(
                release.attribute::<Str>("owner"),
                ["terraform", "external", "terraform_once"],
            )
        },
        "The owner of a release is terraform, external or terraform_once.",
    )
    .refuses(owner("github"))
    .validate(
        |release| {
            release
                .attribute::<Str>("owner")
                .equals("terraform")
                .or(can_be_left)
        },
        "An owner other than terraform needs api_image_uri and worker_image_uri, or services without tasks (desired_count = 0): the stand-in has a command, which would run on the images of the owner. Push images and apply them with the owner terraform first.",
    )
    .refuses(owner("external"))
    .refuses(owner("terraform_once"))
    .validate(
        |release| {
            let back: Expr<Map<Num>> = release.attribute("rollback_to");
            let back = conditional(back.is_null(), tomap::<Num>(object_value([])), back);
            keys(back).all("service", |service| contains::<Str>(SERVICES, service))
        },
        "Services that go back to a revision are api and worker.",
    )
    .refuses(object_value([entry(
        "rollback_to",
        object_value([entry("web", 1)]),
    )]))
}

/// The certificate of the domain.
fn certificate_arn(input: NewInput<'_>) -> Variable<Str> {
    input.declare(string())
        .describe("ARN of an ACM certificate for the domain, in the region of the load balancer. With it the API answers to HTTPS only.")
        .nullable()
        .validate(
            |arn| {
                arn.is_null().or(matches(
                    "^arn:aws:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f-]+$",
                    arn,
                ))
            },
            "A certificate is given as arn:aws:acm:eu-central-1:123456789012:certificate/ and its id.",
        )
        .refuses("registry.example.com")
}

/// The domain. It decides on HTTPS: unlike the certificate it is known when planning.
fn domain_name(input: NewInput<'_>, certificate: &Expr<Str>) -> Variable<Str> {
    input.declare(string())
        .describe("Domain that you point at the load balancer; null where it answers under its own name, without HTTPS.")
        .nullable()
        .validate(
            |name| {
                name.is_null().or(matches(DOMAIN, name))
            },
            "A domain is given like registry.example.com.",
        )
        .refuses("https://registry.example.com")
        .validate(
            |name| conditional(name.is_null(), certificate.is_null(), certificate.is_set()),
            "A domain and its certificate are given together: certificate_arn without domain_name has no name to answer to, and domain_name without certificate_arn no HTTPS.",
        )
        .refuses("registry.example.com")
}
