resource "skreg_pki_root_ca" "this" {
  subject = {
    common_name  = "Example Root CA"
    organization = "Example"
    country      = "DE"
  }

  key_algorithm = "ECDSA_P384"
  validity_days = 3650

  secrets_manager = {
    name = "example/pki/root-ca"
  }
}

output "root_certificate" {
  value = skreg_pki_root_ca.this.certificate_pem
}
