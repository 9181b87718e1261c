variable "region" {
  description = "AWS region for all resources. Defaults to the region from the environment or the profile."
  type        = string
  default     = null
}

variable "name" {
  description = "Name of the PKI."
  type        = string
  default     = "pki-rotation"
  nullable    = false
}

variable "bucket" {
  description = "Name of an existing bucket for revocation lists and the trust bundle."
  type        = string
}

variable "generations" {
  description = "Generations of the root by name. A generation without a status is not in the trust bundle."
  type = map(object({
    status              = optional(string)
    usage               = optional(set(string), ["sign_ca", "sign_crl"])
    deletion_protection = optional(bool, true)
  }))
  default = {
    g1 = { status = "active" }
  }
  nullable = false
}

variable "kms_key_arns" {
  description = "ARNs of AWS KMS keys by generation. The key of another generation is generated, and stored in Secrets Manager."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "cross_certificates" {
  description = "Cross-certificates between two generations by name."
  type = map(object({
    subject   = string
    signed_by = string
  }))
  default  = {}
  nullable = false
}

variable "issuing" {
  description = "Root that signs the issuing authority, the revision of the certificate, and the generation of its key."
  type = object({
    signed_by            = string
    certificate_revision = number
    generation           = optional(number, 1)
  })
  default = {
    signed_by            = "g1"
    certificate_revision = 1
  }
  nullable = false
}

variable "revoked" {
  description = "Revoked authorities by the generation of the root that signed them and by serial number."
  type = map(map(object({
    revoked_at = string
    reason     = string
  })))
  default  = {}
  nullable = false
}

variable "min_distribution_days" {
  description = "Days for which a trust bundle must be distributed before clients depend on it."
  type        = number
  default     = 30
  nullable    = false
}

variable "disposable" {
  description = "Whether destroying the PKI deletes the keys without a recovery window. Set it to true only for tests."
  type        = bool
  default     = false
  nullable    = false
}
