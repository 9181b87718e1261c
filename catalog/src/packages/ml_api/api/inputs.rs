//! Inputs for the part: services, capacity, secrets, and outputs of other parts.

use tfmodgen::Variable;
use tfmodgen::prelude::*;

use crate::aws::conventions::Conventions;
use crate::aws::inputs::services::{
    IMAGE, TAGGED, certificate_arn, container_insights, domain_name, images_kept, is_fargate_size,
};
use crate::aws::inputs::{
    account_id, bucket, deletion_protection, kms_key_arn, log_retention_days, prefix, subnet_ids,
    tags, vpc_id, whole,
};

tfmodgen::inputs! {
    /// Inputs for the services.
    pub(in crate::packages::ml_api) struct Inputs(input, to: &Conventions) {
        required name: Str = prefix(input, to),
        optional tags: Map<Str> = tags(input),
        optional production: Bool = input
            .declare(bool())
            .describe("Whether the API serves production traffic. In production, at least one task must run on capacity that AWS does not interrupt.")
            .default(true)
            .only_validated(),
        optional services: Map<Object> = services(input, &name),
        optional capacity: Object = capacity(input, &production),
        optional secrets: Map<Object> = secrets(input),
        optional certificate_arn: Str = certificate_arn(input, to),
        optional domain_name: Str = domain_name(input, to, &certificate_arn),
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
            .refuses("database-client")
            .example("sg-0123456789abcdef0"),
        required database_endpoint: Str = input
            .declare(string())
            .describe("Host name of the database.")
            .validate(|host| matches("^[a-z0-9.-]+$", host), "Must be a host name.")
            .refuses("")
            .example("database.eu-central-1.rds.amazonaws.com"),
        required database_name: Str = input
            .declare(string())
            .describe("Name of the database.")
            .validate(|name| matches("^[a-z][a-z0-9_]*$", name), "Must be lowercase letters, digits, and underscores.")
            .refuses("")
            .example("api"),
        required database_secret_arn: Str =
            secret_arn(input, "ARN of the secret with the user name and the password of the database."),
        required session_table_name: Str = input
            .declare(string())
            .describe("Name of the table for sessions.")
            .validate(|name| matches("^[A-Za-z0-9_.-]{3,255}$", name), "Must be a table name with 3 to 255 characters.")
            .refuses("")
            .example("sessions"),
        required session_table_arn: Str = input
            .declare(string())
            .describe("ARN of the table for sessions.")
            .validate(
                |arn| matches("^arn:aws:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[^*]+$", arn),
                "Must be the ARN of a table without wildcards.",
            )
            .refuses("sessions")
            .example("arn:aws:dynamodb:eu-central-1:123456789012:table/sessions"),
        optional gpu_capacity_providers: List<Str> = input
            .declare(list(string()))
            .describe("Names of further capacity providers of the cluster.")
            .default(Vec::<&str>::new()),
        required kms_key_arn: Str = kms_key_arn(input, to),
        required access_logs_bucket: Str = bucket(input, to, "Name of the bucket for access logs."),
        optional log_retention_days: Num = log_retention_days(input),
        optional deletion_protection: Bool = deletion_protection(input, to),
        optional container_insights: Str = container_insights(input),
        optional images_kept: Num = images_kept(input),
    }
}

fn secret_arn(input: NewInput<'_>, purpose: &str) -> Variable<Str> {
    input
        .declare(string())
        .describe(purpose)
        .validate(
            |arn| matches(SECRET, arn),
            "Must be the ARN of a secret without wildcards.",
        )
        .refuses("database")
        .example("arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!cluster-0123-AbCdEf")
}

/// Pattern for the ARN of a secret.
const SECRET: &str = "^arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^*]+$";
/// Longest name of a target group. Source: `CreateTargetGroup`, Elastic Load Balancing API reference.
const LONGEST_NAME: i32 = 32;

/// Returns whether all services have different priorities.
fn priorities_are_unique(services: &Expr<Map<Object>>) -> Expr<Bool> {
    let priorities =
        values::<Object>(services).map("service", |service| service.attribute::<Num>("priority"));
    length(distinct::<Num>(priorities)).equals(length(services))
}

/// Returns a service with a path, a priority, and another setting.
fn service(path: &str, priority: i32, others: Vec<tfmodgen::Entry>) -> Expr<Object> {
    let mut all = vec![entry("path_patterns", [path]), entry("priority", priority)];
    all.extend(others);
    object_value(all)
}

/// Returns whether the prefix, a hyphen, and the name of each service fit into the name of a target group.
pub(crate) fn names_fit(services: &Expr<Map<Object>>, prefix: Expr<Str>) -> Expr<Bool> {
    keys::<Object>(services).all("service", |service| {
        length(template([(&prefix).into(), "-".into(), service.into()])).at_most(LONGEST_NAME)
    })
}

/// Returns whether every service has an image.
pub(crate) fn needs_no_placeholder(services: &Variable<Map<Object>>) -> Expr<Bool> {
    values::<Object>(services).all("service", |service| {
        service.attribute::<Str>("image_uri").differs("")
    })
}

/// Returns a valid service with an image.
pub(crate) fn sample(image: &str) -> Expr<Object> {
    service("/api/v1/*", 10, vec![entry("image_uri", image)])
}

/// Returns services that consist of one service.
fn only(service: Expr<Object>) -> Expr<Map<Object>> {
    [("v1", service)].into_expr()
}

/// Returns a number in the settings of a service.
fn number_of(settings: &Expr<Object>, name: &str) -> Expr<Num> {
    settings.attribute(name)
}

/// Returns services that consist of one service with other settings.
fn bad(others: Vec<tfmodgen::Entry>) -> Expr<Map<Object>> {
    only(service("/api/v1/*", 10, others))
}

/// Returns the type of the settings of a service.
fn settings() -> tfmodgen::Constraint<Object> {
    let schedule = object()
        .required("schedule", string())
        .required("min_tasks", number())
        .required("max_tasks", number());
    object()
        .required("path_patterns", list(string()))
        .required("priority", number())
        .optional_or("image_uri", string(), "")
        .optional_or("port", number(), 8080)
        .optional_or("cpu", number(), 512)
        .optional_or("memory", number(), 1024)
        .optional_or("min_tasks", number(), 2)
        .optional_or("max_tasks", number(), 10)
        .optional_or("requests_per_task", number(), 1000)
        .optional_or("cpu_percent", number(), 60)
        .optional_or("environment", map(string()), Vec::<(&str, &str)>::new())
        .optional_or(
            "schedules",
            map(schedule),
            Vec::<(&str, Expr<Object>)>::new(),
        )
}

fn services(input: NewInput<'_>, name: &Variable<Str>) -> Variable<Map<Object>> {
    let default: Expr<Map<Object>> = [
        ("v1", service("/api/v1/*", 10, Vec::new())),
        ("v2", service("/api/v2/*", 20, Vec::new())),
    ]
    .into_expr();
    let rules = input
        .declare(map(settings()))
        .describe("Services by name: path patterns and the unique priority of the listener rule, image, port, CPU units, memory in MiB, minimum and maximum number of tasks, target number of requests for each task in a minute, target CPU utilization in percent, environment variables, and changes of the minimum and maximum at scheduled times. If `image_uri` is empty, a placeholder image runs until you set it.")
        .default(default)
        .validate(
            |services| length(services).at_least(1).and(length(services).at_most(10)),
            "Must contain 1 to 10 services.",
        )
        .refuses(Vec::<(&str, Expr<Object>)>::new())
        .validate(
            |services| keys::<Object>(services).all("service", |service| matches("^[a-z](-?[a-z0-9])*$", service)),
            "The names of services must be lowercase letters, digits, and single hyphens, and start with a letter.",
        )
        .refuses([("V1", service("/api/v1/*", 10, Vec::new()))])
        .validate(
            |services| names_fit(services, template([name.into()])),
            "The prefix for names, a hyphen, and the name of a service must have at most 32 characters together, because target groups have these names.",
        )
        .refuses([("a-service-name-of-31-characters", service("/api/v1/*", 10, Vec::new()))])
        .validate(
            priorities_are_unique,
            "The values of priority must differ between services.",
        )
        .refuses([
            ("v1", service("/api/v1/*", 10, Vec::new())),
            ("v2", service("/api/v2/*", 10, Vec::new())),
        ])
        .validate(
            |services| values::<Object>(services).all("service", |service| whole(&number_of(&service, "priority"), 1, 50_000)),
            "The value of priority must be an integer from 1 to 50000.",
        )
        .refuses(only(service("/api/v1/*", 0, Vec::new())))
        .validate(
            |services| {
                values::<Object>(services).all("service", |service| {
                    let paths: Expr<List<Str>> = service.attribute("path_patterns");
                    length(&paths).at_least(1).and(length(&paths).at_most(5)).and(
                        paths.all("pattern", |pattern| matches("^/[A-Za-z0-9_.$/~\"'@:+*?&-]{0,127}$", pattern)),
                    )
                })
            },
            "The value of path_patterns must contain 1 to 5 patterns that start with a slash, such as /api/v1/*.",
        )
        .refuses(only(service("api/v1/*", 10, Vec::new())));
    with_valid_tasks(with_valid_images(rules))
}

/// Adds the validations of images, ports, and sizes.
fn with_valid_images(services: Variable<Map<Object>>) -> Variable<Map<Object>> {
    services
        .validate(
            |services| {
                values::<Object>(services).all("service", |service| {
                    let uri: Expr<Str> = service.attribute("image_uri");
                    uri.equals("").or(matches(IMAGE, &uri).and(matches(TAGGED, &uri)))
                })
            },
            "The value of image_uri must be empty or a repository with a tag or a digest.",
        )
        .refuses(bad(vec![entry("image_uri", "api")]))
        .validate(
            |services| values::<Object>(services).all("service", |service| whole(&number_of(&service, "port"), 1, 65_535)),
            "The value of port must be an integer from 1 to 65535.",
        )
        .refuses(bad(vec![entry("port", 0)]))
        .validate(
            |services| values::<Object>(services).all("service", |service| is_fargate_size(&number_of(&service, "cpu"), &number_of(&service, "memory"))),
            "The values of cpu and memory must be a combination that Fargate supports, such as 512 CPU units with 1024 to 4096 MiB.",
        )
        .refuses(bad(vec![entry("cpu", 300)]))
}

/// Adds the validations of the number of tasks.
fn with_valid_tasks(services: Variable<Map<Object>>) -> Variable<Map<Object>> {
    services
        .validate(
            |services| {
                values::<Object>(services).all("service", |service| {
                    let (least, most) = (number_of(&service, "min_tasks"), number_of(&service, "max_tasks"));
                    whole(&least, 0, 5000).and(whole(&most, 1, 5000)).and(least.at_most(&most))
                })
            },
            "The values of min_tasks and max_tasks must be integers from 0 to 5000, and the minimum must not exceed the maximum.",
        )
        .refuses(bad(vec![entry("min_tasks", 11)]))
        .validate(
            |services| {
                values::<Object>(services).all("service", |service| {
                    whole(&number_of(&service, "requests_per_task"), 1, 1_000_000)
                        .and(whole(&number_of(&service, "cpu_percent"), 1, 100))
                })
            },
            "The value of requests_per_task must be an integer from 1 to 1000000, and cpu_percent must be an integer from 1 to 100.",
        )
        .refuses(bad(vec![entry("requests_per_task", 0)]))
        .validate(
            |services| {
                values::<Object>(services).all("service", |service| {
                    values::<Object>(service.attribute::<Map<Object>>("schedules")).all("change", |change| {
                        let (least, most) = (number_of(&change, "min_tasks"), number_of(&change, "max_tasks"));
                        matches("^(cron|rate|at)[(].+[)]$", change.attribute::<Str>("schedule"))
                            .and(whole(&least, 0, 5000))
                            .and(whole(&most, 1, 5000))
                            .and(least.at_most(&most))
                    })
                })
            },
            "The value of schedule must be a cron, rate, or at expression, such as cron(0 7 ? * MON-FRI *), and min_tasks must not exceed max_tasks.",
        )
        .refuses(bad(vec![entry(
            "schedules",
            object_value([entry(
                "morning",
                object_value([
                    entry("schedule", "daily"),
                    entry("min_tasks", 1),
                    entry("max_tasks", 2),
                ]),
            )]),
        )]))
}

fn capacity(input: NewInput<'_>, production: &Variable<Bool>) -> Variable<Object> {
    let settings = |spot: i32, on_demand: i32, base: i32, only: bool| {
        object_value([
            entry("spot_weight", spot),
            entry("on_demand_weight", on_demand),
            entry("on_demand_base", base),
            entry("spot_only", only),
        ])
    };
    input
        .declare(
            object()
                .optional_or("spot_weight", number(), 70)
                .optional_or("on_demand_weight", number(), 30)
                .optional_or("on_demand_base", number(), 1)
                .optional_or("spot_only", bool(), false),
        )
        .describe("Capacity of the tasks: weights of Fargate Spot and Fargate, and the number of tasks of each service that run on Fargate before the weights apply. If `spot_only` is `true`, all tasks run on Fargate Spot, and AWS can interrupt all of them.")
        .default(settings(70, 30, 1, false))
        .validate(
            |capacity| {
                whole(&number_of(capacity, "spot_weight"), 0, 1000)
                    .and(whole(&number_of(capacity, "on_demand_weight"), 0, 1000))
                    .and((number_of(capacity, "spot_weight") + number_of(capacity, "on_demand_weight")).at_least(1))
                    .and(whole(&number_of(capacity, "on_demand_base"), 0, 100))
            },
            "The weights must be integers from 0 to 1000 and not both 0, and capacity.on_demand_base must be an integer from 0 to 100.",
        )
        .refuses(settings(0, 0, 1, false))
        .refuses(settings(70, 30, 101, false))
        .validate(
            |capacity| {
                let floor = number_of(capacity, "on_demand_base").at_least(1);
                (!&**production).or(floor.and(!&capacity.attribute::<Bool>("spot_only")))
            },
            "In production, capacity.on_demand_base must be at least 1, and capacity.spot_only must be false. Otherwise, AWS can interrupt all tasks at the same time.",
        )
        .refuses(settings(70, 30, 0, false))
        .refuses(settings(70, 30, 1, true))
}

fn secrets(input: NewInput<'_>) -> Variable<Map<Object>> {
    let function = "arn:aws:lambda:eu-central-1:123456789012:function:rotate";
    let secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:model-key-AbCdEf";
    let one = |name: &str, entries: Vec<tfmodgen::Entry>| -> Expr<Map<Object>> {
        [(name, object_value(entries))].into_expr()
    };
    let rotation = |function: &str, days: i32| {
        let rotation = object_value([entry("function_arn", function), entry("days", days)]);
        one(
            "MODEL_KEY",
            vec![entry("arn", secret), entry("rotation", rotation)],
        )
    };
    let rotated = |secret: &Expr<Object>, rule: fn(&Expr<Object>) -> Expr<Bool>| {
        let rotation: Expr<Object> = secret.attribute("rotation");
        conditional(
            rotation.is_null(),
            true,
            r#try([rule(&rotation), false.into_expr()]),
        )
    };
    input
        .declare(map(object().required("arn", string()).optional(
            "rotation",
            object()
                .required("function_arn", string())
                .optional_or("days", number(), 30),
        )))
        .describe("Existing secrets by environment variable: ARN, and optionally the ARN of the function that rotates the secret and the number of days between rotations. The secrets must be encrypted with the AWS managed key or with the KMS key of the API.")
        .default(Vec::<(&str, Expr<Object>)>::new())
        .validate(
            |secrets| keys::<Object>(secrets).all("name", |name| matches("^[A-Z][A-Z0-9_]*$", name)),
            "The keys of secrets must be names of environment variables, such as MODEL_KEY.",
        )
        .refuses(one("model-key", vec![entry("arn", secret)]))
        .validate(
            |secrets| values::<Object>(secrets).all("secret", |secret| matches(SECRET, secret.attribute::<Str>("arn"))),
            "The values of arn must be ARNs of secrets without wildcards.",
        )
        .refuses(one("MODEL_KEY", vec![entry("arn", "model-key")]))
        .validate(
            |secrets| {
                values::<Object>(secrets).all("secret", |secret| {
                    rotated(&secret, |rotation| {
                        let function: Expr<Str> = rotation.attribute("function_arn");
                        matches("^arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:", function)
                    })
                })
            },
            "The values of rotation.function_arn must be ARNs of Lambda functions.",
        )
        .refuses(rotation("rotate", 30))
        .validate(
            |secrets| {
                values::<Object>(secrets).all("secret", |secret| {
                    rotated(&secret, |rotation| whole(&rotation.attribute("days"), 1, 1000))
                })
            },
            "The values of rotation.days must be integers from 1 to 1000.",
        )
        .refuses(rotation(function, 0))
}
