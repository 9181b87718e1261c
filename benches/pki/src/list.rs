//! Revocation lists with many entries, signed by an ECDSA P-384 authority: issuance with all checks, and publication of both
//! formats.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use jiff::{SignedDuration, Timestamp};
use skreg::aws::objects::{
    Condition, NewObject, ObjectLocation, ObjectStore as _, ObjectStores as _,
};
use skreg::aws::{AwsSettings, Connection};
use skreg::pki::revocation::{
    Crl, CrlNumber, Reason, Revocation, RevocationList, Scope, issue_list,
};
use skreg::pki::{Certificate, KeyAlgorithm, SoftwareKey};
use tfplugin::Configured;

use crate::Samples;
use crate::root::root;

const ALGORITHM: KeyAlgorithm = KeyAlgorithm::EcdsaP384;

/// Signs lists.
pub(crate) async fn sign(entries: u64, samples: usize) -> Result<Samples> {
    let authority = Authority::new(entries).await?;
    let mut measured = Samples::default();
    for _ in 0..samples {
        measured.measure(authority.issue()).await?;
    }
    Ok(measured)
}

/// Signs lists, and publishes both formats in S3. The environment specifies the endpoint and the credentials.
pub(crate) async fn publish(entries: u64, samples: usize, bucket: &str) -> Result<Samples> {
    let authority = Authority::new(entries).await?;
    let connection = Configured::new();
    connection.set(Connection::new(AwsSettings::default()));
    let objects = connection.open_objects().await;
    let objects = objects.map_err(|_| anyhow!("the connection to S3 cannot be configured"))?;
    let put = async |key: &str, content_type: &str, body: &[u8]| {
        let location = ObjectLocation {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            expected_bucket_owner: None,
        };
        let object = NewObject {
            location: &location,
            body,
            content_type,
            cache_control: Some("max-age=3600"),
            tags: &BTreeMap::new(),
            condition: Condition::None,
        };
        objects.put(object).await.map(drop)
    };
    let mut measured = Samples::default();
    for _ in 0..samples {
        let published = async {
            let crl = authority.issue().await?;
            put("crl.crl", "application/pkix-crl", crl.der()).await?;
            let text = crl.to_pem();
            put("crl.pem", "application/x-pem-file", text.as_bytes()).await?;
            Ok(())
        };
        measured.measure(published).await?;
    }
    Ok(measured)
}

/// An authority and the description of its list.
struct Authority {
    key: SoftwareKey,
    certificate: Certificate,
    list: RevocationList,
}

impl Authority {
    async fn new(entries: u64) -> Result<Self> {
        let (key, certificate) = root(ALGORITHM).await?;
        let this_update = Timestamp::from_second(Timestamp::now().as_second())?;
        // Serial numbers have 20 octets, like those that the provider generates.
        let entries = (0..entries).map(|number| {
            let serial_number = format!("40{number:038x}").parse()?;
            Ok(Revocation {
                serial_number,
                revoked_at: this_update,
                reason: Some(Reason::Superseded),
                invalidity_date: None,
            })
        });
        let list = RevocationList {
            issuer: certificate.description().subject.clone(),
            signature_algorithm: ALGORITHM.default_signature_algorithm(),
            number: CrlNumber::first(this_update),
            this_update,
            next_update: this_update + SignedDuration::from_hours(168),
            scope: Scope::All,
            distribution_points: Vec::new(),
            entries: entries.collect::<Result<_>>()?,
        };
        Ok(Self {
            key,
            certificate,
            list,
        })
    }

    async fn issue(&self) -> Result<Crl> {
        Ok(issue_list(&self.list, &self.certificate, &self.key).await?)
    }
}
