variable "bucket_name" {
  type        = string
  description = "Globally unique name of the bucket."
}

variable "bucket_administrators" {
  type        = list(string)
  description = "Principals with full access to the bucket, including the principal that runs apply."
}

variable "state_users" {
  type        = list(string)
  description = "Principals that can read, write, and delete states."
  default     = []
}

variable "state_key" {
  type        = string
  description = "Key of the state in the output backend."
  default     = "terraform.tfstate"
}

variable "retention_days" {
  type        = number
  description = "Days for which an earlier version of a state can be restored."
  default     = 90
}

variable "alert_emails" {
  type        = list(string)
  description = "E-mail addresses that receive alerts about the bucket."
  default     = []
}

variable "disposable" {
  type        = bool
  description = "Whether destroy deletes the bucket and all states. After a change, run apply before destroy."
  default     = false
}
