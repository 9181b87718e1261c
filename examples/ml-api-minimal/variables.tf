variable "environment_suffix" {
  description = "Suffix that identifies the environment. All names contain it."
  type        = string
  nullable    = false
}
