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
