//! Mutual TLS with exactly one client. The server creates its own certificate and accepts a single client certificate.
//!
//! Hosts create a certificate for each process and pass it in the environment. The certificate is a self-signed certificate
//! authority (CA) with a P-521 key. The server cannot verify it as a chain, because webpki rejects a CA as an end entity and
//! some libraries do not support P-521. The server therefore compares the certificate byte by byte, and verifies the
//! handshake signature.

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

/// Reason that prevents the TLS server from being configured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum TlsError {
    /// The host's certificate cannot be read.
    #[error("PLUGIN_CLIENT_CERT does not contain a certificate in PEM format")]
    ClientCertificate(#[source] tokio_rustls::rustls::pki_types::pem::Error),
    /// The server certificate cannot be created.
    #[error("the certificate for the connection to the host cannot be created")]
    OwnCertificate(#[source] rcgen::Error),
    /// The TLS configuration is invalid.
    #[error("the TLS server cannot be configured")]
    Server(#[source] RustlsError),
}

/// TLS server that accepts a single client.
pub(crate) struct Tls {
    /// TLS configuration of the server.
    pub(crate) server: Arc<ServerConfig>,
    /// Server certificate, for the handshake line.
    pub(crate) certificate: CertificateDer<'static>,
}

impl Tls {
    /// Creates a P-256 key with a certificate for `localhost`. The server accepts only the client certificate in `client`
    /// (PEM format).
    ///
    /// # Errors
    /// Returns an error if `client` is not a certificate, or if the key or the certificate cannot be created.
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
        // Newer hosts reject a server that does not select HTTP/2 in ALPN.
        server.alpn_protocols = vec![b"h2".to_vec()];
        // A process serves a single connection, so sessions are never resumed.
        server.session_storage = Arc::new(NoServerSessionStorage {});
        server.send_tls13_tickets = 0;
        Ok(Self {
            server: Arc::new(server),
            certificate,
        })
    }
}

/// Creates the server certificate. Its validity period is the default of the library, 1975 to 4096, which does not depend on
/// the clock. The key exists only while the process runs.
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

/// Verifier that accepts a single certificate, which is compared byte by byte. The client must prove possession of the
/// private key.
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
