output "api_url" {
  description = "URL of the API."
  value       = module.skreg.api_url
}

output "oidc_role_arn" {
  description = "ARN of the role that pushes images. Set the AWS_ROLE_ARN variable in the GitHub repository to this ARN."
  value       = module.skreg.oidc_role_arn
}
