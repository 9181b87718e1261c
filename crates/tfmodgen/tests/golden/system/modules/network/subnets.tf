# Golden of a test. `UPDATE=1 cargo test -p tfmodgen --test network` writes it.

locals {
  # Zones by name, so that a subnet keeps its identity when another zone comes or goes.
  zones = { for index, name in var.availability_zones : name => index }
}

# Load balancers stand here, and nothing else has a public address.
resource "aws_subnet" "public" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr_block, 8, each.value + 1)
}

resource "aws_subnet" "private" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr_block, 8, each.value + 10)
}
