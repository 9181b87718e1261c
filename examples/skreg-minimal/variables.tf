variable "github_repository" {
  description = "GitHub repository whose main branch may push images, as owner/name."
  type        = string
  nullable    = false
}

variable "disposable" {
  description = "Everything can be destroyed at once, with what is in it. Only for trying things out."
  type        = bool
  default     = false
  nullable    = false
}
