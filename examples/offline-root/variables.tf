variable "region" {
  description = "AWS region for all resources. Defaults to the region from the environment or the profile."
  type        = string
  default     = null
}

variable "name" {
  description = "Name of the PKI."
  type        = string
  default     = "offline-root"
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of the AWS KMS key of the online authority (optional). If not set, the key is stored in Secrets Manager."
  type        = string
  default     = null
}

variable "private_key_pem" {
  description = "Private key for the online authority in PKCS #8 format (optional). If not set, the provider generates the key."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true
}

variable "private_key_pem_version" {
  description = "Version of the private key. Required with private_key_pem."
  type        = number
  default     = null
}

variable "disposable" {
  description = "Whether destroying the PKI deletes the keys without a recovery window. Set it to true only for tests."
  type        = bool
  default     = false
  nullable    = false
}
