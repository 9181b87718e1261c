# The identity provider for GitHub, once for each account: all registries in the account share it.
module "github_oidc_provider" {
  source = "../../modules/skreg/modules/github-oidc-provider"
}
