# Lints certificates and revocation lists with pkilint. Reads a JSON list of documents, and writes a JSON list of findings.
import json
import sys

from pkilint import loader, pkix
from pkilint.bin import lint_pkix_signer_signee_cert_chain as issuance
from pkilint.pkix import certificate, crl, extension, name
from pkilint.validation import ValidationFindingSeverity


def certificate_validator():
    decoders = certificate.create_decoding_validators(
        name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS
    )
    return certificate.create_pkix_certificate_validator_container(
        decoders,
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )


def list_validator():
    return crl.create_pkix_crl_validator_container(
        [
            pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
            pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
        ],
        [
            crl.create_issuer_validator_container([]),
            crl.create_validity_validator_container([]),
            crl.create_extensions_validator_container([]),
        ],
    )


CERTIFICATES = certificate_validator()
LISTS = list_validator()
DECODERS = issuance.create_decoder_validation_container()
ISSUERS = issuance.create_issuer_validation_container()
SUBJECTS = issuance.create_subject_validation_container()


def load_certificate(pem, *arguments):
    return loader.RFC5280CertificateDocumentLoader().load_pem_document(pem, *arguments)


def lint_issuance(issuer_pem, subject_pem):
    """Compares the certificate with that of its issuer, and verifies the signature."""
    documents = {}
    issuer = load_certificate(issuer_pem, "issuer", "issuer", documents)
    documents["issuer"] = issuer
    subject = load_certificate(subject_pem, "subject", "subject", documents)
    documents["subject"] = subject
    return (
        DECODERS.validate(issuer.root)
        + DECODERS.validate(subject.root)
        + ISSUERS.validate(issuer.root)
        + SUBJECTS.validate(subject.root)
    )


def lint(document):
    if document["kind"] != "certificate":
        loaded = loader.RFC5280CertificateListDocumentLoader().load_pem_document(
            document["pem"], "list"
        )
        return LISTS.validate(loaded.root)
    results = CERTIFICATES.validate(load_certificate(document["pem"], "certificate").root)
    if document["issuer"] is not None:
        results += lint_issuance(document["issuer"], document["pem"])
    return results


findings = [
    {
        "hierarchy": document["hierarchy"],
        "document": document["document"],
        "severity": found.finding.severity.name,
        "code": found.finding.code,
        "message": found.message,
    }
    for document in json.load(sys.stdin)
    for result in lint(document)
    for found in result.finding_descriptions
    if found.finding.severity <= ValidationFindingSeverity.WARNING
]
json.dump(findings, sys.stdout)
