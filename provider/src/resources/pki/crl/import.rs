//! Import of a published list.

use std::collections::BTreeMap;

use tfplugin::{Call, Diagnostics, Imported, Planned};

use super::model::{Crl, CrlPlan, DEFAULT_KEY_DER, DEFAULT_KEY_PEM, PublishPlan, Revoked};
use super::read::unreadable;
use super::settings::default_cache_control;
use super::{CrlStores, RevocationLists, diagnostics};
use crate::aws::arn::Arn;
use crate::aws::objects::ObjectLocation;
use crate::pki::revocation::{self, Revocation, RevocationList};
use crate::pki::{Certificate, KeyDocument};
use crate::resources::pki::issuer::{Issuer, IssuerPlan, default_usage, read_document};
use crate::resources::pki::publication::{connected_objects, read};

impl<S: CrlStores> RevocationLists<S> {
    /// Returns the state of the list with an import ID.
    pub(super) async fn find(&self, id: &str, call: &Call) -> Result<Imported<Crl>, Diagnostics> {
        let (arn, location) = parts(id).ok_or_else(|| diagnostics::import_id(id))?;
        let document =
            read_document(arn, &Crl::paths().issuer().into(), &self.stores, call).await?;
        let Some(certificate) = document.certificate() else {
            return Err(diagnostics::import_id(id));
        };
        let objects = connected_objects(&self.stores, call).await?;
        let object = read(&objects, call, &location).await;
        let object = object.map_err(|error| unreadable(&error, &location))?;
        let object = object.ok_or_else(|| diagnostics::nothing_to_import(&location))?;
        let crl = revocation::Crl::read(&object.body, certificate);
        let crl =
            crl.map_err(|error| diagnostics::not_the_published_list(&location, &error.into()))?;
        let list = crl.list();
        let validity_hours = validity_hours(list);
        let cache_control = object.properties.cache_control;
        let cache_control =
            cache_control.filter(|found| *found != default_cache_control(validity_hours));
        Ok(Imported::new(CrlPlan {
            issuer: Planned::Known(issuer(arn, &document, certificate)),
            validity_hours: validity_hours.into(),
            publish: Planned::Known(PublishPlan {
                cache_control: cache_control.into(),
                ..publish(location)
            }),
            ..as_configured(list)
        }))
    }
}

/// Reads an import ID: `secretsmanager:<ARN>|s3://<bucket>/<key>`.
fn parts(id: &str) -> Option<(&str, ObjectLocation)> {
    let (secret, object) = id.split_once('|')?;
    let arn = secret.strip_prefix("secretsmanager:").unwrap_or(secret);
    let is_secret = Arn::parse(arn).is_some_and(|arn| arn.is_of("secretsmanager", "secret:"));
    let location = ObjectLocation::parse(object).filter(|_| is_secret)?;
    Some((arn, location))
}

/// Returns the `issuer` object of an authority with the default uses.
fn issuer(arn: &str, document: &KeyDocument, certificate: &Certificate) -> IssuerPlan {
    let chain = document.chain();
    let issuer = Issuer {
        certificate_pem: certificate.to_pem(),
        chain_pem: chain
            .iter()
            .map(|certificate| certificate.to_pem())
            .collect(),
        secret_arn: arn.to_owned(),
        kms_key_arn: document.key().kms_arn().map(str::to_owned),
        signature_algorithm: document.signature_algorithm().name().to_owned(),
        usage: default_usage(),
        spki_sha256: certificate.public_key().sha256().to_string(),
    };
    issuer.into()
}

/// Returns the location, with the key of the PEM object beside the DER object.
fn publish(location: ObjectLocation) -> PublishPlan {
    let stem = [".crl", ".der"]
        .iter()
        .find_map(|extension| location.key.strip_suffix(extension))
        .unwrap_or(&location.key);
    let key_pem = match location.key.as_str() {
        DEFAULT_KEY_DER => DEFAULT_KEY_PEM.to_owned(),
        _ => format!("{stem}.pem"),
    };
    PublishPlan {
        bucket: location.bucket.into(),
        key_der: location.key.into(),
        key_pem: key_pem.into(),
        ..PublishPlan::default()
    }
}

/// Returns the validity period of a list in whole hours. A list of other software can have less than one hour.
fn validity_hours(list: &RevocationList) -> i64 {
    let validity = list.next_update.duration_since(list.this_update);
    validity.as_hours().max(1)
}

/// Returns the configuration of a list.
fn as_configured(list: &RevocationList) -> CrlPlan {
    let urls = list.distribution_points.iter().cloned().map(Planned::Known);
    let urls: Vec<_> = urls.collect();
    let revoked = list.entries.iter().map(|entry| {
        let serial_number = entry.serial_number.to_string();
        (serial_number, Planned::Known(revoked(entry).into()))
    });
    CrlPlan {
        revoked: Planned::Known(revoked.collect::<BTreeMap<_, _>>()),
        scope: list.scope.name().to_owned().into(),
        issuing_distribution_points: (!urls.is_empty()).then_some(urls).into(),
        on_destroy: "retain".to_owned().into(),
        ..CrlPlan::default()
    }
}

fn revoked(entry: &Revocation) -> Revoked {
    Revoked {
        revoked_at: entry.revoked_at.to_string(),
        reason: entry.reason.map(|reason| reason.name().to_owned()),
        invalidity_date: entry.invalidity_date.map(|instant| instant.to_string()),
        certificate_not_after: None,
    }
}
