//! Trust bundles: the roots that relying parties trust, with a status and a window for each root.
//!
//! Like the rest of [`crate::pki`], the functions in this module depend only on their arguments.
//!
//! # Statuses
//!
//! | status | meaning | in the JSON document | in the PEM bundle |
//! |---|---|---|---|
//! | `next` | distributed in advance; signs nothing that is in use | yes | yes |
//! | `active` | issues certificates | yes | yes |
//! | `retiring` | issues revocation lists only; certificates below it are in use | yes | yes |
//! | `retired` | signs nothing; verifies signatures that were created in its window | yes | no |
//!
//! The PEM bundle cannot represent windows, so it does not contain retired roots. Verifiers of old signatures must use the JSON
//! document and compare the time of the signature with the window.
//!
//! # Successors
//!
//! [`TrustBundle::successor`] allows only changes that relying parties with the previous bundle can follow:
//!
//! - At least one root is active. An active root is within its validity period and its window.
//! - A root that was not in the first bundle becomes active only after it was distributed for `min_distribution_days`.
//! - A root enters a published bundle as `next`. The start of its window is not in the past, and does not move after the root
//!   becomes active, because signatures would leave or enter the window.
//! - An active root is retired only after it was `retiring` for `min_distribution_days`, because a retired root is not in the PEM
//!   bundle.
//! - A root is removed only after it was retired and its window has ended.
//! - The end of a window is not moved to a time before `min_distribution_days` have passed. For an emergency, such as a
//!   compromised key, set the minimum to 0.
//! - Two roots with the same subject and different keys have a cross-certificate, because verifiers find issuers by name. This
//!   provider issues cross-certificates only between authorities with different subjects, so each generation of a root needs its
//!   own subject. Other software can issue the certificate.
//! - A cross-certificate has not expired.
//! - A retired root does not return to another status.
//!
//! If the minimum is 0, a root can enter with every status and an active root can be retired at once.
//!
//! # JSON document
//!
//! ```json
//! {"type": "skreg.pki.trust_bundle", "v": 1, "version": 3,
//!  "roots": [{"status": "active", "subject": "CN=Example Root CA,O=Example",
//!             "distribute_from": "2026-11-20T12:00:00Z", "published_at": "2026-11-20T12:00:00Z",
//!             "retiring_since": null, "trust_until": null,
//!             "spki_sha256": "…", "certificate_sha256": "…", "certificate_pem": "-----BEGIN CERTIFICATE-----…"}],
//!  "cross_certificates": ["-----BEGIN CERTIFICATE-----…"]}
//! ```
//!
//! - `type` and `v` identify the format. A reader must reject other values.
//! - `version` starts at 1 and rises by one with every change of another member. A client must reject a document with a lower
//!   version than the one it has.
//! - `roots` is sorted by `spki_sha256`, and contains each key once.
//! - `status` is `next`, `active`, `retiring`, or `retired`.
//! - `subject` is the subject of the certificate in RFC 4514 notation.
//! - `distribute_from` is the start of the window. `published_at` is the time of the first bundle with the root.
//! - `retiring_since` is the time of the first bundle in which the root is retiring. It is null for the status `next` and
//!   `active`.
//! - `trust_until` is the end of the window. It is null only for the status `next` and `active`.
//! - `spki_sha256` and `certificate_sha256` are SHA-256 hashes of the DER SubjectPublicKeyInfo and of the DER certificate.
//! - `certificate_pem` is the self-signed certificate.
//! - `cross_certificates` contains certificates in which one root in the document certifies the key of another one.
//! - Times are in UTC with whole seconds (RFC 3339).

mod anchor;
mod bundle;
mod error;
mod fields;
mod rules;
mod status;
mod successor;

pub use anchor::{AnchorError, TrustAnchor};
pub use bundle::{MAX_VERSION, TrustBundle, TrustedRoot, sha256sums};
pub use error::{BundleError, CrossCertificateFault, TrustError};
pub use status::{ROOT_STATUS_NAMES, RootStatus};
pub use successor::RootPolicy;
