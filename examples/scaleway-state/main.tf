# A bucket for Terraform states.
module "state" {
  source = "../../modules/scaleway-state"

  bucket_name           = var.bucket_name
  bucket_administrators = var.bucket_administrators
  state_users           = var.state_users
  state_key             = var.state_key
  retention_days        = var.retention_days
  alert_emails          = var.alert_emails
  deletion_protection   = !var.disposable
}
