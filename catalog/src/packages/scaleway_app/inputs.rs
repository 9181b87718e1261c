//! Inputs of the package.

use tfmodgen::Variable;
use tfmodgen::prelude::*;

use super::OWN_TAGS;
use super::profiles::{ENVIRONMENTS, settings};
use crate::scaleway::inputs::{bucket_administrators, bucket_name, tags, whole};

/// Ports that Serverless Containers use themselves. Source: "Containers limitations", Serverless Containers documentation.
const UNAVAILABLE_PORTS: [i32; 6] = [8008, 8012, 8013, 8022, 9090, 9091];
/// Pattern for the name of an environment variable.
const VARIABLE: &str = "^[A-Z][A-Z0-9_]{0,62}$";
/// Pattern for names of environment variables that Scaleway or the module sets.
const OWN_VARIABLES: &str =
    "^(PORT$|SCW_|APP_|BUCKET_|COCKPIT_|DATABASE_|ENVIRONMENT$|LOG_FORMAT$|.*_SECRET$)";

tfmodgen::inputs! {
    /// Inputs for the package.
    pub(super) struct Inputs(input) {
        optional name: Str = name(input),
        optional environment: Str = environment(input),
        optional settings: Object = settings(input),
        required image: Str = image(input),
        optional image_sha256: Str = image_sha256(input),
        optional port: Num = port(input),
        optional environment_variables: Map<Str> = environment_variables(input),
        optional secret_versions: Map<Num> = secret_versions(input),
        optional secret_values: Map<Str> = secret_values(input, &secret_versions),
        optional inject_secret_values: Bool = inject_secret_values(input),
        optional database_name: Str = database_name(input),
        optional database_password_version: Num = version(input, "Number of the database passwords. Each increase creates a password for `administrator` and for the database user that the container does not use, and changes the container to this user."),
        required bucket_name: Str = bucket_name(input, "Globally unique name of the bucket for objects of the application.", "acme-shop-objects"),
        required bucket_administrators: List<Str> = bucket_administrators(input),
        required api_key_expires_at: Str = api_key_expires_at(input),
        optional alert_emails: List<Str> = alert_emails(input),
        optional alert_webhook_url: Str = alert_webhook_url(input),
        optional deletion_protection: Bool = input
            .declare(bool())
            .describe("Whether destroying or replacing the container, the database, or the bucket fails. To destroy the application, set this input to `false`, run apply, and then run destroy. With `false`, destroying the application also deletes all objects in the bucket.")
            .default(true),
        optional tags: Map<Str> = tags(input, &OWN_TAGS),
    }
}

fn name(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Name of the application. All names start with the name and the environment.")
        .default("app")
        .validate(
            |name| matches("^[a-z](-?[a-z0-9])*$", name).and(length(name).at_most(20)),
            "Must be 1 to 20 lowercase letters, digits, and single hyphens, start with a letter, and not end with a hyphen.",
        )
        .refuses("")
        .refuses("App")
        .refuses("1app")
        .refuses("app-")
        .refuses("an-application-with-a-long-name")
}

fn environment(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Environment, which selects the profile: `dev` has small limits and no monitoring, `staging` is like production with one database node, and `production` has high availability. Use one Scaleway project for each environment.")
        .default("dev")
        .validate(
            |environment| one_of(environment, ENVIRONMENTS),
            "Must be dev, staging, or production.",
        )
        .refuses("prod")
        .refuses("")
}

fn image(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Container image for linux/amd64, with a tag or a digest.")
        .validate(
            |image| {
                matches(
                    "^[a-z0-9]([a-z0-9._:/-]*[a-z0-9])?(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[0-9a-f]{64})$",
                    image,
                )
                .and(!endswith(image, ":latest"))
            },
            "Must be an image with a tag or a digest, such as rg.fr-par.scw.cloud/acme/shop:1.2.0. The tag latest is not allowed because it does not identify a version.",
        )
        .refuses("")
        .refuses("shop")
        .refuses("acme/shop:")
        .refuses("acme/shop:latest")
        .refuses("ACME/shop:1")
        .refuses("acme/shop@sha256:12")
        .example("rg.fr-par.scw.cloud/acme/shop:1.2.0")
}

fn image_sha256(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe(
            "SHA-256 of the image. A change deploys the image again, even if its tag is the same.",
        )
        .nullable()
        .validate(
            |digest| {
                digest
                    .is_null()
                    .or(matches("^(sha256:)?[0-9a-f]{64}$", digest))
            },
            "Must be 64 hexadecimal digits in lowercase, optionally after sha256:.",
        )
        .refuses("latest")
        .refuses("sha256:12")
}

fn port(input: NewInput<'_>) -> Variable<Num> {
    let unavailable = UNAVAILABLE_PORTS.map(|port| port.to_string()).join(", ");
    input
        .declare(number())
        .describe("Port on which the container listens. The container responds to `GET /health` on this port.")
        .default(8080)
        .validate(
            |port| {
                let reserved: Expr<List<Num>> = UNAVAILABLE_PORTS.into_expr();
                whole(port, 1, 65_535).and(!contains(reserved, port))
            },
            format!("Must be an integer from 1 to 65535, and not one of the ports that Scaleway uses: {unavailable}."),
        )
        .refuses(0)
        .refuses(65_536)
        .refuses(9090)
}

fn environment_variables(input: NewInput<'_>) -> Variable<Map<Str>> {
    input
        .declare(map(string()))
        .describe("Additional environment variables of the container. Do not use them for secrets.")
        .default(Vec::<(&str, &str)>::new())
        .validate(
            |variables| {
                keys(variables).all("name", |key| matches(VARIABLE, &key).and(!matches(OWN_VARIABLES, key)))
            },
            "Names must be 1 to 63 uppercase letters, digits, and underscores, and start with a letter. PORT, ENVIRONMENT, LOG_FORMAT, the suffix _SECRET, and the prefixes SCW_, APP_, BUCKET_, COCKPIT_, and DATABASE_ are reserved.",
        )
        .refuses([("log-level", "info")])
        .refuses([("PORT", "80")])
        .refuses([("SCW_REGION", "fr-par")])
        .refuses([("DATABASE_HOST", "localhost")])
        .validate(
            |variables| {
                values(variables)
                    .all("value", |value| length(value.typed::<Any>()).at_most(1000))
                    .and(length(variables).at_most(100))
            },
            "Must contain at most 100 environment variables with at most 1000 characters each.",
        )
        .refuses([("TEXT", "0123456789".repeat(101))])
}

fn secret_versions(input: NewInput<'_>) -> Variable<Map<Num>> {
    let positive = |number: Expr<Num>| whole(&number, 1, 1_000_000);
    input
        .declare(map(number()))
        .describe("Secrets of the application, by the name of their environment variable, with the number of the value. An increase writes the value in `secret_values` to a new version, and deploys the container again.")
        .default(Vec::<(&str, i32)>::new())
        .validate(
            |versions| {
                keys(versions)
                    .all("name", |key| matches(VARIABLE, &key).and(!matches(OWN_VARIABLES, key)))
                    .and(values(versions).all("number", positive))
                    .and(length(versions).at_most(50))
            },
            "Must contain at most 50 secrets. Names must be 1 to 63 uppercase letters, digits, and underscores, and start with a letter. PORT, ENVIRONMENT, LOG_FORMAT, the suffix _SECRET, and the prefixes SCW_, APP_, BUCKET_, COCKPIT_, and DATABASE_ are reserved. Numbers must be integers from 1.",
        )
        .refuses([("api-token", 1)])
        .refuses([("SCW_TOKEN", 1)])
        .refuses([("API_TOKEN", 0)])
}

fn secret_values(input: NewInput<'_>, versions: &Expr<Map<Num>>) -> Variable<Map<Str>> {
    input
        .declare(map(string()))
        .describe("Values of the secrets in `secret_versions`. Pass them to each apply. Neither plans nor the state contain them.")
        .default(Vec::<(&str, &str)>::new())
        .sensitive()
        .ephemeral()
        .validate(
            |given| {
                keys(given)
                    .all("name", |key| contains(keys(versions), key))
                    .and(keys(versions).all("name", |key| contains(keys(given), key)))
            },
            "Must contain a value for each secret in secret_versions, and no other value.",
        )
        .refuses([("OTHER", "value")])
}

fn inject_secret_values(input: NewInput<'_>) -> Variable<Bool> {
    input
        .declare(bool())
        .describe("Whether the container receives the values of the secrets, including `DATABASE_URL`, as secret environment variables. The state then contains the values, because the provider has no write-only argument for them. By default, the container receives the IDs of the secrets and an API key that can read them.")
        .default(false)
}

fn database_name(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Name of the database.")
        .default("app")
        .validate(
            |name| matches("^[a-z][a-z0-9_]{0,62}$", name).and(!one_of(name, ["postgres", "rdb", "template0", "template1"])),
            "Must be 1 to 63 lowercase letters, digits, and underscores, and start with a letter. The names postgres, rdb, template0, and template1 are reserved.",
        )
        .refuses("App")
        .refuses("1app")
        .refuses("")
        .refuses("rdb")
}

/// Declares the number of a generated value.
fn version(input: NewInput<'_>, purpose: &str) -> Variable<Num> {
    input
        .declare(number())
        .describe(purpose)
        .default(1)
        .validate(
            |number| whole(number, 1, 1_000_000),
            "Must be an integer from 1 to 1000000.",
        )
        .refuses(0)
}

fn api_key_expires_at(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Time at which the API key of the container expires, in RFC 3339 format, such as `2027-06-30T00:00:00Z`. A change creates a new key, deploys the container with it, and deletes the old key.")
        .validate(
            |time| can(formatdate("YYYY", time)),
            "Must be a time in RFC 3339 format, such as 2027-06-30T00:00:00Z.",
        )
        .refuses("2027-06-30")
        .refuses("never")
        .example("2127-06-30T00:00:00Z")
}

fn alert_emails(input: NewInput<'_>) -> Variable<List<Str>> {
    input
        .declare(list(string()))
        .describe("E-mail addresses that receive alerts. Environments with monitoring require at least one.")
        .default(Vec::<&str>::new())
        .validate(
            |emails| {
                emails.all("email", |email| matches("^[^@ ]+@[^@ ]+[.][^@ .]+$", email))
                    .and(length(distinct(emails)).equals(length(emails)))
            },
            "Must contain distinct e-mail addresses, such as ops@example.com.",
        )
        .refuses(["ops"])
        .refuses(["ops@example.com", "ops@example.com"])
}

fn alert_webhook_url(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("HTTPS URL that receives alerts. The output `alert_webhook` contains the contact and the route for it. The README describes how to add them, because neither the API for contacts nor the provider supports webhooks.")
        .nullable()
        .sensitive()
        .validate(
            |url| url.is_null().or(matches("^https://[^ ]+$", url)),
            "Must be a URL that starts with https://.",
        )
        .refuses("http://example.com/alerts")
}
