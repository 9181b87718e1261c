resource "skreg_pki_root_ca" "this" {
  subject = {
    common_name = "Example Root CA"
  }

  validity_days = 3650
  usage         = ["sign_leaf", "sign_crl"]

  secrets_manager = {
    name = "example/pki/root-ca"
  }
}

resource "skreg_pki_certificate" "server" {
  issuer              = skreg_pki_root_ca.this.issuer
  allow_root_issuance = true

  secrets_manager = {
    name = "example/pki/server"
  }

  dns_names          = ["api.example.com"]
  extended_key_usage = ["server_auth"]
  validity_hours     = 2160
}

ephemeral "skreg_pki_private_key" "server" {
  secret_arn = skreg_pki_certificate.server.secret_arn
  version_id = skreg_pki_certificate.server.secret_version_id
}

# The key is passed to a write-only argument. The version changes with each certificate.
resource "aws_ssm_parameter" "server_key" {
  name             = "/example/server-key"
  type             = "SecureString"
  value_wo         = ephemeral.skreg_pki_private_key.server.private_key_pem
  value_wo_version = parseint(substr(skreg_pki_certificate.server.serial_number, 0, 8), 16)
}
