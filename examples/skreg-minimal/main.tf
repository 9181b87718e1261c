# The identity provider for GitHub. An account can have only one. If the account has more than one registry, create the
# identity provider in a separate configuration, as in examples/github-oidc-provider.
module "github_oidc_provider" {
  source = "../../modules/skreg/modules/github-oidc-provider"
}

# A registry with default values. The provider resolves the region and credentials like other AWS tools.
module "skreg" {
  source = "../../modules/skreg"

  github_repository        = var.github_repository
  github_oidc_provider_arn = module.github_oidc_provider.arn

  deletion_protection = !var.disposable
  force_destroy       = var.disposable
}
