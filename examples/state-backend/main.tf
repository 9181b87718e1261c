# A bucket for Terraform states. The first state in the bucket is the state of this configuration.
module "state" {
  source = "../../modules/state-backend"

  name        = var.name
  environment = var.environment
  kms_key_arn = var.kms_key_arn

  retention_days      = var.retention_days
  deletion_protection = !var.disposable

  tags = var.tags
}
