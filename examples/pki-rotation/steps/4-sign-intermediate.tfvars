generations = {
  g1 = { status = "active" }
  g2 = { status = "next" }
}

cross_certificates = {
  g1_by_g2 = { subject = "g1", signed_by = "g2" }
  g2_by_g1 = { subject = "g2", signed_by = "g1" }
}

issuing = { signed_by = "g2", certificate_revision = 2 }
