//! A bucket for Terraform states on Scaleway: the package `scaleway-state`.

use scaleway_blocks as scaleway;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Package, Variable};

use crate::aws::conventions::MAIN;
use crate::scaleway::conventions::{TARGET, module, tag_list};
use crate::scaleway::deletion_protection::DeletionProtection;
use crate::scaleway::inputs::{bucket_administrators, bucket_name, tags};
use crate::scaleway::policy::{administration, allow};
use crate::scaleway::private_bucket::PrivateBucket;
use crate::state::{
    Argument, backend, default_retention, deletion_protection, retention_days, state_key,
};

/// Keys of the tags that the module sets.
const OWN_TAGS: [&str; 2] = ["managed-by", "purpose"];
/// Actions of the S3 backend on objects: it reads and writes the state, and creates and deletes the lock file. Earlier versions
/// can be read, but not deleted. Source: "Backend Type: s3", Terraform documentation: permissions.
const ACTIONS: [&str; 4] = [
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:PutObject",
];

tfmodgen::inputs! {
    /// Inputs for the package.
    struct Inputs(input) {
        required bucket_name: Str = bucket_name(input, "Globally unique name of the bucket.", "acme-terraform-state"),
        required bucket_administrators: List<Str> = bucket_administrators(input),
        optional state_users: List<Str> = state_users(input),
        optional state_key: Str = state_key(input, "terraform.tfstate"),
        optional retention_days: Num = retention_days(input),
        optional alert_emails: List<Str> = alert_emails(input),
        optional deletion_protection: Bool = deletion_protection(input),
        optional tags: Map<Str> = tags(input, &OWN_TAGS),
    }
}

fn state_users(input: NewInput<'_>) -> Variable<List<Str>> {
    input
        .declare(list(string()))
        .describe("IAM principals that can read, write, and delete states and lock files, such as `application_id:` or `user_id:` and a UUID. They cannot delete versions, so a deleted state can be restored.")
        .default(Vec::<&str>::new())
        .validate(
            |principals| {
                principals.all("principal", |principal| {
                    matches(
                        "^(application_id|user_id):[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$",
                        principal,
                    )
                })
            },
            "Each principal must be application_id: or user_id: followed by a UUID in lowercase.",
        )
        .refuses(["*"])
        .refuses(["11111111-1111-1111-1111-111111111111"])
}

fn alert_emails(input: NewInput<'_>) -> Variable<List<Str>> {
    input
        .declare(list(string()))
        .describe("E-mail addresses that receive alerts about the bucket. If you specify an address, the module manages the alert manager of the project. A project has one alert manager for each region, so use a project that contains only the bucket.")
        .default(Vec::<&str>::new())
        .validate(
            |emails| {
                emails.all("email", |email| matches("^[^@ ]+@[^@ ]+[.][^@ .]+$", email))
            },
            "Must contain e-mail addresses, such as ops@example.com.",
        )
        .refuses(["ops"])
}

/// Returns the package, which has no parts.
pub(super) fn package() -> Package {
    Package::new(TARGET, root())
}

fn root() -> Part<Inputs, Outputs> {
    let mut m = module(
        "scaleway-state",
        "A bucket on Scaleway for Terraform states, with versioning, a lock file, and a policy.",
    );
    let inputs = Inputs::declare(&mut m);
    let own: Expr<Map<Str>> =
        [(OWN_TAGS[0], "terraform"), (OWN_TAGS[1], "terraform-state")].into_expr();
    let labels = m.local("labels", merge([inputs.tags.forward(), own]));
    let tags = m.local("tags", tag_list(&labels));
    m.file("bucket");
    let users: Expr<List<Str>> = inputs.state_users.forward();
    let administrators: Expr<List<Str>> = inputs.bucket_administrators.forward();
    // A statement without a principal is not valid, so administrators are also users.
    let users = m.local(
        "state_principals",
        distinct(concat([administrators, users])),
    );
    let bucket = PrivateBucket {
        name: inputs.bucket_name.forward(),
        force_destroy: !&*inputs.deletion_protection,
        noncurrent_days: inputs.retention_days.forward(),
        tags: (*labels).clone(),
    }
    .declare(&mut m, |name| {
        vec![
            administration(&inputs.bucket_administrators, name),
            allow("State", &users, &ACTIONS, name, false),
            allow(
                "List",
                &users,
                &["s3:ListBucket", "s3:ListBucketVersions"],
                name,
                true,
            ),
        ]
    });
    let manager = alerts(&mut m, &inputs);
    DeletionProtection {
        prefix: inputs.bucket_name.forward(),
        enabled: inputs.deletion_protection.forward(),
        tags: (*tags).clone(),
        replaced: vec![bucket.bucket.id()],
        depends_on: &|secret| secret.depends_on(&bucket.policy).depends_on(&manager),
    }
    .declare(&mut m);
    m.file(MAIN);
    default_retention(&mut m, &inputs.retention_days);
    let outputs = Outputs {
        bucket_name: output(bucket.bucket.name()),
        bucket_endpoint: output(bucket.bucket.api_endpoint()),
        backend: output(block(&inputs, &bucket.bucket)),
        alert_rules: output(rules(&bucket.bucket)),
    };
    Part::new(m, inputs, outputs)
}

/// Declares the alert manager.
fn alerts(
    m: &mut Module,
    inputs: &Inputs<Declared>,
) -> tfmodgen::Maybe<scaleway::CockpitAlertManagerReference> {
    m.file("monitoring");
    let emails: Expr<List<Str>> = inputs.alert_emails.forward();
    m.resource(
        scaleway::CockpitAlertManager::new("this")
            .contact_points_for_each(&emails, |each| {
                scaleway::CockpitAlertManagerContactPoints::new().email(each.value())
            })
            .when(length(&emails).greater_than(0)),
    )
}

/// Returns a group of alert rules for the metrics of Scaleway products. Source: "Creating alerts programmatically for automated
/// DevOps workflows", Cockpit documentation.
fn rules(bucket: &scaleway::ObjectBucketReference) -> Expr<Str> {
    let metric = template([
        "object_storage_bucket_objects_total{resource_id=\"".into(),
        bucket.name().into(),
        "\"}".into(),
    ]);
    let rule = |alert: &str, expression: Expr<Str>, duration: &str, summary: &str| {
        object_value([
            entry("alert", alert),
            entry("expr", expression),
            entry("for", duration),
            entry("labels", object_value([entry("severity", "critical")])),
            entry("annotations", object_value([entry("summary", summary)])),
        ])
    };
    let absent = template(["absent(".into(), (&metric).into(), ")".into()]);
    let fewer = template([
        "delta(".into(),
        metric.into(),
        // A run deletes one object, its lock file.
        "[1h]) < -10".into(),
    ]);
    jsonencode(object_value([
        entry("name", "terraform-state"),
        entry("interval", "1m"),
        entry(
            "rules",
            [
                rule(
                    "StateBucketWithoutMetrics",
                    absent,
                    "1h",
                    "The bucket for states has no metrics. Check that it exists.",
                ),
                rule(
                    "StateObjectsDeleted",
                    fewer,
                    "0m",
                    "More than 10 objects were deleted from the bucket for states within an hour.",
                ),
            ],
        ),
    ]))
}

/// Returns the backend block. Sources: "Using conditional writes", Object Storage documentation, on which the lock file depends,
/// and "Using Backend Guide", documentation of the provider.
fn block(inputs: &Inputs<Declared>, bucket: &scaleway::ObjectBucketReference) -> Expr<Str> {
    backend([
        ("bucket", Argument::Text(bucket.name())),
        ("key", Argument::Text(inputs.state_key.forward())),
        ("region", Argument::Text(bucket.region())),
        ("endpoints", Argument::Endpoint(bucket.api_endpoint())),
        ("use_lockfile", Argument::Enabled),
        ("skip_credentials_validation", Argument::Enabled),
        ("skip_region_validation", Argument::Enabled),
        ("skip_requesting_account_id", Argument::Enabled),
    ])
}

tfmodgen::outputs! {
    /// Outputs of the package.
    struct Outputs {
        /// Name of the bucket.
        bucket_name: Str,
        /// Endpoint of the bucket for S3 clients.
        bucket_endpoint: Str,
        /// Block `terraform` with the backend, for the file `backend.tf` of a configuration that stores its state in the bucket.
        backend: Str,
        /// Group of alert rules for the bucket, as JSON, which is valid YAML.
        alert_rules: Str,
    }
}
