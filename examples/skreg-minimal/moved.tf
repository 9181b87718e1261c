# Earlier versions of the registry created the identity provider for GitHub. This block keeps that identity provider.
moved {
  from = module.skreg.module.github_identity.aws_iam_openid_connect_provider.github[0]
  to   = module.github_oidc_provider.aws_iam_openid_connect_provider.this
}
