# The base of all environments of a profile.
module "base" {
  source = "../../modules/preview-base"

  name               = var.name
  profile            = var.profile
  domain             = var.domain
  region             = var.region
  kubernetes_version = var.kubernetes_version
  kubeconfig         = var.kubeconfig

  network    = var.network
  node_pool  = var.node_pool
  postgresql = var.postgresql

  postgresql_password  = var.postgresql_password
  dns_token            = var.dns_token
  registry_credentials = var.registry_credentials
  secrets_version      = var.secrets_version

  acme_email  = var.acme_email
  acme_server = var.acme_server

  destroy_associated_resources = var.disposable
}
