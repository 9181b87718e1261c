# Golden file. Regenerate it with `UPDATE=1 cargo test -p tfmodgen --test network`.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source                = "hashicorp/aws"
      version               = ">= 5.100"
      configuration_aliases = [aws.edge]
    }
  }
}
