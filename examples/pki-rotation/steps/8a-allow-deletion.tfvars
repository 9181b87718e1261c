generations = {
  g1 = { status = "retired", usage = ["sign_crl"], deletion_protection = false }
  g2 = { status = "active" }
}

issuing = { signed_by = "g2", certificate_revision = 2 }
