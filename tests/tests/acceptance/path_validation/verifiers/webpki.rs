//! rustls-webpki, which verifies server certificates in TLS clients that use rustls.

use std::time::Duration;

use anyhow::{Context as _, Result};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use webpki::{
    ALL_VERIFICATION_ALGS, CertRevocationList, EndEntityCert, Error, ExpirationPolicy, KeyUsage,
    OwnedCertRevocationList, RevocationCheckDepth, RevocationOptionsBuilder, UnknownStatusPolicy,
    anchor_from_trusted_cert,
};

use super::super::path::{HOST, Path};
use super::Verdict;

/// Returns the verdict of rustls-webpki. All certificates must be on no revocation list, and all lists must be current.
pub(super) fn verify(path: &Path) -> Result<Verdict> {
    let [anchor, intermediate, certificate] = [&path.anchor, &path.intermediate, &path.certificate]
        .map(|pem| CertificateDer::from_pem_slice(pem.as_bytes()));
    let (anchor, intermediates, certificate) = (anchor?, [intermediate?], certificate?);
    let lists = path.lists.iter().map(|pem| {
        let der = CertificateRevocationListDer::from_pem_slice(pem.as_bytes())?;
        let list = OwnedCertRevocationList::from_der(&der).map_err(anyhow::Error::msg)?;
        Ok(CertRevocationList::from(list))
    });
    let lists = lists.collect::<Result<Vec<_>>>()?;
    let lists: Vec<_> = lists.iter().collect();
    let revocation = RevocationOptionsBuilder::new(&lists)
        .ok()
        .context("no revocation lists")?
        .with_depth(RevocationCheckDepth::Chain)
        .with_status_policy(UnknownStatusPolicy::Deny)
        .with_expiration_policy(ExpirationPolicy::Enforce)
        .build();
    let anchors = [anchor_from_trusted_cert(&anchor).map_err(anyhow::Error::msg)?];
    let server = EndEntityCert::try_from(&certificate).map_err(anyhow::Error::msg)?;
    let verified = server.verify_for_usage(
        ALL_VERIFICATION_ALGS,
        &anchors,
        &intermediates,
        UnixTime::since_unix_epoch(Duration::from_secs(path.time)),
        KeyUsage::server_auth(),
        Some(revocation),
        None,
    );
    let host = ServerName::try_from(HOST)?;
    let result = verified.and_then(|_| server.verify_is_valid_for_subject_name(&host));
    Ok(match result {
        Ok(()) => Verdict::Valid,
        Err(Error::CertRevoked) => Verdict::Revoked,
        Err(Error::CertExpired { .. }) => Verdict::Expired,
        Err(Error::NameConstraintViolation) => Verdict::NameNotPermitted,
        Err(Error::UnknownIssuer) => Verdict::UnknownIssuer,
        Err(error) => Verdict::Other(format!("{error:?}")),
    })
}
