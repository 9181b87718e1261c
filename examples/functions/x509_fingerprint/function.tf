variable "issuer_certificate_pem" {
  description = "Root certificate of the identity provider, in PEM format."
  type        = string
}

output "thumbprint" {
  description = "Thumbprint for the resource aws_iam_openid_connect_provider."
  value       = provider::skreg::x509_fingerprint(var.issuer_certificate_pem, "SHA1")
}
