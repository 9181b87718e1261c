variable "certificate_pem" {
  description = "Certificate of the service, in PEM format."
  type        = string
}

variable "chain_pem" {
  description = "Certificates of intermediate authorities, in PEM format."
  type        = list(string)
  default     = []
}

variable "trust_bundle_pem" {
  description = "Certificates of trusted roots, in PEM format."
  type        = string
}

locals {
  # Check that the certificate stays valid for another 30 days.
  verification = provider::skreg::x509_chain_verify(
    var.certificate_pem,
    var.chain_pem,
    [var.trust_bundle_pem],
    timeadd(plantimestamp(), "720h"),
  )
}

check "service_certificate" {
  assert {
    condition     = local.verification.valid
    error_message = coalesce(local.verification.message, "The certificate is valid.")
  }
}
