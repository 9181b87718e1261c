terraform {
  required_providers {
    skreg = { source = "skreg/skreg" }
  }
}

variable "bucket" {
  type = string
}

variable "hierarchies" {
  type = map(object({
    key_algorithm       = string
    signature_algorithm = string
    leaf_algorithm      = string
    kms = optional(object({
      root         = string
      intermediate = string
      leaf         = string
    }))
  }))
}

resource "skreg_pki_root_ca" "this" {
  for_each = var.hierarchies

  subject             = { common_name = "${each.key} Root CA", organization = "skreg", country = "US" }
  key_algorithm       = each.value.key_algorithm
  signature_algorithm = each.value.signature_algorithm
  validity_days       = 3650
  deletion_protection = false
  kms                 = each.value.kms == null ? null : { key_arn = each.value.kms.root }
  secrets_manager     = { name = "${each.key}/root", recovery_window_in_days = 0 }
}

resource "skreg_pki_intermediate_ca" "this" {
  for_each = var.hierarchies

  subject                 = { common_name = "${each.key} Issuing CA", organization = "skreg", country = "US" }
  signed_by               = skreg_pki_root_ca.this[each.key].issuer
  key_algorithm           = each.value.key_algorithm
  signature_algorithm     = each.value.signature_algorithm
  validity_days           = 1825
  deletion_protection     = false
  extended_key_usage      = ["server_auth"]
  policy_oids             = ["1.3.6.1.4.1.99999.1"]
  crl_distribution_points = ["http://pki.example.com/${each.key}/root.crl"]
  ca_issuers_urls         = ["http://pki.example.com/${each.key}/root.cer"]
  kms                     = each.value.kms == null ? null : { key_arn = each.value.kms.intermediate }
  secrets_manager         = { name = "${each.key}/issuing", recovery_window_in_days = 0 }

  name_constraints = {
    permitted = { dns_domains = ["example.com"] }
    excluded  = { ip_ranges = ["0.0.0.0/0", "::/0"] }
  }
}

resource "skreg_pki_certificate" "server" {
  for_each = var.hierarchies

  issuer                  = skreg_pki_intermediate_ca.this[each.key].issuer
  key_algorithm           = each.value.leaf_algorithm
  subject                 = { common_name = "server.example.com" }
  dns_names               = ["server.example.com"]
  extended_key_usage      = ["server_auth"]
  validity_hours          = 24
  crl_distribution_points = ["http://pki.example.com/${each.key}/issuing.crl"]
  kms                     = each.value.kms == null ? null : { key_arn = each.value.kms.leaf }
  secrets_manager         = { name = "${each.key}/server", recovery_window_in_days = 0 }
}

resource "skreg_pki_certificate" "revoked" {
  for_each = var.hierarchies

  issuer                  = skreg_pki_intermediate_ca.this[each.key].issuer
  dns_names               = ["server.example.com"]
  extended_key_usage      = ["server_auth"]
  validity_hours          = 24
  crl_distribution_points = ["http://pki.example.com/${each.key}/issuing.crl"]
  secrets_manager         = { name = "${each.key}/revoked", recovery_window_in_days = 0 }
}

resource "skreg_pki_crl" "root" {
  for_each = var.hierarchies

  issuer         = skreg_pki_root_ca.this[each.key].issuer
  validity_hours = 168

  publish = {
    bucket  = var.bucket
    key_der = "${each.key}/root.crl"
    key_pem = "${each.key}/root.pem"
  }
}

resource "skreg_pki_crl" "issuing" {
  for_each = var.hierarchies

  issuer         = skreg_pki_intermediate_ca.this[each.key].issuer
  validity_hours = 168

  revoked = {
    (skreg_pki_certificate.revoked[each.key].serial_number) = {
      revoked_at = "2026-01-31T12:00:00Z"
      reason     = "key_compromise"
    }
  }

  publish = {
    bucket  = var.bucket
    key_der = "${each.key}/issuing.crl"
    key_pem = "${each.key}/issuing.pem"
  }
}

# The names of the server certificates violate the constraints of this root.
resource "skreg_pki_root_ca" "constrained" {
  subject             = { common_name = "Constrained Root CA" }
  key_algorithm       = "ECDSA_P256"
  validity_days       = 3650
  deletion_protection = false
  name_constraints    = { excluded = { dns_domains = ["server.example.com"] } }
  secrets_manager     = { name = "constrained/root", recovery_window_in_days = 0 }
}

resource "skreg_pki_crl" "constrained" {
  issuer         = skreg_pki_root_ca.constrained.issuer
  validity_hours = 168

  publish = {
    bucket  = var.bucket
    key_der = "constrained/root.crl"
    key_pem = "constrained/root.pem"
  }
}

resource "skreg_pki_cross_certificate" "this" {
  for_each = var.hierarchies

  subject_ca    = skreg_pki_intermediate_ca.this[each.key].issuer
  signed_by     = skreg_pki_root_ca.constrained.issuer
  validity_days = 365
}

output "cross_certificates" {
  value = { for name, one in skreg_pki_cross_certificate.this : name => one.certificate_pem }
}
