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
