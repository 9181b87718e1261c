variable "root_certificate_pem" {
  description = "Root certificate from the trust bundle, in PEM format."
  type        = string
}

variable "root_secret_arn" {
  description = "ARN of the secret that contains the root key. Another configuration manages this secret."
  type        = string
}

data "skreg_pki_certificate" "root" {
  certificate_pem = var.root_certificate_pem
  secret_arn      = var.root_secret_arn
}

check "root_certificate" {
  assert {
    condition     = data.skreg_pki_certificate.root.validity_status == "valid"
    error_message = "The validity status of the root certificate is ${data.skreg_pki_certificate.root.validity_status}."
  }
}
