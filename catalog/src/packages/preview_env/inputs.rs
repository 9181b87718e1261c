//! Inputs of the package.

use tfmodgen::Variable;
use tfmodgen::prelude::*;

use crate::preview::conventions::{PREVIEW, PRODUCTION};
use crate::preview::inputs::{
    IMAGE, domain, profile, registry_credentials, secrets_version, whole,
};

/// Greatest number of a pull request. Names and hosts that contain it have a limited length.
const GREATEST: i64 = 9_999_999;
/// Names of the containers whose resources can be set.
pub(super) const CONTAINERS: [&str; 4] = ["migration", "nginx", "php", "web"];
/// An image with a digest.
const DIGEST: &str = "^[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?@sha256:[0-9a-f]{64}$";
/// An image that the tests use.
const EXAMPLE: &str = "registry.digitalocean.com/acme/shop@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

tfmodgen::inputs! {
    /// Inputs for the package.
    pub(super) struct Inputs(input) {
        required app: Str = app(input),
        required domain: Str = domain(input, "Domain of the application. An environment of a pull request has the hosts `<n>.pr.<domain>` and `<n>.pr-api.<domain>`."),
        optional profile: Str = profile(input, "Profile: `local` for a local cluster with locally built images, `preview` for a pull request, or `production`. The base must have the same profile."),
        optional pull_request: Num = pull_request(input, &profile),
        required web_image: Str = image(input, "Image of the web application, which listens on port 8080.", &profile),
        required api_image: Str = image(input, "Image of the API with PHP-FPM, which listens on port 9000.", &profile),
        optional nginx_image: Str = nginx_image(input),
        required base: Object = base(input, &profile, &domain),
        optional hosts: Object = hosts(input),
        optional web_configuration: Map<Str> = configuration(input, "Values that the web application reads from `runtime-config.json`. The module adds `apiUrl`.", "^[A-Za-z][A-Za-z0-9_]{0,62}$", "Must contain at most 100 values. Names must be 1 to 63 letters, digits, and underscores, and start with a letter.", "api-url"),
        optional web_root: Str = path(input, "Folder of the web application in its image, in which `runtime-config.json` is mounted.", "/usr/share/nginx/html"),
        optional api_configuration: Map<Str> = configuration(input, "Additional environment variables of the API. Do not use them for secrets.", "^[A-Z][A-Z0-9_]{0,62}$", "Must contain at most 100 variables. Names must be 1 to 63 uppercase letters, digits, and underscores, and start with a letter.", "log-level"),
        optional api_root: Str = path(input, "Folder of `index.php` in the image of the API.", "/var/www/html/public"),
        required database_password: Str = database_password(input),
        optional secret_values: Map<Str> = secret_values(input),
        optional secrets_version: Num = secrets_version(input, "Number of the secret values. An increase writes `database_password`, `secret_values`, and `registry_credentials` again, changes the password of the database user, and replaces the pods."),
        optional registry_credentials: Str = registry_credentials(input),
        optional migration_command: List<Str> = command(input, "Command in the image of the API that migrates the database. Must be safe to run in several pods at the same time.").default(["php", "artisan", "migrate", "--force"]),
        optional seed_command: List<Str> = command(input, "Command that adds example data after a migration, for each new image of the API. By default, no data is added.").default(Vec::<&str>::new()),
        optional replicas: Num = replicas(input),
        optional resources: Map<Object> = resources(input),
        optional quota: Object = quota(input),
        optional rate_limit: Object = rate_limit(input),
        optional egress_cidrs: List<Str> = egress_cidrs(input),
    }
}

fn app(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Name of the application.")
        .validate(
            |app| matches("^[a-z](-?[a-z0-9])*$", app).and(length(app.any()).at_most(20)),
            "Must be 1 to 20 lowercase letters, digits, and single hyphens, start with a letter, and not end with a hyphen.",
        )
        .refuses("")
        .refuses("Shop")
        .refuses("shop-")
        .refuses("an-application-with-a-long-name")
        .example("shop")
}

fn pull_request(input: NewInput<'_>, profile: &Expr<Str>) -> Variable<Num> {
    input
        .declare(number())
        .describe("Number of the pull request. Required, except in production.")
        .nullable()
        .validate(
            |number| {
                conditional(
                    profile.equals(PRODUCTION),
                    number.is_null(),
                    r#try([whole(number, 1, GREATEST), false.into_expr()]),
                )
            },
            "Must be an integer from 1 to 9999999, and must be omitted in production.",
        )
        .refuses(0)
        .refuses(-1)
        .refuses(10_000_000)
        .example(7)
}

fn image(input: NewInput<'_>, purpose: &str, profile: &Expr<Str>) -> Variable<Str> {
    input
        .declare(string())
        .describe(&format!("{purpose} A full reference with a digest, such as `{EXAMPLE}`. The profile `local` also accepts a tag."))
        .validate(
            |image| {
                matches(DIGEST, image).or(profile.equals("local").and(matches(IMAGE, image)))
            },
            "Must be registry/name@sha256: followed by 64 hexadecimal digits in lowercase. The profile local also accepts name:tag.",
        )
        .refuses("registry.digitalocean.com/acme/shop:latest")
        .refuses("registry.digitalocean.com/acme/shop@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85")
        .refuses("registry.digitalocean.com/acme/shop@e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        .refuses("")
        .example(EXAMPLE)
}

fn nginx_image(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Image of nginx for the API, which runs without the root user.")
        .default("docker.io/nginxinc/nginx-unprivileged:1.29-alpine")
        .validate(
            |image| matches(IMAGE, image),
            "Must be an image, such as docker.io/nginxinc/nginx-unprivileged:1.29-alpine.",
        )
        .refuses("")
        .refuses("https://docker.io/nginx")
}

fn base(input: NewInput<'_>, profile: &Expr<Str>, domain: &Expr<Str>) -> Variable<Object> {
    let texts = [
        "profile",
        "domain",
        "cluster_id",
        "gateway_name",
        "gateway_namespace",
        "tls_secret_name",
        "postgresql_host",
        "postgresql_sslmode",
        "postgresql_namespace",
        "postgresql_admin_secret",
        "postgresql_image",
    ];
    let ty = texts
        .iter()
        .fold(object(), |ty, name| ty.required(name, string()))
        .required("postgresql_port", number())
        .optional("postgresql_cidr", string())
        .optional_or("postgresql_database", string(), "postgres");
    let full = "db.default.svc.cluster.local";
    input
        .declare(ty)
        .describe("Outputs of the module `preview-base` with the same names. The module does not use the output `kubeconfig`, because a provider configuration belongs to the root module.")
        .validate(
            |base| {
                let set = |name: &&str| base.attribute::<Str>(name).differs("");
                texts
                    .iter()
                    .map(set)
                    .reduce(|all, one| all.and(one))
                    .unwrap_or_else(|| true.into_expr())
            },
            "Must contain the outputs of the base, none of which is empty. Apply the base first.",
        )
        .refuses(example(PREVIEW, ""))
        .validate(
            |base| {
                let host = base.attribute::<Str>("postgresql_host");
                matches("^[a-z0-9-]+([.][a-z0-9-]+){2,}$", &host).and(!endswith(host, ".svc"))
            },
            "The output postgresql_host must be a full name, such as db.default.svc.cluster.local, or an IP address. A short name does not resolve in another namespace.",
        )
        .refuses(example(PREVIEW, "db"))
        .refuses(example(PREVIEW, "db.default"))
        .refuses(example(PREVIEW, "db.default.svc"))
        .validate(
            |base| {
                base.attribute::<Str>("profile")
                    .equals(profile)
                    .and(base.attribute::<Str>("domain").equals(domain))
            },
            "The base must have the same profile and domain as the environment.",
        )
        .refuses(example(PRODUCTION, full))
        .example(example(PREVIEW, full))
}

/// Returns outputs of a base.
fn example(profile: &str, postgresql_host: &str) -> Expr<Object> {
    object_value([
        entry("profile", profile),
        entry("domain", "example.com"),
        entry("cluster_id", "11111111-1111-4111-8111-111111111111"),
        entry("gateway_name", "shared"),
        entry("gateway_namespace", "gateway"),
        entry("tls_secret_name", "shared-tls"),
        entry("postgresql_host", postgresql_host),
        entry("postgresql_port", 5432),
        entry("postgresql_sslmode", "prefer"),
        entry("postgresql_namespace", "default"),
        entry("postgresql_admin_secret", "postgresql-admin"),
        entry("postgresql_image", "docker.io/library/postgres:17-alpine"),
    ])
}

fn hosts(input: NewInput<'_>) -> Variable<Object> {
    let ty = object()
        .optional("web", list(string()))
        .optional("api", list(string()));
    let hosts = |web: &str, api: &str| {
        object_value([
            entry("web", IntoExpr::<List<Str>>::into_expr([web])),
            entry("api", IntoExpr::<List<Str>>::into_expr([api])),
        ])
    };
    let all = |hosts: &Expr<Object>| {
        let of = |name: &str| {
            let list = hosts.attribute::<List<Str>>(name);
            conditional(list.is_null(), Vec::<&str>::new().into_expr(), list)
        };
        concat([of("web"), of("api")])
    };
    input
        .declare(ty)
        .describe("Hosts of the services, if they differ from the profile. The certificate and the DNS records of the base must contain them.")
        .default(object_value([]))
        .validate(
            |hosts| length(distinct(all(hosts))).equals(length(all(hosts))),
            "Each host must belong to one service.",
        )
        .refuses(hosts("shop.example.com", "shop.example.com"))
        .validate(
            |hosts| {
                all(hosts).all("host", |host| {
                    matches("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$", host)
                })
            },
            "Must be hosts in lowercase without a scheme, such as www.example.com.",
        )
        .refuses(hosts("https://shop.example.com", "api.example.com"))
}

fn configuration(
    input: NewInput<'_>,
    purpose: &str,
    pattern: &'static str,
    message: &str,
    refused: &str,
) -> Variable<Map<Str>> {
    input
        .declare(map(string()))
        .describe(purpose)
        .default(Vec::<(&str, &str)>::new())
        .validate(
            |values| {
                keys(values)
                    .all("name", |name| matches(pattern, name))
                    .and(length(values.any()).at_most(100))
            },
            message,
        )
        .refuses([(refused, "x")])
}

fn path(input: NewInput<'_>, purpose: &str, default: &str) -> Variable<Str> {
    input
        .declare(string())
        .describe(purpose)
        .default(default)
        .validate(
            |path| matches("^(/[A-Za-z0-9._-]+)+$", path),
            "Must be an absolute path of letters, digits, periods, underscores, and hyphens, without a trailing slash.",
        )
        .refuses("html")
        .refuses("/srv/web app")
        .refuses("/srv/")
}

fn database_password(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Password of the database user. Pass it to each apply. Neither plans nor the state contain it. To change it, also increase `secrets_version`.")
        .sensitive()
        .ephemeral()
        .validate(
            |password| matches("^[!-~]{16,128}$", password),
            "Must be 16 to 128 ASCII characters without spaces.",
        )
        .refuses("short")
        .example("correct-horse-battery-staple")
}

fn secret_values(input: NewInput<'_>) -> Variable<Map<Str>> {
    input
        .declare(map(string()))
        .describe("Secrets of the API by the name of their environment variable. Pass them to each apply. Neither plans nor the state contain them. To change them, also increase `secrets_version`.")
        .default(Vec::<(&str, &str)>::new())
        .sensitive()
        .ephemeral()
        .validate(
            |given| {
                keys(given).all("name", |name| {
                    matches("^[A-Z][A-Z0-9_]{0,62}$", &name).and(name.differs("DB_PASSWORD"))
                })
            },
            "Names must be 1 to 63 uppercase letters, digits, and underscores, and start with a letter. DB_PASSWORD is reserved.",
        )
        .refuses([("DB_PASSWORD", "x")])
        .refuses([("app-key", "x")])
}

fn command(input: NewInput<'_>, purpose: &str) -> Variable<List<Str>> {
    input.declare(list(string())).describe(purpose)
}

fn replicas(input: NewInput<'_>) -> Variable<Num> {
    input
        .declare(number())
        .describe(
            "Number of pods of each deployment. The default is 2 in production, and 1 otherwise.",
        )
        .nullable()
        .validate(
            |number| {
                conditional(
                    number.is_null(),
                    true,
                    r#try([whole(number, 1, 20), false.into_expr()]),
                )
            },
            "Must be an integer from 1 to 20.",
        )
        .refuses(0)
        .refuses(21)
}

fn resources(input: NewInput<'_>) -> Variable<Map<Object>> {
    let amount = || {
        object()
            .required("cpu_millicores", number())
            .required("memory_mib", number())
    };
    let ty = object()
        .required("requests", amount())
        .optional("limits", amount());
    let amount = |cpu: i64, memory: i64| {
        object_value([entry("cpu_millicores", cpu), entry("memory_mib", memory)])
    };
    let one = |name: &'static str, requests: Expr<Object>, limits: Expr<Object>| {
        let sizes = object_value([entry("requests", requests), entry("limits", limits)]);
        [(name, sizes)]
    };
    input
        .declare(map(ty))
        .describe("Resources of the containers `web`, `nginx`, `php`, and `migration`, which replace the defaults of the named containers. Limits are required if the namespace has a quota, and optional otherwise.")
        .default(Vec::<(&str, Expr<Object>)>::new())
        .validate(
            |resources| keys(resources).all("name", |name| one_of(name, CONTAINERS)),
            "Names must be migration, nginx, php, or web.",
        )
        .refuses(one("api", amount(100, 128), amount(200, 256)))
        .validate(
            |resources| {
                values(resources).all("sizes", |sizes| {
                    let of = |kind: &str, unit: &str| {
                        sizes.attribute::<Object>(kind).attribute::<Num>(unit)
                    };
                    let within = |unit: &str, least, most| {
                        let requested = of("requests", unit);
                        whole(&requested, least, most).and(conditional(
                            sizes.attribute::<Object>("limits").is_null(),
                            true,
                            r#try([
                                whole(&of("limits", unit), least, most)
                                    .and(requested.at_most(of("limits", unit))),
                                false.into_expr(),
                            ]),
                        ))
                    };
                    within("cpu_millicores", 1, 64_000).and(within("memory_mib", 4, 262_144))
                })
            },
            "Must be integers from 1 to 64000 millicores and 4 to 262144 MiB. A limit must not be less than the request.",
        )
        .refuses(one("web", amount(0, 128), amount(200, 256)))
        .refuses(one("web", amount(300, 128), amount(200, 256)))
}

fn quota(input: NewInput<'_>) -> Variable<Object> {
    let ty = object()
        .optional_or("cpu_millicores", number(), 2000)
        .optional_or("memory_mib", number(), 4096)
        .optional_or("pods", number(), 5);
    input
        .declare(ty)
        .describe("Quota of the namespace, for requests and for limits. Production has no quota. A plan fails if the pods of a rolling update do not fit.")
        .default(object_value([]))
        .validate(
            |quota| {
                ["cpu_millicores", "memory_mib", "pods"]
                    .map(|name| whole(&quota.attribute::<Num>(name), 1, 1_000_000))
                    .into_iter()
                    .reduce(|all, one| all.and(one))
                    .unwrap_or_else(|| true.into_expr())
            },
            "Must be integers from 1 to 1000000.",
        )
        .refuses(object_value([entry("pods", 0)]))
}

fn rate_limit(input: NewInput<'_>) -> Variable<Object> {
    let ty = object()
        .optional_or("requests_per_second", number(), 20)
        .optional_or("burst", number(), 40);
    input
        .declare(ty)
        .describe("Requests that the gateway accepts from each IP address. Further requests are delayed, and rejected with status 429 if more than `burst` wait.")
        .default(object_value([]))
        .validate(
            |limit| {
                whole(&limit.attribute::<Num>("requests_per_second"), 1, 10_000)
                    .and(whole(&limit.attribute::<Num>("burst"), 0, 10_000))
            },
            "Must be an integer from 1 to 10000 requests per second, and a burst from 0 to 10000.",
        )
        .refuses(object_value([entry("requests_per_second", 0)]))
}

fn egress_cidrs(input: NewInput<'_>) -> Variable<List<Str>> {
    input
        .declare(list(string()))
        .describe("IPv4 address ranges to which the API and its jobs can connect, in addition to the database. By default, they cannot connect to the internet.")
        .default(Vec::<&str>::new())
        .validate(
            |cidrs| cidrs.all("cidr", |cidr| can(cidrnetmask(cidr))),
            "Must be IPv4 address ranges, such as 203.0.113.0/24.",
        )
        .refuses(["203.0.113.7"])
}
