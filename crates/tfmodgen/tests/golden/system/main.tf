# Golden file. Regenerate it with `UPDATE=1 cargo test -p tfmodgen --test network`.

# The network is a part in this package.
module "network" {
  source = "./modules/network"

  name = "system"

  # The network uses the zones of the system.
  availability_zones = var.availability_zones
}

data "aws_region" "edge" {
  provider = aws.edge
}

resource "aws_ecs_cluster" "this" {
  name = "system"
  tags = var.owner == null ? null : { Owner = var.owner }

  dynamic "setting" {
    for_each = var.cluster_settings

    content {
      name  = setting.key
      value = setting.value
    }
  }

  lifecycle {
    ignore_changes = [tags.Owner]

    precondition {
      condition     = length(var.cluster_settings) <= 10
      error_message = "A cluster has at most 10 settings, not ${length(var.cluster_settings)}."
    }

    postcondition {
      condition     = self.arn != ""
      error_message = "The cluster must have an ARN."
    }
  }

  depends_on = [module.network]
}
