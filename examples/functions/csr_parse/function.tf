variable "request_pem" {
  description = "Certificate signing request for the service, in PEM format."
  type        = string

  validation {
    condition = alltrue([
      for name in provider::skreg::csr_parse(var.request_pem).dns_names : endswith(name, ".example.com")
    ])
    error_message = "All DNS names in the request must be subdomains of example.com."
  }
}

output "requested_names" {
  description = "DNS names in the request."
  value       = provider::skreg::csr_parse(var.request_pem).dns_names
}
