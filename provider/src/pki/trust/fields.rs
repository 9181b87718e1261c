//! JSON document of a trust bundle.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use super::anchor::TrustAnchor;
use super::bundle::{MAX_VERSION, TrustBundle, TrustedRoot};
use super::error::BundleError;
use super::rules;
use super::status::RootStatus;

const FORMAT: &str = "skreg.pki.trust_bundle";

/// Format version that the provider reads and writes.
const FORMAT_VERSION: u64 = 1;

/// Members that all format versions have.
#[derive(Deserialize)]
struct Header {
    #[serde(rename = "type")]
    format: String,
    v: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(rename = "type")]
    format: String,
    v: u64,
    version: u64,
    roots: Vec<RootFields>,
    cross_certificates: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RootFields {
    status: String,
    subject: String,
    distribute_from: String,
    published_at: String,
    #[serde(deserialize_with = "nullable")]
    retiring_since: Option<String>,
    #[serde(deserialize_with = "nullable")]
    trust_until: Option<String>,
    spki_sha256: String,
    certificate_sha256: String,
    certificate_pem: String,
}

/// Reads a member that can be null but not absent.
fn nullable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(deserializer)
}

impl TrustBundle {
    /// Reads a published JSON document.
    ///
    /// # Errors
    /// Returns an error if the input is not a trust bundle, has an unsupported format version, is malformed or inconsistent, or
    /// violates a rule.
    pub fn read(json: &str) -> Result<Self, BundleError> {
        read(json)
    }

    /// Returns the bundle as a JSON document. The same bundle always produces the same document.
    #[must_use]
    pub fn to_json(&self) -> String {
        write(self)
    }
}

fn write(bundle: &TrustBundle) -> String {
    let fields = Fields {
        format: FORMAT.to_owned(),
        v: FORMAT_VERSION,
        version: bundle.version,
        roots: bundle.roots.iter().map(RootFields::from).collect(),
        cross_certificates: bundle
            .cross_certificates
            .iter()
            .map(|certificate| certificate.to_pem())
            .collect(),
    };
    let mut json = serde_json::to_string_pretty(&fields).expect("all members are valid JSON");
    json.push('\n');
    json
}

impl From<&TrustedRoot> for RootFields {
    fn from(root: &TrustedRoot) -> Self {
        let certificate = root.anchor.certificate();
        Self {
            status: root.status.name().to_owned(),
            subject: certificate.subject.to_string(),
            distribute_from: root.distribute_from.to_string(),
            published_at: root.published_at.to_string(),
            retiring_since: root.retiring_since.map(|instant| instant.to_string()),
            trust_until: root.trust_until.map(|instant| instant.to_string()),
            spki_sha256: root.anchor.spki_sha256().to_string(),
            certificate_sha256: certificate.sha256().to_string(),
            certificate_pem: certificate.to_pem(),
        }
    }
}

fn read(json: &str) -> Result<TrustBundle, BundleError> {
    match serde_json::from_str::<Header>(json) {
        Ok(header) if header.format != FORMAT => return Err(BundleError::Foreign),
        Ok(header) if header.v == FORMAT_VERSION => {}
        Ok(header) => {
            return Err(BundleError::UnknownVersion {
                found: header.v,
                newest: FORMAT_VERSION,
            });
        }
        Err(_) => return Err(BundleError::Foreign),
    }
    let fields: Fields = serde_json::from_str(json).map_err(|error| BundleError::Malformed {
        line: error.line(),
        column: error.column(),
    })?;
    if !(1..=MAX_VERSION).contains(&fields.version) {
        return Err(BundleError::ContentVersion);
    }
    let roots = (1..).zip(&fields.roots);
    let roots = roots.map(|(position, root)| root.read(position));
    let bundle = TrustBundle {
        version: fields.version,
        roots: roots.collect::<Result<_, _>>()?,
        cross_certificates: rules::read_cross_certificates(&fields.cross_certificates)?,
    };
    let names = bundle.roots.iter().map(|root| rules::name(&root.anchor));
    if !names.is_sorted() {
        return Err(BundleError::Order);
    }
    rules::check(&bundle.roots, &bundle.cross_certificates)?;
    Ok(bundle)
}

impl RootFields {
    fn read(&self, position: usize) -> Result<TrustedRoot, BundleError> {
        let anchor = TrustAnchor::from_pem(&self.certificate_pem)
            .map_err(|source| BundleError::Root { position, source })?;
        let invalid = |member| BundleError::RootMember { position, member };
        let instant = |member, text: &str| {
            let instant: Option<Timestamp> = text.parse().ok();
            let instant = instant.filter(|instant| instant.to_string() == text);
            instant.ok_or(invalid(member))
        };
        let root = TrustedRoot {
            anchor,
            status: RootStatus::named(&self.status).ok_or(invalid("status"))?,
            distribute_from: instant("distribute_from", &self.distribute_from)?,
            published_at: instant("published_at", &self.published_at)?,
            retiring_since: match &self.retiring_since {
                Some(text) => Some(instant("retiring_since", text)?),
                None => None,
            },
            trust_until: match &self.trust_until {
                Some(text) => Some(instant("trust_until", text)?),
                None => None,
            },
        };
        // The other members repeat parts of the certificate.
        let derived = Self::from(&root);
        let repeated = [
            ("subject", &self.subject, &derived.subject),
            ("spki_sha256", &self.spki_sha256, &derived.spki_sha256),
            (
                "certificate_sha256",
                &self.certificate_sha256,
                &derived.certificate_sha256,
            ),
            (
                "certificate_pem",
                &self.certificate_pem,
                &derived.certificate_pem,
            ),
        ];
        match repeated
            .into_iter()
            .find(|(_, read, derived)| read != derived)
        {
            Some((member, ..)) => Err(invalid(member)),
            None => Ok(root),
        }
    }
}
