variable "region" {
  description = "AWS region of requests to IAM, which is a global service. Defaults to the region of the environment or the profile."
  type        = string
  default     = null
}
