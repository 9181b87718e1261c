//! The host side of the plugin handshake: the client certificate and mutual TLS, as in go-plugin.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hyper_util::rt::TokioIo;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P521_SHA512,
};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime,
};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tonic::transport::{Channel, Endpoint, Uri};

/// The client certificate and its key: an ECDSA P-521 key and a self-signed CA certificate, as in go-plugin.
pub(crate) struct Identity {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Identity {
    /// Generates a key and a self-signed certificate.
    ///
    /// # Errors
    /// Returns an error if the cryptographic library fails.
    pub(crate) fn generate() -> Result<Self> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512)?;
        let mut parameters = CertificateParams::new(vec!["localhost".to_string()])?;
        parameters
            .distinguished_name
            .push(DnType::CommonName, "localhost");
        parameters
            .distinguished_name
            .push(DnType::OrganizationName, "HashiCorp");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::KeyEncipherment,
            KeyUsagePurpose::KeyAgreement,
            KeyUsagePurpose::KeyCertSign,
        ];
        parameters.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ClientAuth,
            ExtendedKeyUsagePurpose::ServerAuth,
        ];
        let certificate = parameters.self_signed(&key)?;
        Ok(Self { certificate, key })
    }

    /// Returns the certificate as PEM.
    pub(crate) fn certificate_pem(&self) -> String {
        self.certificate.pem()
    }
}

/// The address and certificate of a provider.
pub(crate) struct Address {
    network: String,
    address: String,
    certificate: CertificateDer<'static>,
}

impl Address {
    /// Parses a handshake line: `1|6|unix|PATH|grpc|CERTIFICATE`.
    ///
    /// # Errors
    /// Returns an error if the line has another format.
    pub(crate) fn parse(line: &str) -> Result<Self> {
        let fields: Vec<&str> = line.trim_end().split('|').collect();
        let ["1", "6", network, address, "grpc", certificate, ..] = fields.as_slice() else {
            bail!("expected a handshake for protocol 6 over gRPC, found {line:?}");
        };
        let certificate = STANDARD_NO_PAD
            .decode(certificate)
            .context("decoding the server certificate")?;
        Ok(Self {
            network: (*network).into(),
            address: (*address).into(),
            certificate: certificate.into(),
        })
    }
}

/// Connects over mutual TLS.
///
/// # Errors
/// Returns an error if the address is unreachable, or if either side rejects the other side's certificate.
pub(crate) async fn connect(address: &Address, identity: &Identity) -> Result<Channel> {
    let connector = TlsConnector::from(Arc::new(tls(address, identity)?));
    let endpoint = Endpoint::from_static("http://localhost");
    let (network, place) = (address.network.clone(), address.address.clone());
    let connect = move |_: Uri| {
        let (connector, network, place) = (connector.clone(), network.clone(), place.clone());
        async move {
            let name = ServerName::try_from("localhost").map_err(std::io::Error::other)?;
            let stream: Box<dyn Stream> = match network.as_str() {
                "unix" => Box::new(UnixStream::connect(place).await?),
                _ => Box::new(TcpStream::connect(place).await?),
            };
            Ok::<_, std::io::Error>(TokioIo::new(connector.connect(name, stream).await?))
        }
    };
    Ok(endpoint
        .connect_with_connector(tower::service_fn(connect))
        .await?)
}

/// A stream for either network type.
trait Stream: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin {}

impl<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin> Stream for S {}

fn tls(address: &Address, identity: &Identity) -> Result<ClientConfig> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let pin = Pin {
        certificate: address.certificate.clone(),
        provider: provider.clone(),
    };
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(identity.key.serialize_der()));
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(pin))
        .with_client_auth_cert(vec![identity.certificate.der().clone()], key)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(config)
}

/// Accepts only the certificate from the handshake line. Chain validation would reject it, because it is a CA
/// certificate.
#[derive(Debug)]
struct Pin {
    certificate: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pin {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match *end_entity == self.certificate {
            true => Ok(ServerCertVerified::assertion()),
            false => Err(Error::General(
                "the certificate differs from the one in the handshake line".into(),
            )),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
