variable "region" {
  description = "AWS region to send requests to. IAM has none; null takes the region of the environment or the profile."
  type        = string
  default     = null
}
