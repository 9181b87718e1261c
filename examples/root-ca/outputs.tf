output "root_ca_cert_pem" {
  description = "Root certificate in PEM format. Clients verify certificates with it."
  value       = skreg_pki_root_ca.this.certificate_pem
}

output "serial_number" {
  description = "Serial number of the certificate in hexadecimal."
  value       = skreg_pki_root_ca.this.serial_number
}

output "subject_key_id" {
  description = "Subject key identifier in hexadecimal. Certificates that this root issues use it as the authority key identifier."
  value       = skreg_pki_root_ca.this.subject_key_id
}

output "certificate_sha256" {
  description = "SHA-256 fingerprint of the certificate. Verify it over an independent channel."
  value       = skreg_pki_root_ca.this.certificate_sha256
}

output "not_after" {
  description = "End of the validity period as an RFC 3339 time."
  value       = skreg_pki_root_ca.this.not_after_actual
}

output "secret_arn" {
  description = "ARN of the secret that contains the private key. It is also the import ID."
  value       = skreg_pki_root_ca.this.secret_arn
}
