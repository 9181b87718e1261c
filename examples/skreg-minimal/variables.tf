variable "github_repository" {
  description = "GitHub repository whose main branch can push images, as owner/name."
  type        = string
  nullable    = false
}

variable "disposable" {
  description = "Whether destroying the registry deletes all its data. Use it for tests only."
  type        = bool
  default     = false
  nullable    = false
}
