variable "crl_pem" {
  description = "Certificate revocation list in PEM format."
  type        = string
}

variable "issuer_certificate_pem" {
  description = "Certificate of the authority that issues the revocation list, in PEM format."
  type        = string
}

data "skreg_pki_crl" "this" {
  crl_pem                = var.crl_pem
  issuer_certificate_pem = var.issuer_certificate_pem
}

check "revocation_list" {
  assert {
    condition     = data.skreg_pki_crl.this.is_fresh
    error_message = "The revocation list is not current."
  }
}
