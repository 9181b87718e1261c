resource "skreg_pki_root_ca" "this" {
  subject       = { common_name = "Example Root CA", organization = "Example" }
  key_algorithm = "ECDSA_P384"
  validity_days = 3650

  secrets_manager = {
    name = "example/pki/root-ca"
  }
}

resource "skreg_pki_intermediate_ca" "this" {
  subject       = { common_name = "Example Issuing CA", organization = "Example" }
  signed_by     = skreg_pki_root_ca.this.issuer
  key_algorithm = "ECDSA_P384"
  validity_days = 1825

  extended_key_usage      = ["server_auth", "client_auth"]
  crl_distribution_points = ["http://pki.example.com/root-ca.crl"]

  name_constraints = {
    permitted = {
      dns_domains = ["example.com"]
    }
  }

  secrets_manager = {
    name = "example/pki/issuing-ca"
  }
}
