variable "github_repository" {
  description = "GitHub repository whose main branch can push images, as owner/name."
  type        = string
  nullable    = false
}

variable "disposable" {
  description = "Whether destroying the registry deletes all its data. Set it to true only for tests."
  type        = bool
  default     = false
  nullable    = false
}
