variable "name" {
  type        = string
  description = "Name of the application."
  default     = "shop"
}

variable "environment" {
  type        = string
  description = "Environment: dev, staging, or production."
  default     = "dev"
}

variable "settings" {
  type = object({
    container_mvcpu            = optional(number)
    container_memory_mb        = optional(number)
    container_max_scale        = optional(number)
    database_high_availability = optional(bool)
    database_volume_gb         = optional(number)
    database_backup_days       = optional(number)
  })
  description = "Values that override the profile of the environment."
  default     = {}
}

variable "image" {
  type        = string
  description = "Image of the application, which responds to GET /health."
}

variable "image_sha256" {
  type        = string
  description = "SHA-256 of the image. A change deploys the image again."
  default     = null
}

variable "api_token" {
  type        = string
  description = "Value of the secret API_TOKEN. Pass it to each apply."
  sensitive   = true
  ephemeral   = true
}

variable "api_token_version" {
  type        = number
  description = "Number of the value of API_TOKEN. Increase it to store a new value."
  default     = 1
}

variable "inject_secret_values" {
  type        = bool
  description = "Whether the container receives the values of the secrets, which the state then contains."
  default     = false
}

variable "database_password_version" {
  type        = number
  description = "Number of the database passwords. Increase it to rotate them."
  default     = 1
}

variable "bucket_name" {
  type        = string
  description = "Globally unique name of the bucket."
}

variable "bucket_administrators" {
  type        = list(string)
  description = "Principals with full access to the bucket, including the principal that runs apply."
}

variable "api_key_expires_at" {
  type        = string
  description = "Time at which the API key of the container expires."
}

variable "alert_emails" {
  type        = list(string)
  description = "E-mail addresses that receive alerts."
  default     = []
}

variable "alert_webhook_url" {
  type        = string
  description = "URL that receives alerts."
  default     = null
  sensitive   = true
}

variable "disposable" {
  type        = bool
  description = "Whether destroy deletes the application and all of its data. After a change, run apply before destroy."
  default     = false
}
