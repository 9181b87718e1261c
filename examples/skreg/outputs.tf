output "api_url" {
  description = "URL of the API."
  value       = module.skreg.api_url
}

output "cdn_base_url" {
  description = "Base URL for packages on the CDN."
  value       = module.skreg.cdn_base_url
}

output "bucket_name" {
  description = "Name of the package bucket."
  value       = module.skreg.bucket_name
}

output "root_ca_cert" {
  description = "Certificate of the root CA in PEM format. Clients verify packages with it."
  value       = module.skreg.root_ca_cert
}

output "root_ca_key_secret_name" {
  description = "Name of the secret that contains the key document of the root CA."
  value       = module.skreg.root_ca_key_secret_name
}

output "hsm_backend" {
  description = "Location of the keys of the certificate authorities: hsm (AWS KMS) or software (Secrets Manager)."
  value       = module.skreg.hsm_backend
}

output "hsm_key_id" {
  description = "ID of the root key: the ID of the KMS key, or the ARN of the secret."
  value       = module.skreg.hsm_key_id
}

output "intermediate_ca_cert_secret_name" {
  description = "Name of the secret that contains the certificate of the intermediate CA."
  value       = module.skreg.intermediate_ca_cert_secret_name
}

output "crl_bucket_path" {
  description = "S3 URI of the certificate revocation list in PEM format."
  value       = module.skreg.crl_bucket_path
}

output "crl_url" {
  description = "URL of the certificate revocation list in DER format."
  value       = module.skreg.crl_url
}

output "ecr_api_repo" {
  description = "URL of the image repository for the API."
  value       = module.skreg.ecr_api_repo
}

output "ecr_worker_repo" {
  description = "URL of the image repository for the worker."
  value       = module.skreg.ecr_worker_repo
}

output "oidc_role_arn" {
  description = "ARN of the role that pushes images. Set the AWS_ROLE_ARN variable in the GitHub repository to this ARN."
  value       = module.skreg.oidc_role_arn
}

output "connection_secret_name" {
  description = "Name of the secret that contains the connection URL of the database."
  value       = module.skreg.connection_secret_name
}

output "worker_service_name" {
  description = "Name of the ECS service for the worker."
  value       = module.skreg.worker_service_name
}

output "load_balancer_dns_name" {
  description = "Host name of the load balancer, for the domain's DNS record."
  value       = module.skreg.load_balancer_dns_name
}

output "cdn_domain_name" {
  description = "Host name of the CDN, for the CDN domain's DNS record."
  value       = module.skreg.cdn_domain_name
}
