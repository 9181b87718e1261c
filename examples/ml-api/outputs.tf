output "load_balancer_dns_name" {
  description = "DNS name of the load balancer."
  value       = module.ml_api.load_balancer_dns_name
}

output "cloudfront_url" {
  description = "URL of the CloudFront distribution."
  value       = module.ml_api.cloudfront_url
}

output "database_endpoint" {
  description = "Host name of the database writer."
  value       = module.ml_api.database_endpoint
}

output "database_secret_arn" {
  description = "ARN of the secret with the user name and the password of the database."
  value       = module.ml_api.database_secret_arn
}

output "session_table_name" {
  description = "Name of the table for sessions."
  value       = module.ml_api.session_table_name
}

output "ecr_repository_urls" {
  description = "URLs of the image repositories by service."
  value       = module.ml_api.ecr_repository_urls
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard."
  value       = module.ml_api.dashboard_name
}

output "flat" {
  description = "All outputs as strings."
  value = merge(
    {
      load_balancer_dns_name = module.ml_api.load_balancer_dns_name
      cloudfront_url         = module.ml_api.cloudfront_url
      database_endpoint      = module.ml_api.database_endpoint
      database_secret_arn    = module.ml_api.database_secret_arn
      session_table_name     = module.ml_api.session_table_name
      dashboard_name         = module.ml_api.dashboard_name
    },
    { for service, url in module.ml_api.ecr_repository_urls : "ecr_repository_url_${service}" => url },
  )
}
