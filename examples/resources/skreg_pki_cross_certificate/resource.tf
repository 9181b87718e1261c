resource "skreg_pki_root_ca" "first" {
  subject       = { common_name = "Example Root CA G1", organization = "Example" }
  key_algorithm = "ECDSA_P384"
  validity_days = 3650
  path_length   = 2

  secrets_manager = {
    name = "example/pki/root-ca-g1"
  }
}

resource "skreg_pki_root_ca" "second" {
  subject       = { common_name = "Example Root CA G2", organization = "Example" }
  key_algorithm = "ECDSA_P384"
  validity_days = 3650

  secrets_manager = {
    name = "example/pki/root-ca-g2"
  }
}

# Clients that trust only the first root accept certificates below the second root if they receive this certificate.
resource "skreg_pki_cross_certificate" "second_by_first" {
  subject_ca    = skreg_pki_root_ca.second.issuer
  signed_by     = skreg_pki_root_ca.first.issuer
  validity_days = 730
}

output "cross_certificate" {
  value = skreg_pki_cross_certificate.second_by_first.certificate_pem
}
