variable "region" {
  description = "AWS region for all resources. Defaults to the region from the environment or the profile."
  type        = string
  default     = null
}

variable "name" {
  description = "Name of the pipeline."
  type        = string
  default     = "shop"
  nullable    = false
}

variable "environment" {
  description = "Environment, which is the suffix of all names."
  type        = string
  default     = "dev"
  nullable    = false
}

variable "repository" {
  description = "Name of the CodeCommit repository."
  type        = string
  nullable    = false
}

variable "notification_email" {
  description = "E-mail address that receives failed executions."
  type        = string
  nullable    = false
}

variable "disposable" {
  description = "Whether destroying the pipeline deletes the artifacts and the images. Set it to true only for tests."
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
