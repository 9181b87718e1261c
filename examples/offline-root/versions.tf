terraform {
  required_version = ">= 1.11"

  required_providers {
    skreg = {
      source  = "skreg/skreg"
      version = "~> 0.1"
    }
  }
}

provider "skreg" {
  region = var.region
}
