variable "region" {
  description = "AWS region for all resources. Defaults to the region from the environment or the profile."
  type        = string
  default     = null
}

variable "name" {
  description = "Name of the registry."
  type        = string
  default     = "skreg"
  nullable    = false
}

variable "environment" {
  description = "Environment of the registry: prod, staging, or dev."
  type        = string
  default     = "prod"
  nullable    = false
}

variable "github_repository" {
  description = "GitHub repository whose main branch can push images, as owner/name."
  type        = string
  nullable    = false
}

variable "github_oidc_provider_arn" {
  description = "ARN of the identity provider for GitHub. Defaults to the identity provider that examples/github-oidc-provider creates in the account."
  type        = string
  default     = null
}

variable "api_image_uri" {
  description = "API image, with a tag or a digest. Leave it empty until you push the first image."
  type        = string
  default     = ""
  nullable    = false
}

variable "worker_image_uri" {
  description = "Worker image, with a tag or a digest. Leave it empty until you push the first image."
  type        = string
  default     = ""
  nullable    = false
}

variable "api_tasks" {
  description = "Number of API tasks."
  type        = number
  default     = 1
  nullable    = false
}

variable "domain_name" {
  description = "Domain name for the API (optional). Create a DNS record that points the domain to the load balancer."
  type        = string
  default     = null
}

variable "certificate_arn" {
  description = "ARN of the ACM certificate for the domain. Required with domain_name."
  type        = string
  default     = null
}

variable "cdn" {
  description = "Domain, certificate, and web ACL for the CDN. The certificate and the web ACL must be in us-east-1."
  type = object({
    domain_name     = optional(string)
    certificate_arn = optional(string)
    web_acl_arn     = optional(string)
  })
  default  = {}
  nullable = false
}

variable "nat_gateway" {
  description = "NAT gateways for the private subnets: none, single, or per_zone."
  type        = string
  default     = "single"
  nullable    = false
}

variable "multi_az" {
  description = "Whether to create a standby instance of the database in a second Availability Zone."
  type        = bool
  default     = false
  nullable    = false
}

variable "hsm_backend" {
  description = "Location of the keys of the certificate authorities: hsm (AWS KMS) or software (Secrets Manager). Cannot be changed after the first apply."
  type        = string
  default     = "hsm"
  nullable    = false
}

variable "database_password_version" {
  description = "Version of the database password. Increase it to change the password."
  type        = number
  default     = 1
  nullable    = false
}

variable "disposable" {
  description = "Whether destroying the registry deletes all its data. Set it to true only for tests."
  type        = bool
  default     = false
  nullable    = false
}

variable "tags" {
  description = "Tags for all resources."
  type        = map(string)
  default     = {}
  nullable    = false
}
