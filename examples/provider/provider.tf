terraform {
  required_version = ">= 1.11"

  required_providers {
    skreg = {
      source  = "skreg/skreg"
      version = "~> 0.1"
    }
  }
}

# Credentials and region come from where every AWS tool takes them: environment, profile, role.
provider "skreg" {
  region = "eu-central-1"

  default_tags {
    tags = {
      managed-by = "opentofu"
    }
  }
}
