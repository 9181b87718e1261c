variable "app" {
  type        = string
  description = "Name of the application."
  default     = "shop"
}

variable "domain" {
  type        = string
  description = "Domain of the application."
}

variable "profile" {
  type        = string
  description = "Profile: local, preview, or production."
  default     = "preview"
}

variable "pull_request" {
  type        = number
  description = "Number of the pull request. Omit it in production."
  default     = null
}

variable "web_image" {
  type        = string
  description = "Image of the web application, with its digest."
}

variable "api_image" {
  type        = string
  description = "Image of the API, with its digest."
}

variable "base_state" {
  type = object({
    backend = string
    config  = map(string)
  })
  description = "Backend and configuration of the state of the base."
}

variable "api_configuration" {
  type        = map(string)
  description = "Environment variables of the API."
  default     = {}
}

variable "web_configuration" {
  type        = map(string)
  description = "Values that the web application reads."
  default     = {}
}

variable "seed_command" {
  type        = list(string)
  description = "Command that adds example data."
  default     = []
}

variable "replicas" {
  type        = number
  description = "Number of pods of each deployment."
  default     = null
}

variable "resources" {
  type = map(object({
    requests = object({ cpu_millicores = number, memory_mib = number })
    limits   = optional(object({ cpu_millicores = number, memory_mib = number }))
  }))
  description = "Resources of the containers web, nginx, php, and migration."
  default     = {}
}

variable "quota" {
  type = object({
    cpu_millicores = optional(number)
    memory_mib     = optional(number)
    pods           = optional(number)
  })
  description = "Quota of the namespace."
  default     = {}
}

variable "database_password" {
  type        = string
  description = "Password of the database user. Pass it to each apply."
  sensitive   = true
  ephemeral   = true
}

variable "app_key" {
  type        = string
  description = "Key with which the API encrypts sessions. Pass it to each apply."
  sensitive   = true
  ephemeral   = true
}

variable "secrets_version" {
  type        = number
  description = "Number of the secret values. Increase it to write them again."
  default     = 1
}

variable "registry_credentials" {
  type        = string
  description = "Credentials for the container registry, as the content of a Docker configuration file."
  default     = "{\"auths\":{}}"
  sensitive   = true
  ephemeral   = true
}

variable "import_existing" {
  type        = bool
  description = "Whether to adopt the objects of an existing production environment."
  default     = false
}
