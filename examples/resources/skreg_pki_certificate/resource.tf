# A root for a development environment. In production, use an intermediate authority as the issuer.
resource "skreg_pki_root_ca" "this" {
  subject = {
    common_name = "Example Root CA"
  }

  key_algorithm = "ECDSA_P384"
  validity_days = 3650
  usage         = ["sign_leaf", "sign_crl"]

  secrets_manager = {
    name = "example/pki/root-ca"
  }
}

# The provider generates the key. A plan in the last 30 days of the validity period renews the certificate for a new key.
resource "skreg_pki_certificate" "server" {
  issuer              = skreg_pki_root_ca.this.issuer
  allow_root_issuance = true

  secrets_manager = {
    name = "example/pki/server"
  }

  dns_names          = ["api.example.com"]
  extended_key_usage = ["server_auth"]
  validity_hours     = 2160
  renew_before_hours = 720
}

# The private key remains with the requester.
variable "client_csr_pem" {
  description = "Certificate signing request in PEM format."
  type        = string
}

resource "skreg_pki_certificate" "client" {
  issuer              = skreg_pki_root_ca.this.issuer
  allow_root_issuance = true
  csr_pem             = var.client_csr_pem

  subject = {
    common_name = "build-agent"
  }

  extended_key_usage = ["client_auth"]
  validity_hours     = 168
}

output "server_certificate_chain" {
  value = "${skreg_pki_certificate.server.certificate_pem}${skreg_pki_certificate.server.chain_pem}"
}
