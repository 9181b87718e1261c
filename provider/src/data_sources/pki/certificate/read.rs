//! Decodes the certificate and compares its key with the tags of its secret.

use jiff::Timestamp;
use tfplugin::{Call, Diagnostics};

use super::model::{Certificate, CertificatePlan};
use super::validate::decoded;
use super::{Certificates, diagnostics};
use crate::aws::arn::Arn;
use crate::aws::secrets::{SecretDescription, SecretStore, SecretStores};
use crate::aws::tags::ROOT_KEY_TAG;
use crate::pki::decoded::DecodedCertificate;

impl<S: SecretStores> Certificates<S> {
    /// Returns the decoded certificate and, if `secret_arn` is set, the attributes of its secret.
    pub(super) async fn content(
        &self,
        config: CertificatePlan,
        call: &Call,
    ) -> Result<Certificate, Diagnostics> {
        let paths = Certificate::paths();
        let certificate_pem: String = config.certificate_pem.settle(paths.certificate_pem())?;
        let secret_arn = config.secret_arn.into_known();
        let certificate = decoded(&certificate_pem)?;
        let secret = match &secret_arn {
            Some(arn) => Some(self.secret_of(arn, &certificate, call).await?),
            None => None,
        };
        let of_secret =
            |field: fn(SecretDescription) -> Option<String>| secret.clone().and_then(field);
        Ok(Certificate {
            certificate_pem,
            secret_arn,
            certificate: (&certificate).into(),
            validity_status: validity_status(&certificate, (self.now)()).to_owned(),
            secret_name: of_secret(|secret| Some(secret.name)),
            secret_version_id: of_secret(|secret| secret.current_version_id),
            secret_kms_key_id: of_secret(|secret| secret.kms_key_id),
            timeouts: config.timeouts.settle(paths.timeouts())?,
        })
    }

    /// Describes a secret and checks that it contains the key of the certificate.
    async fn secret_of(
        &self,
        arn: &str,
        certificate: &DecodedCertificate,
        call: &Call,
    ) -> Result<SecretDescription, Diagnostics> {
        let described = async {
            let store = self.stores.open().await?;
            if let Some(parsed) = Arn::parse(arn) {
                let region = store.identity().expect_region(&parsed);
                region.map_err(diagnostics::elsewhere)?;
            }
            let description = store.describe(arn).await;
            description.map_err(|error| Diagnostics::from(diagnostics::not_described(arn, &error)))
        };
        let description = tokio::select! {
            biased;
            () = call.cancel.cancelled() => return Err(diagnostics::stopped(arn).into()),
            () = tokio::time::sleep_until(call.deadline.into()) => return Err(diagnostics::stopped(arn).into()),
            description = described => description?,
        };
        if description.pending_deletion() {
            return Err(diagnostics::pending_deletion(&description).into());
        }
        let expected = certificate.public_key.sha256().to_string();
        match description.tags.get(ROOT_KEY_TAG) {
            None => Err(diagnostics::foreign(&description.arn).into()),
            Some(found) if *found != expected => {
                Err(diagnostics::another_key(&description.arn, found, &expected).into())
            }
            Some(_) => Ok(description),
        }
    }
}

/// Returns the validity status. A certificate is `expiring` in the last tenth of its validity period, as in `skreg_pki_root_ca`.
fn validity_status(certificate: &DecodedCertificate, now: Timestamp) -> &'static str {
    let (begin, end) = (certificate.not_before, certificate.not_after);
    let tenth = (end.seconds() - begin.seconds()) / 10;
    if begin.is_after(now) {
        "not_yet_valid"
    } else if end.is_before(now) {
        "expired"
    } else if now.as_second() >= end.seconds() - tenth {
        "expiring"
    } else {
        "valid"
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn validity_status_depends_on_the_time() {
        let mut parameters = CertificateParams::default();
        parameters.not_before = date_time_ymd(2026, 1, 1);
        // 100 days.
        parameters.not_after = date_time_ymd(2026, 4, 11);
        let key = KeyPair::generate().unwrap();
        let der = parameters.self_signed(&key).unwrap().der().to_vec();
        let certificate = DecodedCertificate::from_der(&der).unwrap();
        for (time, expected) in [
            ("2025-12-31T23:59:59.9Z", "not_yet_valid"),
            ("2026-01-01T00:00:00Z", "valid"),
            ("2026-03-31T23:59:59Z", "valid"),
            ("2026-04-01T00:00:00Z", "expiring"),
            ("2026-04-11T00:00:00Z", "expiring"),
            ("2026-04-11T00:00:00.1Z", "expired"),
        ] {
            let found = validity_status(&certificate, time.parse().unwrap());
            assert_eq!(found, expected, "{time}");
        }
    }
}
