variable "root_certificates_pem" {
  description = "Root certificates of all generations in PEM format, starting with the newest."
  type        = list(string)
}

output "trust_bundle" {
  description = "Trust bundle for clients."
  value       = provider::skreg::pem_bundle(var.root_certificates_pem)
}
