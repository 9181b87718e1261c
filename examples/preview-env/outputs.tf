output "web_url" {
  description = "URL of the web application."
  value       = module.environment.web_url
}

output "api_url" {
  description = "URL of the API."
  value       = module.environment.api_url
}

output "database_name" {
  description = "Name of the database."
  value       = module.environment.database_name
}

output "namespace" {
  description = "Namespace of the environment."
  value       = module.environment.namespace
}

output "migration_job" {
  description = "Name of the job that migrates the database."
  value       = module.environment.migration_job
}

output "demand" {
  description = "Resources that the pods require during a rolling update."
  value       = module.environment.demand
}
