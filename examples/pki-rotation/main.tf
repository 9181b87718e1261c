locals {
  # Revocation lists are downloaded over plain HTTP.
  base_url = "http://${var.bucket}.s3.amazonaws.com"

  recovery_window_in_days = var.disposable ? 0 : 30

  # The first generation of the issuing authority has no suffix.
  issuing_suffix = var.issuing.generation == 1 ? "" : "-g${var.issuing.generation}"

  # Roots whose keys are deleted, but whose old signatures are still verified.
  retired = {
    for file in fileset(path.module, "retired/*.pem") :
    trimsuffix(basename(file), ".pem") => file("${path.module}/${file}")
  }
}

# Each generation has its own subject and its own key. The path length of 2 leaves room for a cross-certificate between a
# root and the issuing authority.
resource "skreg_pki_root_ca" "generation" {
  for_each = var.generations

  subject = {
    common_name  = "Example Root CA ${upper(each.key)}"
    organization = "Example"
  }

  key_algorithm       = "ECDSA_P384"
  validity_days       = 3650
  path_length         = 2
  usage               = each.value.usage
  deletion_protection = each.value.deletion_protection && !var.disposable
  kms                 = try({ key_arn = var.kms_key_arns[each.key] }, null)

  secrets_manager = {
    name                    = "${var.name}/root-ca-${each.key}-key"
    recovery_window_in_days = local.recovery_window_in_days
  }
}

resource "skreg_pki_crl" "root" {
  for_each = var.generations

  issuer         = skreg_pki_root_ca.generation[each.key].issuer
  validity_hours = 4320
  revoked        = lookup(var.revoked, each.key, {})

  publish = {
    bucket  = var.bucket
    key_der = "root-ca-${each.key}.crl"
    key_pem = "root-ca-${each.key}.crl.pem"
  }
}

resource "skreg_pki_cross_certificate" "between" {
  for_each = var.cross_certificates

  subject_ca         = skreg_pki_root_ca.generation[each.value.subject].issuer
  signed_by          = skreg_pki_root_ca.generation[each.value.signed_by].issuer
  path_length        = 1
  validity_days      = 1825
  not_after_behavior = "truncate"
}

resource "skreg_pki_intermediate_ca" "issuing" {
  subject = {
    common_name  = "Example Issuing CA${upper(replace(local.issuing_suffix, "-", " "))}"
    organization = "Example"
  }

  signed_by            = skreg_pki_root_ca.generation[var.issuing.signed_by].issuer
  certificate_revision = var.issuing.certificate_revision

  key_algorithm           = "ECDSA_P384"
  validity_days           = 1825
  not_after_behavior      = "truncate"
  usage                   = ["sign_leaf", "sign_crl"]
  deletion_protection     = !var.disposable
  crl_distribution_points = ["${local.base_url}/root-ca-${var.issuing.signed_by}.crl"]

  secrets_manager = {
    name                    = "${var.name}/issuing-ca${local.issuing_suffix}-key"
    recovery_window_in_days = local.recovery_window_in_days
  }
}

resource "skreg_pki_crl" "issuing" {
  issuer         = skreg_pki_intermediate_ca.issuing.issuer
  validity_hours = 168

  publish = {
    bucket  = var.bucket
    key_der = "issuing-ca${local.issuing_suffix}.crl"
    key_pem = "issuing-ca${local.issuing_suffix}.crl.pem"
  }
}

resource "skreg_pki_certificate" "server" {
  issuer = skreg_pki_intermediate_ca.issuing.issuer

  dns_names               = ["server.example.com"]
  extended_key_usage      = ["server_auth"]
  validity_hours          = 2160
  renew_before_hours      = 720
  revoke_on_destroy       = false
  crl_distribution_points = ["${local.base_url}/issuing-ca${local.issuing_suffix}.crl"]

  secrets_manager = {
    name                    = "${var.name}/server-key"
    recovery_window_in_days = local.recovery_window_in_days
  }
}

resource "skreg_pki_trust_bundle" "this" {
  roots = merge(
    {
      for name, certificate in local.retired : name => {
        certificate_pem = certificate
        status          = "retired"
        trust_until     = provider::skreg::x509_parse(certificate).not_after
      }
    },
    {
      for name, generation in var.generations : name => {
        certificate_pem = skreg_pki_root_ca.generation[name].certificate_pem
        status          = generation.status
        trust_until = (
          contains(["retiring", "retired"], generation.status)
          ? skreg_pki_root_ca.generation[name].not_after_actual
          : null
        )
      } if generation.status != null
    },
  )

  cross_certificates    = [for crossing in skreg_pki_cross_certificate.between : crossing.certificate_pem]
  min_distribution_days = var.min_distribution_days

  publish = {
    bucket         = var.bucket
    key_json       = "trust-bundle.json"
    key_pem        = "trust-bundle.pem"
    key_sha256sums = "trust-bundle.sha256"
  }
}
