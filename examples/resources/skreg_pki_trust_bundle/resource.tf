resource "skreg_pki_root_ca" "generation" {
  for_each = toset(["g1", "g2"])

  subject = {
    common_name  = "Example Root CA ${each.key}"
    organization = "Example"
  }

  key_algorithm = "ECDSA_P384"
  validity_days = 3650

  secrets_manager = {
    name = "example/pki/root-ca-${each.key}-key"
  }
}

resource "skreg_pki_trust_bundle" "this" {
  roots = {
    g1 = {
      certificate_pem = skreg_pki_root_ca.generation["g1"].certificate_pem
      status          = "active"
    }
    g2 = {
      certificate_pem = skreg_pki_root_ca.generation["g2"].certificate_pem
      status          = "next"
    }
  }

  publish = {
    bucket                = "example-ca"
    expected_bucket_owner = "123456789012"
  }
}

output "fingerprints" {
  value = skreg_pki_trust_bundle.this.fingerprints
}
