# The identity provider for GitHub, which all registries of an account share. Apply it once for each account.
module "github_oidc_provider" {
  source = "../../modules/skreg/modules/github-oidc-provider"
}
