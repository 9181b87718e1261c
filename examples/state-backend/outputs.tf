output "bucket_name" {
  description = "Name of the bucket."
  value       = module.state.bucket_name
}

output "backend" {
  description = "Block with the backend, for the file backend.tf."
  value       = module.state.backend
}

output "user_policy" {
  description = "IAM policy with the permissions to use the state of this configuration."
  value       = module.state.user_policy
}
