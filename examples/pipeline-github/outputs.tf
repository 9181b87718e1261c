output "pipeline_name" {
  description = "Name of the pipeline."
  value       = module.pipeline.pipeline_name
}

output "connection_status" {
  description = "Status of the connection to GitHub: PENDING until you authorize it in the console."
  value       = module.pipeline.connection_status
}

output "image_repository_url" {
  description = "URL of the image repository."
  value       = module.pipeline.image_repository_url
}

output "github_token_secret_name" {
  description = "Name of the secret for the GitHub token."
  value       = module.pipeline.github_token_secret_name
}
