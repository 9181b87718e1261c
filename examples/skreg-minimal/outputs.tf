output "api_url" {
  description = "URL of the API."
  value       = module.skreg.api_url
}

output "oidc_role_arn" {
  description = "ARN of the role that pushes images. Set it as the variable AWS_ROLE_ARN of the GitHub repository."
  value       = module.skreg.oidc_role_arn
}
