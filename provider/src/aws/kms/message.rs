//! Messages for the `Sign` action.
//!
//! Follows the AWS KMS API reference, page `Sign`: a `RAW` message has 1 to 4096 octets; with `MessageType` `DIGEST`,
//! the caller sends the digest, which must have the length of the hash function of the signing algorithm;
//! `ED25519_SHA_512` requires `RAW`. The type depends only on the algorithm, so that a policy with the condition
//! `kms:MessageType` allows either every message of a key or none.

use std::borrow::Cow;

use aws_lc_rs::digest;
use aws_sdk_kms::types::MessageType;

use super::specification::SigningAlgorithm;

/// Maximum length of a `RAW` message in octets (`Sign`, `Message`).
pub const RAW_LIMIT: usize = 4096;

/// Meaning of the octets in a `Sign` request (`Sign`, `MessageType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// The octets are the message. KMS computes the digest.
    Raw,
    /// The octets are the digest of the message.
    Digest,
}

impl MessageKind {
    pub(super) fn sdk(self) -> MessageType {
        match self {
            Self::Raw => MessageType::Raw,
            Self::Digest => MessageType::Digest,
        }
    }
}

/// Message of a `Sign` request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'a> {
    /// Meaning of the octets.
    pub kind: MessageKind,
    /// Message or digest.
    pub octets: Cow<'a, [u8]>,
}

/// The message is too long for an algorithm that accepts only `RAW` messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message has {octets} octets, but {} signs at most {limit}", algorithm.name())]
pub struct MessageTooLong {
    /// Signing algorithm.
    pub algorithm: SigningAlgorithm,
    /// Length of the message.
    pub octets: usize,
    /// Maximum length.
    pub limit: usize,
}

impl<'a> Message<'a> {
    /// Returns the message that requests a signature of `to_be_signed`: its digest, or the octets if the algorithm does
    /// not accept a digest.
    ///
    /// # Errors
    /// Returns an error if the message has more than [`RAW_LIMIT`] octets and the algorithm does not accept a digest.
    pub fn new(
        algorithm: SigningAlgorithm,
        to_be_signed: &'a [u8],
    ) -> Result<Self, MessageTooLong> {
        match algorithm.hash() {
            Some(hash) => Ok(Self {
                kind: MessageKind::Digest,
                octets: Cow::Owned(digest::digest(hash, to_be_signed).as_ref().to_vec()),
            }),
            None if to_be_signed.len() <= RAW_LIMIT => Ok(Self {
                kind: MessageKind::Raw,
                octets: Cow::Borrowed(to_be_signed),
            }),
            None => Err(MessageTooLong {
                algorithm,
                octets: to_be_signed.len(),
                limit: RAW_LIMIT,
            }),
        }
    }

    /// Returns a message for a call with `DryRun`. It has the same type as every other message for the algorithm.
    pub(super) fn for_dry_run(algorithm: SigningAlgorithm) -> Message<'static> {
        let octets: &[u8] = &[0];
        let message = Message::new(algorithm, octets);
        message.expect("one octet is within the limit")
    }
}

impl SigningAlgorithm {
    /// Returns the maximum length of a message in octets, or `None` if the length is not limited.
    #[must_use]
    pub fn message_limit(self) -> Option<usize> {
        match self.hash() {
            Some(_) => None,
            None => Some(RAW_LIMIT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_of_a_message_depends_only_on_the_algorithm() {
        for algorithm in SigningAlgorithm::ALL {
            let expected = match algorithm {
                SigningAlgorithm::Ed25519Sha512 => MessageKind::Raw,
                _ => MessageKind::Digest,
            };
            for length in [1, 4096] {
                let octets = vec![7; length];
                let message = Message::new(algorithm, &octets).unwrap();
                assert_eq!(message.kind, expected, "{} {length}", algorithm.name());
                let is_unchanged = *message.octets == octets[..];
                assert_eq!(is_unchanged, expected == MessageKind::Raw);
            }
            let dry_run = Message::for_dry_run(algorithm);
            let real = Message::new(algorithm, &[7; 100]).unwrap();
            assert_eq!(dry_run.kind, real.kind, "{}", algorithm.name());
            let is_digest = real.kind == MessageKind::Digest;
            assert!(!is_digest || dry_run.octets.len() == real.octets.len());
        }
    }

    /// Digests of 4097 zero octets, computed with `head -c 4097 /dev/zero | openssl dgst -sha256` and so on.
    #[test]
    fn messages_are_replaced_by_the_digest_of_the_algorithm() {
        let octets = vec![0; 4097];
        for (algorithm, expected) in [
            (SigningAlgorithm::RsassaPkcs1V15Sha256, DIGEST_256),
            (SigningAlgorithm::EcdsaSha256, DIGEST_256),
            (SigningAlgorithm::RsassaPkcs1V15Sha384, DIGEST_384),
            (SigningAlgorithm::EcdsaSha384, DIGEST_384),
            (SigningAlgorithm::RsassaPkcs1V15Sha512, DIGEST_512),
            (SigningAlgorithm::EcdsaSha512, DIGEST_512),
        ] {
            let message = Message::new(algorithm, &octets).unwrap();
            assert_eq!(message.kind, MessageKind::Digest, "{}", algorithm.name());
            let found: String = message.octets.iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(found, expected, "{}", algorithm.name());
            assert_eq!(algorithm.message_limit(), None);
        }
        let refused = Message::new(SigningAlgorithm::Ed25519Sha512, &octets).unwrap_err();
        assert_eq!((refused.octets, refused.limit), (4097, 4096));
        assert!(refused.to_string().contains("ED25519_SHA_512"), "{refused}");
        let limit = SigningAlgorithm::Ed25519Sha512.message_limit();
        assert_eq!(limit, Some(4096));
    }

    const DIGEST_256: &str = "b587fa297299ce9c602e58292b51379402bf7b1074f6b18679c2fb871c917ca8";
    const DIGEST_384: &str = "3e5e35fdaea23c135d8c56561b0f15852c8f80ad0fd6e96f46875235abec106a\
        f6943abdda5334d933f781af6432bdbb";
    const DIGEST_512: &str = "42908a948a4a1a47cbfc2064f6c58cb5810f56028568e3f8cc8d9f0835863aa5\
        26c66bb7f40eb50a597b6a1acb26471a595ea7c84d17c075de376f1a18d6899e";
}
