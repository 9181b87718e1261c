# Golden of a test. `UPDATE=1 cargo test -p tfmodgen --test network` writes it.

data "aws_region" "current" {}

resource "aws_vpc" "this" {
  cidr_block         = var.cidr_block
  enable_dns_support = true

  # Private DNS of interface endpoints needs both.
  enable_dns_hostnames = true

  tags = merge(var.tags, { Name = var.name })
}
