# The identity provider for GitHub, of which an account can have one. Where another registry is in the account, or will
# be, it belongs in a configuration of its own: see examples/github-oidc-provider.
module "github_oidc_provider" {
  source = "../../modules/skreg/modules/github-oidc-provider"
}

# The registry with what it takes by default. Region and credentials come from where every AWS tool takes them.
module "skreg" {
  source = "../../modules/skreg"

  github_repository        = var.github_repository
  github_oidc_provider_arn = module.github_oidc_provider.arn

  deletion_protection = !var.disposable
  force_destroy       = var.disposable
}
