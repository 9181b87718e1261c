variable "region" {
  description = "AWS region to deploy to. Null takes the region of the environment or the profile."
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
  description = "What the registry is for: prod, staging or dev."
  type        = string
  default     = "prod"
  nullable    = false
}

variable "github_repository" {
  description = "GitHub repository whose main branch may push images, as owner/name."
  type        = string
  nullable    = false
}

variable "github_oidc_provider_arn" {
  description = "ARN of the identity provider for GitHub; null is that of the account, which examples/github-oidc-provider creates."
  type        = string
  default     = null
}

variable "api_image_uri" {
  description = "Image of the API, with a tag or a digest; empty before the first one was pushed."
  type        = string
  default     = ""
  nullable    = false
}

variable "worker_image_uri" {
  description = "Image of the worker, with a tag or a digest; empty before the first one was pushed."
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
  description = "Domain that you point at the load balancer; null for none."
  type        = string
  default     = null
}

variable "certificate_arn" {
  description = "ARN of the certificate for the domain; null for none."
  type        = string
  default     = null
}

variable "cdn" {
  description = "Domain of the CDN with its certificate, and a web ACL, both of us-east-1; empty for neither."
  type = object({
    domain_name     = optional(string)
    certificate_arn = optional(string)
    web_acl_arn     = optional(string)
  })
  default  = {}
  nullable = false
}

variable "nat_gateway" {
  description = "How private subnets reach the internet: none, single or per_zone."
  type        = string
  default     = "single"
  nullable    = false
}

variable "multi_az" {
  description = "Keeps a standby of the database in a second zone."
  type        = bool
  default     = false
  nullable    = false
}

variable "database_password_version" {
  description = "Raise it to give the database a new password."
  type        = number
  default     = 1
  nullable    = false
}

variable "disposable" {
  description = "Everything can be destroyed at once, with what is in it. Only for trying things out."
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
