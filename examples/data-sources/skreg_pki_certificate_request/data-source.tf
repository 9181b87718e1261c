variable "request_pem" {
  description = "Certification request of the service in PEM format."
  type        = string
}

data "skreg_pki_certificate_request" "service" {
  request_pem = var.request_pem

  lifecycle {
    postcondition {
      condition     = !self.request.is_ca
      error_message = "The request must not be one for a certificate authority."
    }
  }
}

output "requested_names" {
  description = "DNS names of the request."
  value       = data.skreg_pki_certificate_request.service.request.dns_names
}
