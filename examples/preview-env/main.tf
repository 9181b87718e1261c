# An environment of a pull request, or of production.
module "environment" {
  source = "../../modules/preview-env"

  app          = var.app
  domain       = var.domain
  profile      = var.profile
  pull_request = var.pull_request
  web_image    = var.web_image
  api_image    = var.api_image

  base = {
    for name, value in local.base : name => value if name != "kubeconfig"
  }

  web_configuration = var.web_configuration
  api_configuration = var.api_configuration
  seed_command      = var.seed_command

  database_password    = var.database_password
  secret_values        = { APP_KEY = var.app_key }
  secrets_version      = var.secrets_version
  registry_credentials = var.registry_credentials

  replicas  = var.replicas
  resources = var.resources
  quota     = var.quota
}
