# An application with a database, a bucket, and one secret.
module "app" {
  source = "../../modules/scaleway-app"

  name         = var.name
  environment  = var.environment
  settings     = var.settings
  image        = var.image
  image_sha256 = var.image_sha256

  environment_variables = { GREETING = "hello" }
  secret_versions       = { API_TOKEN = var.api_token_version }
  secret_values         = { API_TOKEN = var.api_token }
  inject_secret_values  = var.inject_secret_values

  database_name             = "shop"
  database_password_version = var.database_password_version

  bucket_name           = var.bucket_name
  bucket_administrators = var.bucket_administrators

  api_key_expires_at = var.api_key_expires_at

  alert_emails      = var.alert_emails
  alert_webhook_url = var.alert_webhook_url

  deletion_protection = !var.disposable

  tags = { team = "shop" }
}
