//! Inputs of the package.

use tfmodgen::Variable;
use tfmodgen::prelude::*;

use crate::preview::conventions::{LOCAL, PRODUCTION};
use crate::preview::inputs::{
    IMAGE, domain, profile, registry_credentials, secrets_version, whole,
};

tfmodgen::inputs! {
    /// Inputs for the package.
    pub(super) struct Inputs(input) {
        optional name: Str = name(input),
        optional profile: Str = profile(input, "Profile: `local` for an existing local cluster, `preview` for environments of pull requests, or `production`."),
        required domain: Str = domain(input, "Domain of the environments. DigitalOcean must host its DNS zone, except on a local cluster."),
        optional region: Str = region(input),
        optional kubernetes_version: Str = kubernetes_version(input, &profile),
        optional kubeconfig: Str = kubeconfig(input, &profile),
        optional network: Object = network(input),
        optional node_pool: Object = node_pool(input),
        optional postgresql: Object = postgresql(input),
        optional postgresql_image: Str = postgresql_image(input),
        optional postgresql_password: Str = postgresql_password(input, &profile, &postgresql),
        optional secrets_version: Num = secrets_version(input, "Number of the secret values. An increase writes `postgresql_password`, `dns_token`, and `registry_credentials` again."),
        optional registry_credentials: Str = registry_credentials(input),
        optional acme_email: Str = acme_email(input, &profile),
        optional acme_server: Str = acme_server(input),
        optional dns_token: Str = dns_token(input, &profile),
        optional chart_versions: Object = chart_versions(input),
        optional destroy_associated_resources: Bool = input
            .declare(bool())
            .describe("Whether destroying the cluster also deletes the load balancers, volumes, and snapshots that were created in it. With `false`, they remain and must be deleted manually.")
            .default(false),
    }
}

fn name(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Name of the cluster, the VPC, and the managed database.")
        .default("preview")
        .validate(
            |name| matches("^[a-z](-?[a-z0-9])*$", name).and(length(name.any()).at_most(40)),
            "Must be 1 to 40 lowercase letters, digits, and single hyphens, start with a letter, and not end with a hyphen.",
        )
        .refuses("")
        .refuses("Preview")
        .refuses("preview-")
}

fn region(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("DigitalOcean region.")
        .default("fra1")
        .validate(
            |region| matches("^[a-z]{3}[0-9]$", region),
            "Must be the name of a region, such as fra1.",
        )
        .refuses("frankfurt")
}

fn kubernetes_version(input: NewInput<'_>, profile: &Expr<Str>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Version with which the cluster is created, such as `1.34.1-do.0`. The command `doctl kubernetes options versions` lists the versions. DigitalOcean then upgrades the cluster. Required, except on a local cluster.")
        .nullable()
        .validate(
            |version| {
                conditional(
                    profile.equals(LOCAL),
                    version.is_null(),
                    matches("^1[.](3[3-9]|[4-9][0-9])[.][0-9]+-do[.][0-9]+$", version),
                )
            },
            "Must be a version from 1.33, such as 1.34.1-do.0, and must be omitted on a local cluster.",
        )
        .refuses("1.34")
        .refuses("1.32.1-do.0")
        .example("1.34.1-do.0")
}

fn kubeconfig(input: NewInput<'_>, profile: &Expr<Str>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Kubeconfig of a local cluster, such as the output of `kind get kubeconfig`. Required for the profile `local`.")
        .nullable()
        .sensitive()
        .validate(
            |kubeconfig| {
                conditional(
                    profile.equals(LOCAL),
                    r#try([strcontains(kubeconfig, "server:"), false.into_expr()]),
                    kubeconfig.is_null(),
                )
            },
            "Must contain the address of a server for the profile local, and must be omitted otherwise.",
        )
        .refuses("apiVersion: v1")
}

fn network(input: NewInput<'_>) -> Variable<Object> {
    let ty = object()
        .optional_or("vpc_cidr", string(), "10.110.0.0/20")
        .optional_or("pods_cidr", string(), "10.112.0.0/16")
        .optional_or("services_cidr", string(), "10.113.0.0/19");
    let names = ["vpc_cidr", "pods_cidr", "services_cidr"];
    input
        .declare(ty)
        .describe("IPv4 address ranges of the VPC, the pods, and the services. They must not overlap with other networks of the account.")
        .default(object_value([]))
        .validate(
            |network| {
                names
                    .map(|name| can(cidrnetmask(network.attribute::<Str>(name))))
                    .into_iter()
                    .reduce(|all, one| all.and(one))
                    .unwrap_or_else(|| true.into_expr())
            },
            "Must be IPv4 address ranges, such as 10.110.0.0/20.",
        )
        .refuses(object_value([entry("vpc_cidr", "10.110.0.0")]))
}

fn node_pool(input: NewInput<'_>) -> Variable<Object> {
    let ty = object()
        .optional_or("size", string(), "s-2vcpu-4gb")
        .optional_or("min_nodes", number(), 2)
        .optional_or("max_nodes", number(), 5);
    input
        .declare(ty)
        .describe("Nodes of the cluster: the size of a Droplet, and the smallest and largest number of nodes.")
        .default(object_value([]))
        .validate(
            |pool| {
                let nodes = |name: &str| pool.attribute::<Num>(name);
                whole(&nodes("min_nodes"), 1, 512)
                    .and(whole(&nodes("max_nodes"), 1, 512))
                    .and(nodes("min_nodes").at_most(nodes("max_nodes")))
            },
            "The values of min_nodes and max_nodes must be integers from 1 to 512, and min_nodes must not be greater than max_nodes.",
        )
        .refuses(object_value([entry("min_nodes", 0)]))
        .refuses(object_value([entry("min_nodes", 6)]))
}

fn postgresql(input: NewInput<'_>) -> Variable<Object> {
    let ty = object()
        .optional("managed", bool())
        .optional_or("version", string(), "17")
        .optional("size", string())
        .optional("nodes", number())
        .optional_or("storage_gib", number(), 10);
    input
        .declare(ty)
        .describe("PostgreSQL: `managed` selects a managed database, which production has by default, instead of a pod in the cluster. `version` is a major version. `size` and `nodes` apply to a managed database, and `storage_gib` applies to the volume of the pod.")
        .default(object_value([]))
        .validate(
            |postgresql| {
                matches("^1[3-9]$", postgresql.attribute::<Str>("version"))
                    .and(whole(&postgresql.attribute::<Num>("storage_gib"), 1, 10_000))
            },
            "The value of version must be a major version from 13 to 19. The value of storage_gib must be an integer from 1 to 10000.",
        )
        .refuses(object_value([entry("version", "17.2")]))
        .refuses(object_value([entry("storage_gib", 0)]))
        .validate(
            |postgresql| {
                let nodes: Expr<Num> = postgresql.attribute("nodes");
                conditional(
                    nodes.is_null(),
                    true,
                    r#try([whole(&nodes, 1, 3), false.into_expr()]),
                )
            },
            "The value of nodes must be an integer from 1 to 3.",
        )
        .refuses(object_value([entry("nodes", 4)]))
}

fn postgresql_image(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Image of PostgreSQL on Alpine Linux. It runs PostgreSQL in the cluster, and the jobs that create the databases of the environments.")
        .default("docker.io/library/postgres:17-alpine")
        .validate(
            |image| matches(IMAGE, image),
            "Must be an image with a tag or a digest.",
        )
        .refuses("")
        .refuses("https://docker.io/postgres:17")
}

fn postgresql_password(
    input: NewInput<'_>,
    profile: &Expr<Str>,
    postgresql: &Expr<Object>,
) -> Variable<Str> {
    input
        .declare(string())
        .describe("Password of the administrator of PostgreSQL in the cluster. Pass it to each apply. Neither plans nor the state contain it. A managed database generates its password, which the state contains.")
        .nullable()
        .sensitive()
        .ephemeral()
        .validate(
            |password| {
                conditional(
                    managed(profile, postgresql),
                    true,
                    matches("^[!-~]{16,128}$", password),
                )
            },
            "Must be 16 to 128 ASCII characters without spaces, unless the database is managed.",
        )
        .refuses("short")
        .example("correct-horse-battery-staple")
}

/// Returns whether the database is managed.
pub(super) fn managed(profile: &Expr<Str>, postgresql: &Expr<Object>) -> Expr<Bool> {
    let given: Expr<Bool> = postgresql.attribute("managed");
    conditional(given.is_null(), profile.equals(PRODUCTION), given)
}

fn acme_email(input: NewInput<'_>, profile: &Expr<Str>) -> Variable<Str> {
    input
        .declare(string())
        .describe("E-mail address of the account at Let's Encrypt. Required, except on a local cluster, which has a self-signed certificate.")
        .nullable()
        .validate(
            |email| profile.equals(LOCAL).or(matches("^[^@ ]+@[^@ ]+[.][^@ .]+$", email)),
            "Must be an e-mail address, such as ops@example.com.",
        )
        .refuses("ops")
        .example("ops@example.com")
}

fn acme_server(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Address of the ACME directory. Use `https://acme-staging-v02.api.letsencrypt.org/directory` for tests.")
        .default("https://acme-v02.api.letsencrypt.org/directory")
        .validate(
            |url| matches("^https://[^ ]+$", url),
            "Must be a URL that starts with https://.",
        )
        .refuses("http://acme.example.com")
}

fn dns_token(input: NewInput<'_>, profile: &Expr<Str>) -> Variable<Str> {
    input
        .declare(string())
        .describe("DigitalOcean token with which cert-manager proves the ownership of the domain. Pass it to each apply. The token requires the scopes `domain:read`, `domain:create`, `domain:update`, and `domain:delete`. Neither plans nor the state contain it.")
        .nullable()
        .sensitive()
        .ephemeral()
        .validate(
            |token| profile.equals(LOCAL).or(matches("^[!-~]{16,}$", token)),
            "Must be a token of at least 16 characters.",
        )
        .refuses("token")
        .example("dop_v1_00000000000000000000000000000000")
}

fn chart_versions(input: NewInput<'_>) -> Variable<Object> {
    let ty = object()
        .optional_or("cert_manager", string(), "v1.21.2")
        .optional_or("nginx_gateway_fabric", string(), "2.6.5");
    input
        .declare(ty)
        .describe("Versions of the Helm charts. The charts do not contain the custom resource definitions of the Gateway API. DigitalOcean installs them in its clusters, and a local cluster must contain them.")
        .default(object_value([]))
        .validate(
            |versions| {
                ["cert_manager", "nginx_gateway_fabric"]
                    .map(|name| {
                        matches(
                            "^v?[0-9]+[.][0-9]+[.][0-9]+$",
                            versions.attribute::<Str>(name),
                        )
                    })
                    .into_iter()
                    .reduce(|all, one| all.and(one))
                    .unwrap_or_else(|| true.into_expr())
            },
            "Must be complete versions, such as 2.6.5.",
        )
        .refuses(object_value([entry("cert_manager", "latest")]))
}
