# A root certificate authority. The provider generates the private key and stores it in Secrets Manager. The key is never
# written to plans, state, or logs.
resource "skreg_pki_root_ca" "this" {
  subject = {
    common_name  = var.common_name
    organization = var.organization
  }

  key_algorithm = var.key_algorithm
  validity_days = var.validity_days
  path_length   = 1

  secrets_manager = {
    name                    = var.secret_name
    recovery_window_in_days = var.recovery_window_in_days
  }

  deletion_protection = var.deletion_protection
  tags                = var.tags
}
