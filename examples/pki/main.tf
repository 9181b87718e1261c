# Certificate authorities whose revocation lists are published in a bucket. Clients download them from the bucket over
# plain HTTP. For a custom domain, add a CDN that allows plain HTTP, and specify its URL.
module "pki" {
  source = "../../modules/pki"

  name           = var.name
  hsm_backend    = var.hsm_backend
  bucket_name    = aws_s3_bucket_policy.published.bucket
  well_known_url = "http://${aws_s3_bucket.published.bucket_regional_domain_name}/.well-known"

  revoked_certificates = var.revoked_certificates

  deletion_protection = !var.disposable
  force_destroy       = var.disposable

  tags = var.tags
}

# A certificate for a key that another system generated and keeps.
resource "skreg_pki_certificate" "signer" {
  count = var.csr_pem == null ? 0 : 1

  issuer             = module.pki.issuer
  csr_pem            = var.csr_pem
  extended_key_usage = ["code_signing"]
  validity_hours     = 2160
  revoke_on_destroy  = false

  subject = {
    common_name = "${var.name} external signer"
  }

  crl_distribution_points = [module.pki.crl_url]
}
