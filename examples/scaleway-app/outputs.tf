output "api_endpoint" {
  description = "URL of the container."
  value       = module.app.api_endpoint
}

output "health_endpoint" {
  description = "URL of the health check."
  value       = module.app.health_endpoint
}

output "database_host" {
  description = "IP address of the database in the private network."
  value       = module.app.database_host
}

output "database_password_secrets" {
  description = "Secret version with the password of each database user."
  value       = module.app.database_password_secrets
}

output "bucket_name" {
  description = "Name of the bucket."
  value       = module.app.bucket_name
}

output "grafana_url" {
  description = "URL of Grafana."
  value       = module.app.grafana_url
}

output "alert_manager_url" {
  description = "URL of the alert manager."
  value       = module.app.alert_manager_url
}

output "metrics_urls" {
  description = "URLs of the data sources that evaluate the alert rules."
  value       = module.app.metrics_urls
}

output "alert_rules" {
  description = "Group of alert rules for each data source."
  value       = module.app.alert_rules
}

output "alert_webhook" {
  description = "Contact and route of the webhook."
  value       = module.app.alert_webhook
  sensitive   = true
}

output "dashboard" {
  description = "Dashboard for the API of Grafana."
  value       = module.app.dashboard
}

output "audit_log_url" {
  description = "URL of the Audit Trail API for the project."
  value       = module.app.audit_log_url
}

output "settings" {
  description = "Values of the profile after the overrides."
  value       = module.app.settings
}
