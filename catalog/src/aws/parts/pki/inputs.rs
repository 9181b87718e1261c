//! Inputs for the part.

use tfmodgen::Variable;
use tfmodgen::prelude::*;

use super::{HSM, Options, SOFTWARE};
use crate::aws::conventions::Conventions;
use crate::aws::inputs::{
    account_id, bucket, deletion_protection, force_destroy, kms_key_arn, prefix, tags, whole,
};

/// Reasons for a revocation (RFC 5280, section 5.3.1) in the notation of `skreg_pki_crl`.
const REASONS: [&str; 8] = [
    "key_compromise",
    "ca_compromise",
    "affiliation_changed",
    "superseded",
    "cessation_of_operation",
    "certificate_hold",
    "privilege_withdrawn",
    "aa_compromise",
];

tfmodgen::inputs! {
    /// Inputs for the public key infrastructure.
    pub(crate) struct Inputs(input, to: &Conventions, options: &Options) {
        required name: Str = prefix(input, to),
        optional tags: Map<Str> = tags(input),
        optional hsm_backend: Str = hsm_backend(input),
        optional root_ca: Object = root_ca(input, to),
        optional intermediate_ca: Object = intermediate_ca(input, to),
        optional signing_certificate: Object = signing_certificate(input, to, options),
        optional crl: Object = crl(input),
        optional revoked_certificates: Map<Object> = revoked(
            input,
            "Revoked certificates of the intermediate CA by serial number, in lowercase hexadecimal. Removing an entry before its certificate expires fails, except if the reason is `certificate_hold`.",
        ),
        optional revoked_intermediates: Map<Object> = revoked(
            input,
            "Revoked certificates of the root CA by serial number, in lowercase hexadecimal. Removing an entry before its certificate expires fails, except if the reason is `certificate_hold`.",
        ),
        required account_id: Str = account_id(input, to),
        required kms_key_arn: Str = kms_key_arn(input, to),
        required bucket_name: Str = bucket(
            input,
            to,
            "Name of the bucket for the revocation lists and the trust bundle. They are published below `.well-known/`.",
        ),
        required well_known_url: Str = input
            .declare(string())
            .describe("Plain HTTP URL of the folder `.well-known/` in the bucket, without a trailing slash. Certificates contain it, and clients download revocation lists from it.")
            .validate(
                |url| matches("^http://[a-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*/[.]well-known$", url),
                "Must be an http:// URL that ends with /.well-known. Clients cannot validate a TLS certificate while they download revocation lists (RFC 5280, section 8).",
            )
            .refuses("https://packages.example.com/.well-known")
            .refuses("http://packages.example.com/")
            .example("http://packages.example.com/.well-known"),
        optional deletion_protection: Bool = deletion_protection(input, to),
        optional force_destroy: Bool = force_destroy(input, to),
    }
}

/// Declares the location of the keys of the authorities.
fn hsm_backend(input: NewInput<'_>) -> Variable<Str> {
    input
        .declare(string())
        .describe("Location of the private keys of the root CA and the intermediate CA. `hsm` creates asymmetric KMS keys, which never leave the hardware security modules of KMS. `software` stores the keys in Secrets Manager. Cannot be changed after the first apply. If an earlier version of this module created the root CA, set `software`.")
        .default(HSM)
        .validate(
            |backend| one_of(backend, [HSM, SOFTWARE]),
            "Must be hsm or software.",
        )
        .refuses("cloudhsm")
        .refuses("")
}

fn short(text: &Expr<Str>) -> Expr<Bool> {
    length(text).at_least(1).and(length(text).at_most(64))
}

fn text(object: &Expr<Object>, name: &str) -> Expr<Str> {
    object.attribute(name)
}

fn number_of(object: &Expr<Object>, name: &str) -> Expr<Num> {
    object.attribute(name)
}

/// Declares the subject, validity period, and path length for the root certificate.
fn root_ca(input: NewInput<'_>, to: &Conventions) -> Variable<Object> {
    let root = |name: &str, organization: &str, days: i32| {
        object_value([
            entry("common_name", name),
            entry("organization", organization),
            entry("validity_days", days),
            entry("path_length", 1),
        ])
    };
    let package = to.package;
    let name = to.named(" Root CA");
    let name = name.as_str();
    input.declare(
        object()
            .optional_or("common_name", string(), name)
            .optional_or("organization", string(), package)
            .optional_or("validity_days", number(), 3650)
            .optional_or("path_length", number(), 1)
            .optional_or("certificate_revision", number(), 1),
    )
    .describe("Subject, validity period, and path length of the root certificate. A path length of `-1` means no limit. The path length cannot be 0 because the module creates an intermediate CA. The subject and the path length cannot be changed after creation. To issue the next certificate for the same key, increase `certificate_revision` by 1.")
    .default(object_value([]))
    .validate(
        |root| short(&text(root, "common_name")).and(short(&text(root, "organization"))),
        "The values of root_ca.common_name and root_ca.organization must be between 1 and 64 characters.",
    )
    .refuses(root("", package, 3650))
    .refuses(root(name, "", 3650))
    .validate(
        |root| whole(&number_of(root, "validity_days"), 1, 9125),
        "The value of root_ca.validity_days must be an integer from 1 to 9125.",
    )
    .refuses(root(name, package, 0))
    .validate(
        |root| {
            whole(&number_of(root, "path_length"), -1, 255)
                .and(number_of(root, "path_length").differs(0))
        },
        "The value of root_ca.path_length must be -1 or an integer from 1 to 255.",
    )
    .refuses(object_value([entry("path_length", 256)]))
    .refuses(object_value([entry("path_length", 0)]))
    .validate(
        |root| whole(&number_of(root, "certificate_revision"), 1, 100),
        "The value of root_ca.certificate_revision must be an integer from 1 to 100.",
    )
    .refuses(object_value([entry("certificate_revision", 0)]))
}

/// Declares the subject and validity period for the intermediate certificate.
fn intermediate_ca(input: NewInput<'_>, to: &Conventions) -> Variable<Object> {
    let named = |name: &str| object_value([entry("common_name", name)]);
    input.declare(
        object()
            .optional_or("common_name", string(), to.named(" Intermediate CA"))
            .optional_or("organization", string(), to.package)
            .optional_or("validity_days", number(), 1825)
            .optional_or("certificate_revision", number(), 1),
    )
    .describe("Subject and validity period of the intermediate certificate. The subject cannot be changed after creation. To issue the next certificate for the same key, for example after a change of the CDN domain, increase `certificate_revision` by 1.")
    .default(object_value([]))
    .validate(
        |ca| short(&text(ca, "common_name")).and(short(&text(ca, "organization"))),
        "The values of intermediate_ca.common_name and intermediate_ca.organization must be between 1 and 64 characters.",
    )
    .refuses(named(""))
    .validate(
        |ca| whole(&number_of(ca, "validity_days"), 1, 9125),
        "The value of intermediate_ca.validity_days must be an integer from 1 to 9125.",
    )
    .refuses(object_value([entry("validity_days", 0)]))
    .validate(
        |ca| whole(&number_of(ca, "certificate_revision"), 1, 100),
        "The value of intermediate_ca.certificate_revision must be an integer from 1 to 100.",
    )
    .refuses(object_value([entry("certificate_revision", 0)]))
}

/// Declares the subject and validity period for the end-entity certificate.
fn signing_certificate(
    input: NewInput<'_>,
    to: &Conventions,
    options: &Options,
) -> Variable<Object> {
    let hours = |validity: i32, renewal: i32| {
        object_value([
            entry("validity_hours", validity),
            entry("renew_before_hours", renewal),
        ])
    };
    input.declare(
        object()
            .optional_or("common_name", string(), to.named(&format!(" {}", options.purpose)))
            .optional_or("organization", string(), to.package)
            .optional_or("validity_hours", number(), 8760)
            .optional_or("renew_before_hours", number(), 2160),
    )
    .describe("Subject, validity period, and renewal window of the signing certificate. An apply in the last `renew_before_hours` hours of the validity period issues the next certificate.")
    .default(object_value([]))
    .validate(
        |leaf| short(&text(leaf, "common_name")).and(short(&text(leaf, "organization"))),
        "The values of signing_certificate.common_name and signing_certificate.organization must be between 1 and 64 characters.",
    )
    .refuses(object_value([entry("common_name", "")]))
    .validate(
        |leaf| whole(&number_of(leaf, "validity_hours"), 1, 43800),
        "The value of signing_certificate.validity_hours must be an integer from 1 to 43800.",
    )
    .refuses(hours(0, 0))
    .refuses(hours(43801, 1))
    .validate(
        |leaf| {
            let renewal = number_of(leaf, "renew_before_hours");
            whole(&renewal, 1, 43800).and((&number_of(leaf, "validity_hours") - &renewal).at_least(1))
        },
        "The value of signing_certificate.renew_before_hours must be a positive integer that is less than validity_hours.",
    )
    .refuses(hours(24, 24))
}

/// Declares the validity periods for the revocation lists.
fn crl(input: NewInput<'_>) -> Variable<Object> {
    let hours = |validity: i32| object_value([entry("validity_hours", validity)]);
    input.declare(
        object()
            .optional_or("validity_hours", number(), 720)
            .optional_or("root_validity_hours", number(), 4320),
    )
    .describe("Validity periods of the revocation lists of the intermediate CA and the root CA in hours. Clients reject certificates after the list expires, so run an apply at least once in the second half of the shorter period.")
    .default(object_value([]))
    .validate(
        |crl| {
            whole(&number_of(crl, "validity_hours"), 2, 8760)
                .and(whole(&number_of(crl, "root_validity_hours"), 2, 8760))
        },
        "The values of crl.validity_hours and crl.root_validity_hours must be integers from 2 to 8760.",
    )
    .refuses(hours(1))
    .refuses(hours(8761))
}

/// Declares revoked certificates.
fn revoked(input: NewInput<'_>, purpose: &str) -> Variable<Map<Object>> {
    let name = input.name();
    let pattern = format!("^({})$", REASONS.join("|"));
    let revoked = |serial_number: &str, reason: &str| {
        let entry = object_value([
            entry("revoked_at", "2026-01-01T00:00:00Z"),
            entry("reason", reason),
        ]);
        IntoExpr::<Map<Object>>::into_expr([(serial_number, entry)])
    };
    input
        .declare(map(object()
            .required("revoked_at", string())
            .optional("reason", string())
            .optional("invalidity_date", string())
            .optional("certificate_not_after", string())))
        .describe(purpose)
        .default(Vec::<(&str, Expr<Object>)>::new())
        .validate(
            |all| {
                keys(all).all("serial_number", |serial_number| {
                    matches("^([0-9a-f]{2}){1,20}$", serial_number)
                })
            },
            format!("The keys of {name} must be serial numbers of 1 to 20 octets in lowercase hexadecimal."),
        )
        .refuses(revoked("12:34", "superseded"))
        .validate(
            |all| {
                values::<Object>(all).all("revoked", |revoked| {
                    let reason = text(&revoked, "reason");
                    reason.is_null().or(matches(&pattern, reason))
                })
            },
            format!("The reason in {name} must be {}.", or(&REASONS)),
        )
        .refuses(revoked("01", "stolen"))
}

fn or(names: &[&str]) -> String {
    match names {
        [first @ .., last] => format!("{}, or {last}", first.join(", ")),
        [] => String::new(),
    }
}
