# A registry of a version that made the identity provider for GitHub itself: it goes on as that of the account.
moved {
  from = module.skreg.module.github_identity.aws_iam_openid_connect_provider.github[0]
  to   = module.github_oidc_provider.aws_iam_openid_connect_provider.this
}
