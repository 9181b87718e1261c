//! Where the programs run: repositories of their images, a cluster, their roles, a load balancer, and the two services.
//! Must not know how the network, the database or the package store came about.

mod load_balancer;
mod registries;
mod roles;
mod services;

use aws_blocks as aws;
use tfmodgen::Variable;
use tfmodgen::prelude::*;

use super::imagined::{Imagined, imagine};
use super::inputs::{
    DOMAIN, Identity, account_id, bucket, deletion_protection, kms_key_arn, log_retention_days,
    subnet_ids, vpc_id, whole,
};
use super::part;

/// The services, by the names that everything of theirs ends with.
pub(crate) const SERVICES: [&str; 2] = ["api", "worker"];
/// Where the API listens.
const API_PORT: i32 = 8080;

/// The part.
pub(crate) fn compute() -> Module {
    let mut m = part(
        "compute",
        "The API behind a load balancer and the worker, on Fargate, with repositories for their images.",
    );
    m.requires("skreg", "skreg/skreg", ">= 0.1");
    let own = Identity::of(&mut m);
    let inputs = Inputs::of(&mut m);

    let repositories = registries::repositories(&mut m, &own, &inputs);
    let roles = roles::roles(&mut m, &own, &inputs);
    let groups = groups(&mut m, &own, &inputs);
    let front = load_balancer::load_balancer(&mut m, &own, &inputs, &groups);
    let services = services::services(&mut m, &own, &inputs, &roles, &groups, &front);
    imagine(
        &mut m,
        &[
            Imagined::Partition,
            Imagined::Region,
            Imagined::Cluster,
            Imagined::Role,
            Imagined::LoadBalancer,
            Imagined::TargetGroup,
            Imagined::SecurityGroup,
        ],
    );
    scenarios(&mut m, &inputs, &front, &services);

    m.output("service_url", &front.url)
        .describe("Where the API answers.");
    m.output("load_balancer_arn", front.balancer.arn())
        .describe("ARN of the load balancer.");
    m.output("load_balancer_dns_name", front.balancer.dns_name())
        .describe("Host name of the load balancer, for the DNS record of the domain.");
    m.output("load_balancer_zone_id", front.balancer.zone_id())
        .describe("Hosted zone of the load balancer, for an alias record.");
    m.output("load_balancer_security_group_id", groups.balancer.id())
        .describe("The group of the load balancer.");
    m.output("api_security_group_id", groups.api.id())
        .describe("The group of the API.");
    m.output("worker_security_group_id", groups.worker.id())
        .describe("The group of the worker.");
    m.output("cluster_name", services.cluster.name())
        .describe("The ECS cluster.");
    m.output("api_service_name", own.with("-api"))
        .describe("The ECS service of the API.")
        .depends_on(&services.bundle);
    m.output("worker_service_name", own.with("-worker"))
        .describe("The ECS service of the worker.")
        .depends_on(&services.bundle);
    m.output("task_role_arns", roles.tasks.map(|role| role.arn()))
        .describe("Roles that the programs have, by service.");
    m.output("execution_role_arn", roles.execution.arn())
        .describe("Role that starts the tasks.");
    m.output("log_group_names", services.logs.map(|group| group.name()))
        .describe("Log groups, by service.");
    m.output(
        "ecr_repository_urls",
        repositories.map(|repository| repository.repository_url()),
    )
    .describe("Where images are pushed to, by service.");
    m.output(
        "ecr_repository_arns",
        repositories.map(|repository| repository.arn()),
    )
    .describe("ARNs of the repositories, by service.");
    m
}

struct Inputs {
    account: Variable<Str>,
    vpc: Variable<Str>,
    public: Variable<List<Str>>,
    private: Variable<List<Str>>,
    database_client: Variable<Str>,
    url_arn: Variable<Str>,
    url_version: Variable<Str>,
    bucket_arn: Variable<Str>,
    bucket: Variable<Str>,
    cdn: Variable<Str>,
    storage: Variable<Str>,
    key: Variable<Str>,
    access_logs: Variable<Str>,
    api_image: Variable<Str>,
    worker_image: Variable<Str>,
    api: Variable<Object>,
    worker: Variable<Object>,
    domain: Variable<Str>,
    certificate: Variable<Str>,
    days: Variable<Num>,
    protected: Variable<Bool>,
    delete_images: Variable<Bool>,
    insights: Variable<Str>,
    images_kept: Variable<Num>,
    release: Variable<Object>,
}

impl Inputs {
    fn of(m: &mut Module) -> Self {
        let certificate = certificate_arn(m);
        let api_image = image_uri(m, "api");
        let worker_image = image_uri(m, "worker");
        let api = size(m, "api", 512, 1024);
        let worker = size(m, "worker", 256, 512);
        Self {
            account: account_id(m),
            vpc: vpc_id(m),
            public: subnet_ids(m, "public_subnet_ids", "Subnets of the load balancer."),
            private: subnet_ids(m, "private_subnet_ids", "Subnets of the tasks."),
            database_client: m
                .variable("database_client_security_group_id", string())
                .describe("Group of those who may connect to the database.")
                .validate(
                    |id| matches("^sg-[0-9a-z]+$", id),
                    "The group is given by its id, such as sg-0123456789abcdef0.",
                )
                .refuses("skreg-database-client")
                .example("sg-0123456789abcdef0"),
            url_arn: secret_arn(
                m,
                "database_url_secret_arn",
                "Secret with the connection URL of the database.",
            ),
            url_version: m
                .variable("database_url_secret_version_id", string())
                .describe(
                    "Version of that secret that the tasks get. Another one is another rollout.",
                )
                .validate(
                    |version| matches("^[A-Za-z0-9-]{32,64}$", version),
                    "A version of a secret has 32 to 64 letters, digits and hyphens.",
                )
                .refuses("AWSCURRENT")
                .example("01234567-89ab-cdef-0123-456789abcdef"),
            bucket_arn: m
                .variable("package_bucket_arn", string())
                .describe("ARN of the bucket for packages.")
                .validate(
                    |arn| matches("^arn:aws:s3:::[a-z0-9.-]+$", arn),
                    "A bucket's ARN is like arn:aws:s3:::skreg-packages-123456789012.",
                )
                .refuses("arn:aws:s3:::*")
                .example("arn:aws:s3:::skreg-packages-123456789012"),
            bucket: bucket(m, "package_bucket_name", "Bucket for packages."),
            cdn: m
                .variable("cdn_base_url", string())
                .describe("Where the world gets packages.")
                .validate(
                    |url| matches("^https://[a-z0-9.-]+$", url),
                    "The URL is https:// and a host name.",
                )
                .refuses("packages.example.com")
                .example("https://d111111abcdef8.cloudfront.net"),
            storage: secret_arn(
                m,
                "storage_secret_arn",
                "Secret that says how to reach the bucket.",
            ),
            key: kms_key_arn(m),
            access_logs: bucket(m, "access_logs_bucket", "Bucket for access logs."),
            release: release(m, &[(&api_image, &api), (&worker_image, &worker)]),
            api_image,
            worker_image,
            api,
            worker,
            domain: domain_name(m, &certificate),
            certificate,
            days: log_retention_days(m),
            protected: deletion_protection(m),
            delete_images: delete_images(m),
            insights: container_insights(m),
            images_kept: images_kept(m),
        }
    }

    fn image_of(&self, service: &str) -> &Variable<Str> {
        match service {
            "api" => &self.api_image,
            _ => &self.worker_image,
        }
    }
}

fn secret_arn(m: &mut Module, name: &str, purpose: &str) -> Variable<Str> {
    m.variable(name, string())
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
const IMAGE: &str = "^(?P<repository_url>(?:[a-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?$";
/// A tag or a digest, behind the last slash: a colon before it is that of a registry's port.
const TAGGED: &str = "[:@][^/]+$";

/// The image of a service.
pub(crate) fn image_uri(m: &mut Module, service: &str) -> Variable<Str> {
    m.variable(&format!("{service}_image_uri"), string())
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
pub(crate) fn size(m: &mut Module, service: &str, cpu: i32, memory: i32) -> Variable<Object> {
    m.variable(
        service,
        object()
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
pub(crate) fn container_insights(m: &mut Module) -> Variable<Str> {
    m.variable("container_insights", string())
        .describe("Container Insights setting of the cluster: `enabled`, `enhanced` or `disabled`.")
        .default("enabled")
        .validate(
            |insights| one_of(insights, ["enabled", "enhanced", "disabled"]),
            "Container Insights is enabled, enhanced or disabled.",
        )
        .refuses("on")
}

/// How many images stay.
pub(crate) fn images_kept(m: &mut Module) -> Variable<Num> {
    m.variable("images_kept", number())
        .describe("Number of tagged images that each repository keeps. ECR deletes older ones, including one that runs.")
        .default(100)
        .validate(
            |images| whole(images, 10, 10_000),
            "A repository keeps a whole number of images from 10 to 10000.",
        )
        .refuses(9)
        .refuses(0)
}

/// Whether images go with their repository.
pub(crate) fn delete_images(m: &mut Module) -> Variable<Bool> {
    m.variable("delete_images", bool())
        .describe("Lets a destroy delete repositories with the images in them, which a pipeline can push again. With false such a destroy ends with an error.")
        .default(true)
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
    m: &mut Module,
    services: &[(&Variable<Str>, &Variable<Object>); 2],
) -> Variable<Object> {
    let can_be_left = needs_no_stand_in(services);
    let owner = |owner: &str| object_value([entry("owner", owner)]);
    m.variable(
        "release",
        object()
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
pub(crate) fn certificate_arn(m: &mut Module) -> Variable<Str> {
    m.variable("certificate_arn", string())
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
pub(crate) fn domain_name(m: &mut Module, certificate: &Expr<Str>) -> Variable<Str> {
    m.variable("domain_name", string())
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

struct Groups {
    balancer: aws::SecurityGroupReference,
    api: aws::SecurityGroupReference,
    worker: aws::SecurityGroupReference,
}

/// Who may talk to whom. The way to the database is a group of the database's.
fn groups(m: &mut Module, own: &Identity, inputs: &Inputs) -> Groups {
    m.file("access");
    let group = |name: &str, suffix: &str, description: &str| {
        aws::SecurityGroup::new(name)
            .name(own.with(suffix))
            .description(description)
            .vpc_id(&inputs.vpc)
            .tags(own.tagged(suffix))
    };
    let balancer = m.resource(group(
        "load_balancer",
        "-load-balancer",
        "The load balancer: HTTP and HTTPS from everywhere, the API behind it.",
    ));
    let api = m.resource(group(
        "api",
        "-api",
        "The API: from the load balancer only.",
    ));
    let worker = m.resource(group("worker", "-worker", "The worker: from nowhere."));
    let open: Expr<Map<Num>> = [("http", 80), ("https", 443)].into_expr();
    m.resource(
        aws::VpcSecurityGroupIngressRule::new("load_balancer", "tcp", balancer.id())
            .comment("The registry is public.")
            .for_each(open, |rule, each| {
                rule.description(template([
                    upper(each.key()).into(),
                    " from everywhere.".into(),
                ]))
                .cidr_ipv4("0.0.0.0/0")
                .from_port(each.value())
                .to_port(each.value())
                .tags(&own.tags)
            }),
    );
    m.resource(
        aws::VpcSecurityGroupEgressRule::new("load_balancer", "tcp", balancer.id())
            .description("To the API.")
            .referenced_security_group_id(api.id())
            .from_port(API_PORT)
            .to_port(API_PORT)
            .tags(&own.tags),
    );
    m.resource(
        aws::VpcSecurityGroupIngressRule::new("api", "tcp", api.id())
            .description("From the load balancer.")
            .referenced_security_group_id(balancer.id())
            .from_port(API_PORT)
            .to_port(API_PORT)
            .tags(&own.tags),
    );
    let tasks = object_value([entry("api", api.id()), entry("worker", worker.id())]);
    m.resource(
        aws::VpcSecurityGroupEgressRule::new("tasks", "tcp", Expr::<Str>::null())
            .comment("Images, secrets, logs and packages are all behind HTTPS, at addresses that AWS changes.")
            .for_each(tasks.typed::<Map<Str>>(), |_, each| {
                aws::VpcSecurityGroupEgressRule::new("tasks", "tcp", each.value())
                    .description("HTTPS to services of AWS.")
                    .cidr_ipv4("0.0.0.0/0")
                    .from_port(443)
                    .to_port(443)
                    .tags(&own.tags)
            }),
    );
    Groups {
        balancer,
        api,
        worker,
    }
}

/// What is planned of which inputs.
fn scenarios(
    m: &mut Module,
    inputs: &Inputs,
    front: &load_balancer::Front,
    services: &services::Services,
) {
    let digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    m.scenario("the_first_apply_needs_no_image", |plan| {
        plan.expect(
            services
                .image("api", "repository_url")
                .equals("public.ecr.aws/amazonlinux/amazonlinux"),
            "Without an image the stand-in runs.",
        )
        .expect(
            services.image("api", "tag").equals("2023"),
            "The stand-in has a tag.",
        )
        .expect(
            services.command("worker").is_set(),
            "The stand-in has a command.",
        )
        .expect(
            length(front.https.object()).equals(0),
            "Without a domain there is no HTTPS.",
        )
    });
    m.scenario("images_of_another_owner_run_their_own_commands", |plan| {
        plan.given(&inputs.release, object_value([entry("owner", "external")]))
            .given(&inputs.api_image, "registry.example.com/skreg/api:1")
            .given(&inputs.worker, tasks(256, 512, 0))
            .expect(
                services.command("api").is_null(),
                "A service with an image has no command.",
            )
            .expect(
                services.command("worker").is_null(),
                "A service whose image comes from another owner has no command.",
            )
    });
    m.scenario("an_image_is_pinned_by_its_digest", |plan| {
        plan.given(
            &inputs.worker_image,
            format!("registry.example.com:5000/skreg/worker@{digest}").as_str(),
        )
        .expect(
            services.image("worker", "digest").equals(digest),
            "The digest is taken from the image.",
        )
        .expect(
            services
                .image("worker", "repository_url")
                .equals("registry.example.com:5000/skreg/worker"),
            "The port of a registry is not a tag.",
        )
        .expect(
            services.image("worker", "tag").is_null(),
            "An image with a digest has no tag.",
        )
    });
    m.scenario("a_domain_turns_http_into_a_redirect", |plan| {
        plan.given(&inputs.domain, "registry.example.com")
            .given(
                &inputs.certificate,
                "arn:aws:acm:eu-central-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef",
            )
            .expect(
                length(front.https.object()).equals(1),
                "With a domain there is HTTPS.",
            )
            .expect(
                front.url.equals("https://registry.example.com"),
                "The URL is that of the domain.",
            )
    });
}
