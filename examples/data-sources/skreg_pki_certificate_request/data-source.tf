variable "request_pem" {
  description = "Certificate signing request for the service, in PEM format."
  type        = string
}

data "skreg_pki_certificate_request" "service" {
  request_pem = var.request_pem

  lifecycle {
    postcondition {
      condition     = !self.request.is_ca
      error_message = "The request must not be for a certificate authority."
    }
  }
}

output "requested_names" {
  description = "DNS names in the request."
  value       = data.skreg_pki_certificate_request.service.request.dns_names
}
