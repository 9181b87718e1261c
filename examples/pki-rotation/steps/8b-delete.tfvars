generations = {
  g2 = { status = "active" }
}

issuing = { signed_by = "g2", certificate_revision = 2 }
