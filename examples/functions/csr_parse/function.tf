variable "request_pem" {
  description = "Certification request of the service in PEM format."
  type        = string

  validation {
    condition = alltrue([
      for name in provider::skreg::csr_parse(var.request_pem).dns_names : endswith(name, ".example.com")
    ])
    error_message = "The request must have names below example.com only."
  }
}

output "requested_names" {
  description = "DNS names of the request."
  value       = provider::skreg::csr_parse(var.request_pem).dns_names
}
