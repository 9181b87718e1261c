variable "region" {
  description = "AWS region for the secret. Defaults to the region from the environment or the profile."
  type        = string
  default     = null

  validation {
    condition     = var.region == null || can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Must be an AWS region, such as eu-central-1."
  }
}

variable "common_name" {
  description = "Common name of the certificate authority."
  type        = string
  default     = "skreg Root CA"
  nullable    = false

  validation {
    condition     = length(var.common_name) >= 1 && length(var.common_name) <= 64
    error_message = "Must be between 1 and 64 characters (RFC 5280, ub-common-name)."
  }
}

variable "organization" {
  description = "Organization of the certificate authority."
  type        = string
  default     = "skreg"
  nullable    = false

  validation {
    condition     = length(var.organization) >= 1 && length(var.organization) <= 64
    error_message = "Must be between 1 and 64 characters (RFC 5280, ub-organization-name)."
  }
}

variable "key_algorithm" {
  description = "Root key algorithm. To use a different algorithm, create a new root."
  type        = string
  default     = "RSA_4096"
  nullable    = false

  validation {
    condition     = contains(["RSA_4096", "RSA_3072", "ECDSA_P256", "ECDSA_P384", "ED25519"], var.key_algorithm)
    error_message = "Must be one of RSA_4096, RSA_3072, ECDSA_P256, ECDSA_P384, or ED25519."
  }
}

variable "validity_days" {
  description = "Validity period of the root certificate in days."
  type        = number
  default     = 3650
  nullable    = false

  validation {
    condition     = var.validity_days >= 1 && var.validity_days <= 9125 && floor(var.validity_days) == var.validity_days
    error_message = "Must be an integer from 1 to 9125."
  }
}

variable "secret_name" {
  description = "Name of the Secrets Manager secret that contains the private key and the certificate."
  type        = string
  default     = "skreg/pki/root-ca-key"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9/_+=.@-]{1,512}$", var.secret_name))
    error_message = "Must be 1 to 512 characters: letters, digits, and /_+=.@-."
  }
}

variable "recovery_window_in_days" {
  description = "Recovery window in days for the root key: 7 to 30, or 0 to delete the key immediately."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.recovery_window_in_days == 0 || (var.recovery_window_in_days >= 7 && var.recovery_window_in_days <= 30)
    error_message = "Must be 0, or from 7 to 30 (Secrets Manager)."
  }
}

variable "deletion_protection" {
  description = "Whether to prevent deletion of the root key. Set it to false and apply before you destroy the root."
  type        = bool
  default     = true
  nullable    = false
}

variable "tags" {
  description = "Tags for the secret."
  type        = map(string)
  default     = {}
  nullable    = false
}
