# Golden file. Regenerate it with `UPDATE=1 cargo test -p tfmodgen --test network`.

locals {
  # Keys are zone names, so a subnet keeps its address when other zones are added or removed.
  zones = { for index, name in var.availability_zones : name => index }
}

# Subnets for load balancers, which are the only resources with public addresses.
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
