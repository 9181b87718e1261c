output "api_url" {
  description = "Where the API answers."
  value       = module.skreg.api_url
}

output "oidc_role_arn" {
  description = "The role that pushes images: give it to the repository as the variable AWS_ROLE_ARN."
  value       = module.skreg.oidc_role_arn
}
