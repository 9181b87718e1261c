# Golden file. Regenerate it with `UPDATE=1 cargo test -p tfmodgen --test network`.

data "aws_region" "current" {}

resource "aws_vpc" "this" {
  cidr_block         = var.cidr_block
  enable_dns_support = true

  # Private DNS of interface endpoints requires both.
  enable_dns_hostnames = true

  tags = merge(var.tags, { Name = var.name })
}
