variable "certificate_pem" {
  description = "Certificate of the load balancer, in PEM format."
  type        = string

  validation {
    condition     = contains(provider::skreg::x509_parse(var.certificate_pem).dns_names, "registry.example.com")
    error_message = "The certificate must have the DNS name registry.example.com."
  }
}

output "certificate_not_after" {
  description = "Time when the certificate expires."
  value       = provider::skreg::x509_parse(var.certificate_pem).not_after
}
