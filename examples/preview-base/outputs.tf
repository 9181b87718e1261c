output "profile" {
  description = "Profile of the base."
  value       = module.base.profile
}

output "domain" {
  description = "Domain of the environments."
  value       = module.base.domain
}

output "cluster_id" {
  description = "ID of the cluster."
  value       = module.base.cluster_id
}

output "kubeconfig" {
  description = "Kubeconfig of the cluster."
  value       = module.base.kubeconfig
  sensitive   = true
}

output "gateway_name" {
  description = "Name of the gateway."
  value       = module.base.gateway_name
}

output "gateway_namespace" {
  description = "Namespace of the gateway."
  value       = module.base.gateway_namespace
}

output "gateway_address" {
  description = "IP address of the gateway."
  value       = module.base.gateway_address
}

output "gateway_hosts" {
  description = "Hosts of the gateway."
  value       = module.base.gateway_hosts
}

output "tls_secret_name" {
  description = "Secret with the certificate."
  value       = module.base.tls_secret_name
}

output "postgresql_host" {
  description = "Fully qualified host name of PostgreSQL."
  value       = module.base.postgresql_host
}

output "postgresql_port" {
  description = "Port of PostgreSQL."
  value       = module.base.postgresql_port
}

output "postgresql_sslmode" {
  description = "Value of sslmode for PostgreSQL."
  value       = module.base.postgresql_sslmode
}

output "postgresql_database" {
  description = "Existing database to which jobs connect."
  value       = module.base.postgresql_database
}

output "postgresql_cidr" {
  description = "Address range of a managed database."
  value       = module.base.postgresql_cidr
}

output "postgresql_namespace" {
  description = "Namespace of jobs that create databases."
  value       = module.base.postgresql_namespace
}

output "postgresql_admin_secret" {
  description = "Secret with the credentials of the administrator."
  value       = module.base.postgresql_admin_secret
}

output "postgresql_image" {
  description = "Image of PostgreSQL."
  value       = module.base.postgresql_image
}
