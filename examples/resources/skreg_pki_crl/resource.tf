resource "skreg_pki_root_ca" "this" {
  subject = {
    common_name  = "Example Root CA"
    organization = "Example"
  }

  key_algorithm = "ECDSA_P384"
  validity_days = 3650

  secrets_manager = {
    name = "example/pki/root-ca-key"
  }
}

resource "skreg_pki_crl" "this" {
  issuer = skreg_pki_root_ca.this.issuer

  revoked = {
    "1f8b0a3c55d2" = {
      revoked_at            = "2026-01-31T12:00:00Z"
      reason                = "superseded"
      certificate_not_after = "2027-01-15T00:00:00Z"
    }
  }

  validity_hours       = 4320
  refresh_before_hours = 1440

  publish = {
    bucket                = "example-ca"
    expected_bucket_owner = "123456789012"
  }
}

output "next_update" {
  value = skreg_pki_crl.this.next_update
}
