output "bucket_name" {
  description = "Name of the bucket."
  value       = module.state.bucket_name
}

output "bucket_endpoint" {
  description = "Endpoint of the bucket for S3 clients."
  value       = module.state.bucket_endpoint
}

output "backend" {
  description = "Block with the backend, for the file backend.tf."
  value       = module.state.backend
}

output "alert_rules" {
  description = "Group of alert rules for the bucket."
  value       = module.state.alert_rules
}
