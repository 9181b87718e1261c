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
  default     = "prod"
  nullable    = false
}

variable "github_repository" {
  description = "GitHub repository, in the format owner/name."
  type        = string
  nullable    = false
}

variable "branch" {
  description = "Branch that the pipeline delivers."
  type        = string
  default     = "main"
  nullable    = false
}

variable "connection_arn" {
  description = "ARN of an existing connection to GitHub. By default, the module creates a connection, which you authorize in the console."
  type        = string
  default     = null
}

variable "codecommit_mirror" {
  description = "CodeCommit repository whose changes also start the pipeline (optional)."
  type        = string
  default     = null
}

variable "ecs_service" {
  description = "ECS service to deploy."
  type = object({
    cluster_name           = string
    service_name           = string
    container_name         = string
    role_arns              = list(string)
    task_definition_family = optional(string)
  })
  nullable = false
}

variable "notification_email" {
  description = "E-mail address that receives failed executions."
  type        = string
  nullable    = false
}

variable "github_token" {
  description = "GitHub token for CodeBuild. Set it in the environment: TF_VAR_github_token."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true
}

variable "github_token_version" {
  description = "Version of the GitHub token. Increase it to write the token again."
  type        = number
  default     = 0
  nullable    = false
}

variable "github_source_credential" {
  description = "Whether CodeBuild uses the token for all projects in the account and region."
  type        = bool
  default     = false
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
