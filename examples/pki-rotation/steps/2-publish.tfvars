generations = {
  g1 = { status = "active" }
  g2 = { status = "next" }
}
