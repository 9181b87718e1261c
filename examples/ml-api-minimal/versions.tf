terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
    skreg = {
      source  = "skreg/skreg"
      version = "~> 0.1"
    }
  }
}
