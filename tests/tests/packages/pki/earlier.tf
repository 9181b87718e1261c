# The PKI part of a registry before it had a backend for keys and an intermediate CA. Do not update this file.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
    skreg = {
      source = "skreg/skreg"
    }
  }
}

data "aws_partition" "current" {}

# The provider creates the key, stores it in the secret, and signs the certificate. Later applies
# use the same key.
resource "skreg_pki_root_ca" "this" {
  secrets_manager = {
    name                    = "${var.name}/pki/root-ca-key"
    kms_key_id              = var.kms_key_arn
    recovery_window_in_days = var.force_destroy ? 0 : 30
  }

  subject = {
    common_name  = var.root_ca.common_name
    organization = var.root_ca.organization
  }

  key_algorithm       = "RSA_4096"
  validity_days       = var.root_ca.validity_days
  path_length         = var.root_ca.path_length
  deletion_protection = var.deletion_protection
  tags                = var.tags

  lifecycle {
    precondition {
      condition     = data.aws_partition.current.partition == "aws"
      error_message = "The partition is not supported. Use a region in the aws partition."
    }
  }
}

# Denies the registry's roles access to the root key, regardless of the policies that are attached
# to the roles.
resource "aws_secretsmanager_secret_policy" "root_ca" {
  secret_arn          = skreg_pki_root_ca.this.secret_arn
  block_public_policy = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "RegistryRoles"
        Effect    = "Deny"
        Principal = "*"
        Action    = "secretsmanager:*"
        Resource  = "*"
        Condition = {
          ArnEquals = {
            "aws:PrincipalArn" = [
              "arn:aws:iam::${var.account_id}:role/${var.name}-api-task",
              "arn:aws:iam::${var.account_id}:role/${var.name}-database-monitoring",
              "arn:aws:iam::${var.account_id}:role/${var.name}-execution",
              "arn:aws:iam::${var.account_id}:role/${var.name}-flow-logs",
              "arn:aws:iam::${var.account_id}:role/${var.name}-github-push",
              "arn:aws:iam::${var.account_id}:role/${var.name}-worker-task",
            ]
          }
        }
      },
      {
        Sid       = "OtherAccounts"
        Effect    = "Deny"
        Principal = "*"
        Action    = "secretsmanager:*"
        Resource  = "*"
        Condition = { StringNotEquals = { "aws:PrincipalAccount" = var.account_id } }
      },
    ]
  })
}

# The certificate is not secret, but applications read it in the same way as the key.
resource "aws_secretsmanager_secret" "certificate" {
  name                    = "${var.name}/pki/root-ca-cert"
  description             = "Certificate of the root CA in PEM format."
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = 0
  tags                    = var.tags
}

resource "aws_secretsmanager_secret_version" "certificate" {
  secret_id     = aws_secretsmanager_secret.certificate.id
  secret_string = skreg_pki_root_ca.this.certificate_pem
}

variable "name" {
  type = string
}

variable "kms_key_arn" {
  type = string
}

variable "account_id" {
  type = string
}

variable "root_ca" {
  type = object({
    common_name   = string
    organization  = string
    validity_days = number
    path_length   = number
  })
  default = { common_name = "skreg Root CA", organization = "skreg", validity_days = 3650, path_length = 1 }
}

variable "deletion_protection" {
  type    = bool
  default = true
}

variable "force_destroy" {
  type    = bool
  default = false
}

variable "bucket_name" {
  type    = string
  default = null
}

variable "well_known_url" {
  type    = string
  default = null
}

variable "tags" {
  type    = map(string)
  default = {}
}

output "root_ca_cert_pem" {
  value = skreg_pki_root_ca.this.certificate_pem
}
