terraform {
  required_version = ">= 1.11"

  required_providers {
    skreg = {
      source  = "skreg/skreg"
      version = "~> 0.1"
    }
  }
}

# The provider resolves credentials and region like other AWS tools: environment, profile, role.
provider "skreg" {
  region = "eu-central-1"

  default_tags {
    tags = {
      managed-by = "opentofu"
    }
  }
}
