terraform {
  required_version = ">= 1.11"

  required_providers {
    skreg = {
      source  = "skreg/skreg"
      version = "~> 0.1"
    }
  }
}

# The provider resolves the region and credentials like other AWS tools: environment, profile, and role.
provider "skreg" {
  region = "eu-central-1"

  default_tags {
    tags = {
      managed-by = "opentofu"
    }
  }
}
