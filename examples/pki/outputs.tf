output "root_ca_cert_pem" {
  description = "Certificate of the root CA in PEM format. Clients verify certificates with it."
  value       = module.pki.root_ca_cert_pem
}

output "root_ca_cert_sha256" {
  description = "SHA-256 fingerprint of the root certificate. Verify it over an independent channel."
  value       = module.pki.root_ca_cert_sha256
}

output "intermediate_ca_cert_pem" {
  description = "Certificate of the intermediate CA in PEM format."
  value       = module.pki.intermediate_ca_cert_pem
}

output "signing_key_secret_name" {
  description = "Name of the secret that contains the signing key and its certificate."
  value       = module.pki.signing_key_secret_name
}

output "signer_cert_pem" {
  description = "Certificate for the certificate signing request in PEM format. Null if no request is specified."
  value       = one(skreg_pki_certificate.signer[*].certificate_pem)
}

output "crl_url" {
  description = "URL of the certificate revocation list in DER format."
  value       = module.pki.crl_url
}
