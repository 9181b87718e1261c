variable "region" {
  description = "AWS region for all resources. Defaults to the region from the environment or the profile."
  type        = string
  default     = null

  validation {
    condition     = var.region == null || can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Must be an AWS region, such as eu-central-1."
  }
}

variable "name" {
  description = "Name of the deployment, which is part of all resource names."
  type        = string
  default     = "skreg"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,22}[a-z0-9]$", var.name))
    error_message = "Must be 2 to 24 lowercase letters, digits, and hyphens, start with a letter, and not end with a hyphen."
  }
}

variable "cidr_block" {
  description = "CIDR block of the VPC. A /16 block is divided into /24 subnets."
  type        = string
  default     = "10.0.0.0/16"
  nullable    = false

  validation {
    condition     = can(cidrnetmask(var.cidr_block)) && can(cidrsubnet(var.cidr_block, 8, 20))
    error_message = "Must be an IPv4 CIDR block with space for 8 additional prefix bits, such as 10.0.0.0/16."
  }
}

variable "nat_gateway" {
  description = "Whether to create a NAT gateway for the private subnets. Without a NAT gateway, tasks can access VPC endpoints only."
  type        = bool
  default     = true
  nullable    = false
}

variable "image" {
  description = "Container image for the API and the worker: repository and tag."
  type = object({
    repository_url = string
    tag            = string
  })
  default = {
    repository_url = "public.ecr.aws/amazonlinux/amazonlinux"
    tag            = "2023"
  }
  nullable = false
}

variable "api" {
  description = "API settings: CPU units, memory in MiB, number of tasks, container command, and health check path."
  type = object({
    cpu               = optional(number, 512)
    memory            = optional(number, 1024)
    desired_count     = optional(number, 1)
    command           = optional(list(string), ["python3", "-m", "http.server", "8080"])
    health_check_path = optional(string, "/")
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.api.desired_count >= 0
    error_message = "The number of tasks must not be negative."
  }

  validation {
    condition     = startswith(var.api.health_check_path, "/")
    error_message = "The health check path must start with a slash, such as /healthz."
  }
}

variable "worker" {
  description = "Worker settings: CPU units, memory in MiB, number of tasks, and container command."
  type = object({
    cpu           = optional(number, 256)
    memory        = optional(number, 512)
    desired_count = optional(number, 1)
    command       = optional(list(string), ["sleep", "infinity"])
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.worker.desired_count >= 0
    error_message = "The number of tasks must not be negative."
  }
}

variable "log_retention_in_days" {
  description = "Container log retention in days."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365], var.log_retention_in_days)
    error_message = "Must be 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, or 365 days."
  }
}

variable "deletion_protection" {
  description = "Whether to prevent deletion of the services. Set it to false and apply before you destroy the services."
  type        = bool
  default     = true
  nullable    = false
}

variable "tags" {
  description = "Tags for all resources."
  type        = map(string)
  default     = {}
  nullable    = false
}
