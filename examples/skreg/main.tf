# A registry in a separate environment, with images from a pipeline and an optional domain.
module "skreg" {
  source = "../../modules/skreg"

  name              = var.name
  environment       = var.environment
  github_repository = var.github_repository

  # A placeholder image runs until the pipeline pushes the first images.
  api_image_uri    = var.api_image_uri
  worker_image_uri = var.worker_image_uri

  api = {
    cpu           = 512
    memory        = 1024
    desired_count = var.api_tasks
  }

  domain_name     = var.domain_name
  certificate_arn = var.certificate_arn
  cdn             = var.cdn

  nat_gateway = var.nat_gateway
  multi_az    = var.multi_az

  database = {
    instance_class        = "db.t4g.micro"
    backup_retention_days = 14
  }

  # Location of the keys of the certificate authorities: hsm (AWS KMS) or software (Secrets Manager).
  hsm_backend = var.hsm_backend

  # To change the database password, increase this number and apply. The apply updates the database, the secret, and the
  # tasks.
  database_password_version = var.database_password_version

  github_oidc_provider_arn = var.github_oidc_provider_arn

  deletion_protection = !var.disposable
  force_destroy       = var.disposable

  tags = var.tags
}
