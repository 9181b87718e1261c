variable "root_certificate_pem" {
  description = "Certificate of the root in PEM format, from the trust bundle."
  type        = string
}

variable "root_secret_arn" {
  description = "ARN of the secret with the key of the root, which another configuration manages."
  type        = string
}

data "skreg_pki_certificate" "root" {
  certificate_pem = var.root_certificate_pem
  secret_arn      = var.root_secret_arn
}

check "root_certificate" {
  assert {
    condition     = data.skreg_pki_certificate.root.validity_status == "valid"
    error_message = "The root certificate ends at ${data.skreg_pki_certificate.root.certificate.not_after}."
  }
}
