variable "region" {
  description = "AWS region for requests to IAM, which is a global service. Defaults to the region from the environment or the profile."
  type        = string
  default     = null
}
