output "arn" {
  description = "ARN of the identity provider."
  value       = module.github_oidc_provider.arn
}
