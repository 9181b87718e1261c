//! Mutual TLS with exactly one peer: the server's own certificate, and the one client certificate that it takes.
//!
//! Hosts make a certificate per process and hand it over in the environment. It is a certificate authority of its own
//! with a P-521 key, so it cannot be checked as a chain (webpki refuses an authority as an end entity) nor with
//! cryptography that lacks P-521. It is compared byte by byte instead, and the handshake's signature is verified.

use std::sync::Arc;

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::{
    CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, UnixTime};
use tokio_rustls::rustls::server::NoServerSessionStorage;
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName as Name, Error as RustlsError,
    ServerConfig, SignatureScheme,
};

/// Why no TLS server could be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum TlsError {
    /// The host's certificate cannot be read.
    #[error("PLUGIN_CLIENT_CERT holds no certificate in PEM form")]
    ClientCertificate(#[source] tokio_rustls::rustls::pki_types::pem::Error),
    /// No certificate of our own.
    #[error("no certificate could be made for the connection to the host")]
    OwnCertificate(#[source] rcgen::Error),
    /// The parts do not fit together.
    #[error("no TLS server could be set up")]
    Server(#[source] RustlsError),
}

/// A TLS server for one client.
pub(crate) struct Tls {
    /// How connections are taken.
    pub(crate) server: Arc<ServerConfig>,
    /// The certificate that the server shows, for the handshake line.
    pub(crate) certificate: CertificateDer<'static>,
}

impl Tls {
    /// Makes a P-256 key with a certificate for `localhost`, and takes only the client whose certificate is `client` (PEM).
    ///
    /// # Errors
    /// When `client` is no certificate, or no key can be made.
    pub(crate) fn pinned(client: &str) -> Result<Self, TlsError> {
        let client = CertificateDer::from_pem_slice(client.as_bytes())
            .map_err(TlsError::ClientCertificate)?;
        let (certificate, key) = own_certificate().map_err(TlsError::OwnCertificate)?;
        let crypto = Arc::new(aws_lc_rs::default_provider());
        let mut server = ServerConfig::builder_with_provider(Arc::clone(&crypto))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(TlsError::Server)?
            .with_client_cert_verifier(Arc::new(PinnedClient {
                certificate: client,
                crypto,
            }))
            .with_single_cert(vec![certificate.clone()], key.into())
            .map_err(TlsError::Server)?;
        // Newer hosts refuse a server that does not choose HTTP/2 here.
        server.alpn_protocols = vec![b"h2".to_vec()];
        // There is one connection in the life of the process: nothing to resume.
        server.session_storage = Arc::new(NoServerSessionStorage {});
        server.send_tls13_tickets = 0;
        Ok(Self {
            server: Arc::new(server),
            certificate,
        })
    }
}

/// The validity is the library's widest: the key lives as long as the process, and no clock is needed.
fn own_certificate() -> Result<(CertificateDer<'static>, PrivatePkcs8KeyDer<'static>), rcgen::Error>
{
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(["localhost".to_owned()])?;
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.self_signed(&key)?;
    Ok((
        certificate.der().clone(),
        PrivatePkcs8KeyDer::from(key.serialize_der()),
    ))
}

/// Takes one certificate, to the byte, and the peer that proves to hold its key.
#[derive(Debug)]
struct PinnedClient {
    certificate: CertificateDer<'static>,
    crypto: Arc<CryptoProvider>,
}

impl ClientCertVerifier for PinnedClient {
    fn root_hint_subjects(&self) -> &[Name] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, RustlsError> {
        if *end_entity == self.certificate {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.crypto.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.crypto.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.crypto
            .signature_verification_algorithms
            .supported_schemes()
    }
}
