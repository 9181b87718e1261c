# The identity provider for GitHub. All registries in an account share it. Apply this configuration once for each
# account.
module "github_oidc_provider" {
  source = "../../modules/skreg/modules/github-oidc-provider"
}
