variable "region" {
  description = "AWS region for all resources. Defaults to the region from the environment or the profile."
  type        = string
  default     = null
}

variable "environment_suffix" {
  description = "Suffix that identifies the environment. All names contain it."
  type        = string
  nullable    = false
}

variable "production" {
  description = "Whether the API serves production traffic."
  type        = bool
  default     = true
  nullable    = false
}

variable "image_uris" {
  description = "Images of the services, with a tag or a digest. Leave them empty until you push the first images."
  type = object({
    v1 = optional(string, "")
    v2 = optional(string, "")
  })
  default  = {}
  nullable = false
}

variable "gpu" {
  description = "GPU instances: the instance type and the maximum number of instances."
  type = object({
    instance_type = string
    max_instances = optional(number, 1)
  })
  default = null
}

variable "secrets" {
  description = "Existing secrets by environment variable, with the functions that rotate them."
  type = map(object({
    arn = string
    rotation = optional(object({
      function_arn = string
      days         = optional(number, 30)
    }))
  }))
  default  = {}
  nullable = false
}

variable "domain_name" {
  description = "Domain name of the load balancer. Requires hosted_zone_id."
  type        = string
  default     = null
}

variable "hosted_zone_id" {
  description = "ID of the Route 53 hosted zone for the domain."
  type        = string
  default     = null
}

variable "cdn" {
  description = "Domain and certificate of the CDN. The certificate must be in us-east-1."
  type = object({
    domain_name     = optional(string)
    certificate_arn = optional(string)
  })
  default  = {}
  nullable = false
}

variable "alarm_topic_arns" {
  description = "ARNs of the SNS topics that receive alarms."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether to prevent deletion of everything that stores data."
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
