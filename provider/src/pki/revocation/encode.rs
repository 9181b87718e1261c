//! DER encoding of certificate revocation lists (RFC 5280 section 5.1).
//!
//! The encoder of the certificate library does not support an `issuingDistributionPoint` without a URL, which a list that
//! covers only certificate authorities requires, and converts the issuer's name. This encoder copies the name from the
//! issuer's certificate. It does not check rules; [`super::lint`] checks the result.

use jiff::Timestamp;
use rustls_pki_types::alg_id;
use time::OffsetDateTime;
use yasna::models::{GeneralizedTime, ObjectIdentifier, UTCTime};
use yasna::{DERWriter, DERWriterSeq, Tag};

use super::list::{Revocation, RevocationList, Scope};
use crate::pki::fingerprint::KeyIdentifier;
use crate::pki::signature_algorithm::SignatureAlgorithm;

const CRL_NUMBER: [u64; 4] = [2, 5, 29, 20];
const REASON_CODE: [u64; 4] = [2, 5, 29, 21];
const INVALIDITY_DATE: [u64; 4] = [2, 5, 29, 24];
const ISSUING_DISTRIBUTION_POINT: [u64; 4] = [2, 5, 29, 28];
const AUTHORITY_KEY_IDENTIFIER: [u64; 4] = [2, 5, 29, 35];

/// Instant that a list cannot represent: it has a fraction of a second, or its year is not between 1950 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotRepresentable(pub(super) Timestamp);

/// Returns the DER TBSCertList that the issuer signs (RFC 5280 section 5.1.1.3). `issuer_name` is the DER name from the issuer's
/// certificate.
pub(super) fn to_be_signed(
    list: &RevocationList,
    issuer_name: &[u8],
    issuer_key: KeyIdentifier,
) -> Result<Vec<u8>, NotRepresentable> {
    yasna::try_construct_der(|writer| {
        writer.write_sequence(|fields| {
            // Version 2 (RFC 5280 section 5.1.2.1).
            fields.next().write_u8(1);
            write_algorithm(fields.next(), list.signature_algorithm);
            fields.next().write_der(issuer_name);
            write_time(fields.next(), list.this_update)?;
            write_time(fields.next(), list.next_update)?;
            // Without entries, the field must be absent (RFC 5280 section 5.1.2.6).
            if !list.entries.is_empty() {
                fields.next().write_sequence(|entries| {
                    let mut all = list.entries.iter();
                    all.try_for_each(|entry| write_entry(entries.next(), entry))
                })?;
            }
            fields.next().write_tagged(Tag::context(0), |writer| {
                writer.write_sequence(|extensions| write_extensions(extensions, list, issuer_key));
            });
            Ok(())
        })
    })
}

/// Returns the DER CertificateList with a signature on `message`.
pub(super) fn signed(message: &[u8], algorithm: SignatureAlgorithm, signature: &[u8]) -> Vec<u8> {
    yasna::construct_der(|writer| {
        writer.write_sequence(|fields| {
            fields.next().write_der(message);
            write_algorithm(fields.next(), algorithm);
            fields
                .next()
                .write_bitvec_bytes(signature, signature.len() * 8);
        });
    })
}

fn write_algorithm(writer: DERWriter<'_>, algorithm: SignatureAlgorithm) {
    let identifier = match algorithm {
        SignatureAlgorithm::Sha256WithRsa => alg_id::RSA_PKCS1_SHA256,
        SignatureAlgorithm::Sha384WithRsa => alg_id::RSA_PKCS1_SHA384,
        SignatureAlgorithm::Sha512WithRsa => alg_id::RSA_PKCS1_SHA512,
        SignatureAlgorithm::Sha256WithEcdsa => alg_id::ECDSA_SHA256,
        SignatureAlgorithm::Sha384WithEcdsa => alg_id::ECDSA_SHA384,
        SignatureAlgorithm::Sha512WithEcdsa => alg_id::ECDSA_SHA512,
        SignatureAlgorithm::Ed25519 => alg_id::ED25519,
    };
    // The constant contains the fields without the header of the SEQUENCE.
    writer.write_sequence(|parts| parts.next().write_der(identifier.as_ref()));
}

fn write_entry(writer: DERWriter<'_>, entry: &Revocation) -> Result<(), NotRepresentable> {
    writer.write_sequence(|fields| {
        let serial_number = entry.serial_number.magnitude();
        fields.next().write_bigint_bytes(serial_number, true);
        write_time(fields.next(), entry.revoked_at)?;
        if entry.reason.is_none() && entry.invalidity_date.is_none() {
            return Ok(());
        }
        let invalidity_date = entry.invalidity_date.map(date_time).transpose()?;
        fields.next().write_sequence(|extensions| {
            if let Some(reason) = entry.reason {
                write_extension(extensions, &REASON_CODE, false, |value| {
                    value.write_enum(i64::from(reason.code()));
                });
            }
            if let Some(date) = invalidity_date {
                // Always a GeneralizedTime (RFC 5280 section 5.3.2).
                write_extension(extensions, &INVALIDITY_DATE, false, |value| {
                    value.write_generalized_time(&GeneralizedTime::from_datetime(date));
                });
            }
        });
        Ok(())
    })
}

fn write_extensions(
    extensions: &mut DERWriterSeq<'_>,
    list: &RevocationList,
    issuer_key: KeyIdentifier,
) {
    write_extension(extensions, &AUTHORITY_KEY_IDENTIFIER, false, |value| {
        value.write_sequence(|parts| {
            parts.next().write_tagged_implicit(Tag::context(0), |id| {
                id.write_bytes(issuer_key.octets());
            });
        });
    });
    write_extension(extensions, &CRL_NUMBER, false, |value| {
        value.write_bigint_bytes(list.number.magnitude(), true);
    });
    if list.scope != Scope::All || !list.distribution_points.is_empty() {
        write_extension(extensions, &ISSUING_DISTRIBUTION_POINT, true, |value| {
            write_distribution_point(value, list);
        });
    }
}

/// Writes an `IssuingDistributionPoint` (RFC 5280 section 5.2.5).
fn write_distribution_point(writer: DERWriter<'_>, list: &RevocationList) {
    writer.write_sequence(|parts| {
        if !list.distribution_points.is_empty() {
            // `distributionPoint [0]` contains the choice `fullName [0]`.
            parts.next().write_tagged(Tag::context(0), |point| {
                point.write_tagged_implicit(Tag::context(0), |names| {
                    names.write_sequence(|names| {
                        for url in &list.distribution_points {
                            let name = names.next();
                            // `uniformResourceIdentifier [6]` (RFC 5280 section 4.2.1.6).
                            name.write_tagged_implicit(Tag::context(6), |value| {
                                value.write_ia5_string(url);
                            });
                        }
                    });
                });
            });
        }
        let flag = match list.scope {
            Scope::All => return,
            Scope::UserOnly => Tag::context(1),
            Scope::CaOnly => Tag::context(2),
        };
        let part = parts.next();
        part.write_tagged_implicit(flag, |value| value.write_bool(true));
    });
}

fn write_extension(
    extensions: &mut DERWriterSeq<'_>,
    oid: &[u64],
    critical: bool,
    value: impl FnOnce(DERWriter<'_>),
) {
    extensions.next().write_sequence(|parts| {
        parts.next().write_oid(&ObjectIdentifier::from_slice(oid));
        // DER omits the default FALSE.
        if critical {
            parts.next().write_bool(true);
        }
        parts.next().write_bytes(&yasna::construct_der(value));
    });
}

/// Writes a `Time`: UTCTime through 2049 and GeneralizedTime from 2050 (RFC 5280 section 5.1.2.4).
fn write_time(writer: DERWriter<'_>, instant: Timestamp) -> Result<(), NotRepresentable> {
    let date = date_time(instant)?;
    match date.year() {
        ..2050 => writer.write_utctime(&UTCTime::from_datetime(date)),
        _ => writer.write_generalized_time(&GeneralizedTime::from_datetime(date)),
    }
    Ok(())
}

fn date_time(instant: Timestamp) -> Result<OffsetDateTime, NotRepresentable> {
    let date = OffsetDateTime::from_unix_timestamp(instant.as_second());
    match date {
        Ok(date) if instant.subsec_nanosecond() == 0 && (1950..=9999).contains(&date.year()) => {
            Ok(date)
        }
        _ => Err(NotRepresentable(instant)),
    }
}
