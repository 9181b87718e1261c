output "api_url" {
  description = "Where the API answers."
  value       = module.skreg.api_url
}

output "cdn_base_url" {
  description = "Where the world gets packages."
  value       = module.skreg.cdn_base_url
}

output "bucket_name" {
  description = "The bucket for packages."
  value       = module.skreg.bucket_name
}

output "root_ca_cert" {
  description = "Certificate of the root, PEM. Give it to everyone who verifies."
  value       = module.skreg.root_ca_cert
}

output "root_ca_key_secret_name" {
  description = "Secret that holds the key of the root."
  value       = module.skreg.root_ca_key_secret_name
}

output "ecr_api_repo" {
  description = "Where images of the API are pushed to."
  value       = module.skreg.ecr_api_repo
}

output "ecr_worker_repo" {
  description = "Where images of the worker are pushed to."
  value       = module.skreg.ecr_worker_repo
}

output "oidc_role_arn" {
  description = "The role that pushes images: give it to the repository as the variable AWS_ROLE_ARN."
  value       = module.skreg.oidc_role_arn
}

output "connection_secret_name" {
  description = "Secret whose whole value is the connection URL of the database."
  value       = module.skreg.connection_secret_name
}

output "worker_service_name" {
  description = "The ECS service of the worker."
  value       = module.skreg.worker_service_name
}

output "load_balancer_dns_name" {
  description = "Host name of the load balancer, for the DNS record of the domain."
  value       = module.skreg.load_balancer_dns_name
}

output "cdn_domain_name" {
  description = "Host name of the CDN, for the DNS record of its domain."
  value       = module.skreg.cdn_domain_name
}
