variable "region" {
  description = "AWS region of all resources. Defaults to the region of the environment or the profile."
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
  description = "Environment of the registry: prod, staging or dev."
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
  description = "ARN of the identity provider for GitHub. Defaults to the provider of the account, which examples/github-oidc-provider creates."
  type        = string
  default     = null
}

variable "api_image_uri" {
  description = "Image of the API with a tag or a digest. Leave it empty until the first image is pushed."
  type        = string
  default     = ""
  nullable    = false
}

variable "worker_image_uri" {
  description = "Image of the worker with a tag or a digest. Leave it empty until the first image is pushed."
  type        = string
  default     = ""
  nullable    = false
}

variable "api_tasks" {
  description = "Number of tasks of the API."
  type        = number
  default     = 1
  nullable    = false
}

variable "domain_name" {
  description = "Domain of the API, which you point at the load balancer. Optional."
  type        = string
  default     = null
}

variable "certificate_arn" {
  description = "ARN of the ACM certificate for the domain. Required with domain_name."
  type        = string
  default     = null
}

variable "cdn" {
  description = "Domain, certificate and web ACL of the CDN. The certificate and the web ACL must be in us-east-1."
  type = object({
    domain_name     = optional(string)
    certificate_arn = optional(string)
    web_acl_arn     = optional(string)
  })
  default  = {}
  nullable = false
}

variable "nat_gateway" {
  description = "NAT gateways of the private subnets: none, single or per_zone."
  type        = string
  default     = "single"
  nullable    = false
}

variable "multi_az" {
  description = "Whether the database has a standby in a second availability zone."
  type        = bool
  default     = false
  nullable    = false
}

variable "database_password_version" {
  description = "Version of the database password. Increase it to change the password."
  type        = number
  default     = 1
  nullable    = false
}

variable "disposable" {
  description = "Whether a destroy deletes the registry with all its data. Use it for tests only."
  type        = bool
  default     = false
  nullable    = false
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
  nullable    = false
}
