//! The AWS KMS operations that are required to sign certificates with an asymmetric key.
//!
//! [`KmsKeys`] is the interface, and [`client::Kms`] is the implementation. A private key never leaves KMS. This module does not
//! interpret the messages that it sends.
//!
//! Every `arn` argument is a key ARN ([`parse_key_arn`]). KMS is eventually consistent: after a change to a key, policy,
//! or grant, calls can return the previous result for a short time (AWS KMS Developer Guide, "AWS KMS eventual
//! consistency").

pub mod client;
pub mod diagnostics;
mod identifier;
mod key;
mod message;
mod specification;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tfplugin::Diagnostics;

use super::errors::AwsError;
use super::identity::Identity;

pub use identifier::{KEY_ARN_RULE, NotAKeyArn, is_key_arn, parse_key_arn};
pub use key::{KeyProblem, KeyState, KmsKey, SIGN_VERIFY};
pub use message::{Message, MessageKind, MessageTooLong, RAW_LIMIT};
pub use specification::{KeySpec, SigningAlgorithm};

/// The key does not exist (`DescribeKey`).
pub const NOT_FOUND: &str = "NotFoundException";
/// The key is disabled (`Sign`).
pub const DISABLED: &str = "DisabledException";
/// The state of the key does not allow the call (`Sign`).
pub const INVALID_STATE: &str = "KMSInvalidStateException";
/// The usage or the specification of the key does not allow the call or the algorithm (`Sign`).
pub const INVALID_USAGE: &str = "InvalidKeyUsageException";
/// The call would have succeeded without `DryRun` (`Sign`).
pub const DRY_RUN: &str = "DryRunOperationException";

/// Interface to KMS.
pub trait KmsKeys: Send + Sync {
    /// Calls `DescribeKey`.
    ///
    /// # Errors
    /// Returns an error if the key does not exist ([`NOT_FOUND`]).
    fn describe(&self, arn: &str) -> impl Future<Output = Result<KmsKey, AwsError>> + Send;

    /// Calls `GetPublicKey`, and returns the DER-encoded `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7).
    ///
    /// # Errors
    /// Returns an error if the key does not exist ([`NOT_FOUND`]), has a state that does not allow the call
    /// ([`DISABLED`], [`INVALID_STATE`]), or is not asymmetric ([`INVALID_USAGE`]).
    fn public_key(&self, arn: &str) -> impl Future<Output = Result<Vec<u8>, AwsError>> + Send;

    /// Calls `Sign`. [`Message::new`] returns the message. The signature has the format of the `signatureValue` in a
    /// certificate: PKCS #1 (RFC 8017), DER-encoded `ECDSA-Sig-Value` (RFC 3279 section 2.2.3), or 64 octets (RFC
    /// 8032).
    ///
    /// # Errors
    /// Returns an error if the key does not exist ([`NOT_FOUND`]), has a state that does not allow the call
    /// ([`DISABLED`], [`INVALID_STATE`]), or does not support the algorithm ([`INVALID_USAGE`]).
    fn sign(
        &self,
        arn: &str,
        algorithm: SigningAlgorithm,
        kind: MessageKind,
        octets: &[u8],
    ) -> impl Future<Output = Result<Vec<u8>, AwsError>> + Send;

    /// Calls `Sign` with `DryRun`, which checks the permissions, the state of the key, and the algorithm, and does not
    /// sign. KMS reports success as [`DRY_RUN`], which this method returns as `Ok`.
    ///
    /// # Errors
    /// Returns an error in the same cases as [`KmsKeys::sign`].
    fn can_sign(
        &self,
        arn: &str,
        algorithm: SigningAlgorithm,
    ) -> impl Future<Output = Result<(), AwsError>> + Send;

    /// Returns the region and the account of the connection.
    fn identity(&self) -> Arc<Identity>;

    /// Waits before a retry.
    fn pause(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}

/// Source of the KMS client for a resource, after the provider is configured.
pub trait KmsKeySource: Send + Sync + 'static {
    /// Client type.
    type Keys: KmsKeys;

    /// Returns the connected client, or `None` if the provider configuration contains unknown values.
    ///
    /// # Errors
    /// Returns an error if the provider is not configured, or if the client cannot be created from its configuration.
    fn open_keys_if_known(
        &self,
    ) -> impl Future<Output = Result<Option<Self::Keys>, Diagnostics>> + Send;

    /// Returns the connected client.
    ///
    /// # Errors
    /// Returns an error in the same cases as [`KmsKeySource::open_keys_if_known`], and if the provider configuration
    /// contains unknown values.
    fn open_keys(&self) -> impl Future<Output = Result<Self::Keys, Diagnostics>> + Send;
}
