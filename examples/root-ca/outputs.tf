output "root_ca_cert_pem" {
  description = "The root certificate, PEM. Give it to everyone who verifies."
  value       = skreg_pki_root_ca.this.certificate_pem
}

output "serial_number" {
  description = "Serial number of the certificate, hexadecimal."
  value       = skreg_pki_root_ca.this.serial_number
}

output "subject_key_id" {
  description = "Subject key identifier, hexadecimal. Certificates issued by this root name it as their authority."
  value       = skreg_pki_root_ca.this.subject_key_id
}

output "certificate_sha256" {
  description = "SHA-256 fingerprint of the certificate, for comparison over a second channel."
  value       = skreg_pki_root_ca.this.certificate_sha256
}

output "not_after" {
  description = "End of validity, RFC 3339."
  value       = skreg_pki_root_ca.this.not_after_actual
}

output "secret_arn" {
  description = "Secret that holds the private key. Its ARN is also the import id."
  value       = skreg_pki_root_ca.this.secret_arn
}
