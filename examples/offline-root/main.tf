# The online authority. The offline root certifies its key, and clients trust only the offline root. The self-signed
# certificate of the online authority is not distributed.
resource "skreg_pki_root_ca" "online" {
  subject = {
    common_name  = "Example Online CA"
    organization = "Example"
  }

  key_algorithm       = "ECDSA_P384"
  validity_days       = 1825
  path_length         = 1
  deletion_protection = !var.disposable

  # A key in AWS KMS, if one is specified.
  kms = var.kms_key_arn == null ? null : { key_arn = var.kms_key_arn }

  # A key from the offline machine, if one is supplied. It is used only to create the authority, and is not stored in the
  # state.
  private_key_pem_wo         = var.private_key_pem
  private_key_pem_wo_version = var.private_key_pem_version

  secrets_manager = {
    name                    = "${var.name}/online-ca-key"
    recovery_window_in_days = var.disposable ? 0 : 30
  }
}

resource "skreg_pki_intermediate_ca" "issuing" {
  subject = {
    common_name  = "Example Issuing CA"
    organization = "Example"
  }

  signed_by           = skreg_pki_root_ca.online.issuer
  key_algorithm       = "ECDSA_P384"
  validity_days       = 730
  usage               = ["sign_leaf", "sign_crl"]
  deletion_protection = !var.disposable

  secrets_manager = {
    name                    = "${var.name}/issuing-ca-key"
    recovery_window_in_days = var.disposable ? 0 : 30
  }
}

output "online_certificate" {
  description = "Self-signed certificate of the online authority in PEM format. The offline root certifies its key."
  value       = skreg_pki_root_ca.online.certificate_pem
}

output "issuing_certificate" {
  description = "Certificate of the issuing authority in PEM format."
  value       = skreg_pki_intermediate_ca.issuing.certificate_pem
}
