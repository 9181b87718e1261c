output "pipeline_name" {
  description = "Name of the pipeline."
  value       = module.pipeline.pipeline_name
}

output "image_repository_url" {
  description = "URL of the image repository."
  value       = module.pipeline.image_repository_url
}
