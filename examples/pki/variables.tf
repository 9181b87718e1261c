variable "region" {
  description = "AWS region for all resources. Defaults to the region from the environment or the profile."
  type        = string
  default     = null
}

variable "name" {
  description = "Name of the PKI."
  type        = string
  default     = "pki"
  nullable    = false
}

variable "hsm_backend" {
  description = "Location of the keys of the certificate authorities: hsm (AWS KMS) or software (Secrets Manager). Cannot be changed after the first apply."
  type        = string
  default     = "hsm"
  nullable    = false
}

variable "csr_pem" {
  description = "Certificate signing request for an additional certificate in PEM format (optional)."
  type        = string
  default     = null
}

variable "revoked_certificates" {
  description = "Revoked certificates by serial number, in lowercase hexadecimal."
  type = map(object({
    revoked_at            = string
    reason                = optional(string)
    invalidity_date       = optional(string)
    certificate_not_after = optional(string)
  }))
  default  = {}
  nullable = false
}

variable "disposable" {
  description = "Whether destroying the PKI deletes the keys without a recovery window. Set it to true only for tests."
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
