variable "region" {
  description = "AWS region for the bucket. Defaults to the region from the environment or the profile."
  type        = string
  default     = null
}

variable "name" {
  description = "Name of the application or the organization. The name of the bucket starts with it."
  type        = string
  default     = "skreg"
  nullable    = false
}

variable "environment" {
  description = "Name of the environment, which is part of the name of the bucket."
  type        = string
  default     = "prod"
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of the KMS key that encrypts the states. Defaults to the AWS managed key aws/s3."
  type        = string
  default     = null
}

variable "retention_days" {
  description = "Days for which an earlier version of a state can be restored."
  type        = number
  default     = 90
  nullable    = false
}

variable "disposable" {
  description = "Whether destroy deletes the bucket and all states. After a change, run apply before destroy."
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
