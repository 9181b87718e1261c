//! Inputs for services: images, Fargate task sizes, the cluster, and the load balancer domain.

use tfmodgen::Variable;
use tfmodgen::prelude::*;

use super::{DOMAIN, capital, whole};
use crate::aws::conventions::Conventions;

/// Pattern for an image URI: a repository with an optional tag and an optional digest.
pub(crate) const IMAGE: &str = "^(?P<repository_url>(?:[a-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?$";
/// Pattern for a tag or digest after the last slash. A colon before the last slash belongs to a registry port.
pub(crate) const TAGGED: &str = "[:@][^/]+$";

/// Declares the image for a service.
pub(crate) fn image_uri(input: NewInput<'_>, to: &Conventions, service: &str) -> Variable<Str> {
    input.declare(string())
        .describe(&format!(
            "Image for the `{service}` service, with a tag or a digest. If the image has both, the digest takes precedence. If empty, a placeholder image runs until you set this input.",
        ))
        .default("")
        .validate(
            |uri| uri.equals("").or(matches(IMAGE, uri).and(matches(TAGGED, uri))),
            format!("Must be empty or a repository with a tag or a digest, such as 123456789012.dkr.ecr.eu-central-1.amazonaws.com/{}-api:1.4.2.", to.package),
        )
        .refuses(to.named("-api"))
        .refuses(format!("registry.example.com:5000/{}-api", to.package))
        .refuses(to.named("-api@sha256:abc"))
        .refuses(format!("{} API:1", capital(to.package)))
}

/// Declares the size and number of tasks for a service.
pub(crate) fn size(input: NewInput<'_>, cpu: i32, memory: i32) -> Variable<Object> {
    let service = input.name();
    input.declare(object()
            .optional_or("cpu", number(), cpu)
            .optional_or("memory", number(), memory)
            .optional("desired_count", number()),
    )
    .describe(&format!(
        "Tasks for the `{service}` service: CPU units, memory in MiB, and the number of tasks. If `desired_count` is `null`, one task starts, and other tools, such as autoscaling, can change the number of tasks.",
    ))
    .default(object_value([entry("cpu", cpu), entry("memory", memory)]))
    .validate(
        |task| is_fargate_size(&task.attribute("cpu"), &task.attribute("memory")),
        "The values of cpu and memory must be a combination that Fargate supports: 256 CPU units with 512, 1024, or 2048 MiB; 512 with 1 to 4 GiB; 1024 with 2 to 8 GiB; 2048 with 4 to 16 GiB; 4096 with 8 to 30 GiB; 8192 with 16 to 60 GiB in 4 GiB increments; 16384 with 32 to 120 GiB in 8 GiB increments. Specify the memory in MiB.",
    )
    .refuses(tasks(300, 1024, 1))
    .refuses(tasks(256, 4096, 1))
    .validate(
        |task| {
            let count: Expr<Num> = task.attribute("desired_count");
            // Terraform evaluates both operands of `||`, and a comparison with null fails.
            conditional(count.is_null(), true, r#try([whole(&count, 0, 5000), false.into_expr()]))
        },
        "The value of desired_count must be null or an integer from 0 to 5000.",
    )
    .refuses(tasks(cpu, memory, -1))
}

/// Returns a value for an input that [`size`] declares.
pub(crate) fn tasks(cpu: i32, memory: i32, count: i32) -> Expr<Object> {
    object_value([
        entry("cpu", cpu),
        entry("memory", memory),
        entry("desired_count", count),
    ])
}

/// CPU units with the minimum, maximum, and increment for memory in MiB.
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

/// Returns whether Fargate supports a task size.
pub(crate) fn is_fargate_size(cpu: &Expr<Num>, memory: &Expr<Num>) -> Expr<Bool> {
    let sizes = FARGATE.map(|[units, least, most, step]| {
        let amounts = range_by(least, most + 1, step);
        cpu.equals(units).and(contains::<Num>(amounts, memory))
    });
    anytrue(sizes)
}

/// Declares the Container Insights setting for the cluster.
pub(crate) fn container_insights(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Container Insights setting for the cluster.")
        .default("enabled")
        .validate(
            |insights| one_of(insights, ["enabled", "enhanced", "disabled"]),
            "Must be enabled, enhanced, or disabled.",
        )
        .refuses("on")
}

/// Declares the number of images that each repository keeps.
pub(crate) fn images_kept(input: NewInput<'_>) -> Variable<Num> {
    input.declare(number())
        .describe("Number of tagged images that each repository keeps. ECR deletes older images even if a service uses them.")
        .default(100)
        .validate(
            |images| whole(images, 10, 10_000),
            "Must be an integer from 10 to 10000.",
        )
        .refuses(9)
        .refuses(0)
}

/// Declares the certificate for the domain.
pub(crate) fn certificate_arn(input: NewInput<'_>, to: &Conventions) -> Variable<Str> {
    let domain = format!("{}.example.com", to.noun[0]);
    input.declare(string())
        .describe("ARN of an ACM certificate for the domain, in the load balancer's region. If set, the API is available over HTTPS only.")
        .nullable()
        .validate(
            |arn| {
                arn.is_null().or(matches(
                    "^arn:aws:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f-]+$",
                    arn,
                ))
            },
            "Must be the ARN of an ACM certificate, such as arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000.",
        )
        .refuses(&domain)
}

/// Declares the domain, which enables HTTPS. Unlike the certificate, the domain is known at plan time.
pub(crate) fn domain_name(
    input: NewInput<'_>,
    to: &Conventions,
    certificate: &Expr<Str>,
) -> Variable<Str> {
    let domain = format!("{}.example.com", to.noun[0]);
    input.declare(string())
        .describe("Domain name for the API. Create a DNS record that points this domain to the load balancer. If `null`, the API is available without HTTPS at the load balancer's DNS name.")
        .nullable()
        .validate(
            |name| {
                name.is_null().or(matches(DOMAIN, name))
            },
            format!("Must be a domain name, such as {domain}."),
        )
        .refuses(format!("https://{domain}"))
        .validate(
            |name| conditional(name.is_null(), certificate.is_null(), certificate.is_set()),
            "Set domain_name and certificate_arn together because the domain is available over HTTPS only.",
        )
        .refuses(&domain)
}
