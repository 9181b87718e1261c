output "trust_bundle" {
  description = "Roots that clients trust in PEM format."
  value       = skreg_pki_trust_bundle.this.bundle_pem
}

output "server_certificate" {
  description = "Certificate of the server in PEM format."
  value       = skreg_pki_certificate.server.certificate_pem
}

output "server_chain" {
  description = "Certificates that the server sends after its own certificate in PEM format."
  value = join("", concat(
    [skreg_pki_certificate.server.chain_pem],
    [for crossing in skreg_pki_cross_certificate.between : crossing.certificate_pem],
  ))
}

output "issuing_serial_number" {
  description = "Serial number of the issuing authority in hexadecimal."
  value       = skreg_pki_intermediate_ca.issuing.serial_number
}

output "retired_root" {
  description = "Certificate of the retired generation in PEM format. Empty if no generation is retired."
  value = join("", [
    for name, generation in var.generations : skreg_pki_root_ca.generation[name].certificate_pem
    if generation.status == "retired"
  ])
}

output "fingerprints" {
  description = "SHA-256 fingerprints of the roots in the trust bundle. Compare them over an independent channel."
  value       = skreg_pki_trust_bundle.this.fingerprints
}
