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

provider "aws" {
  region = var.region
}

# CloudFront uses web ACLs and certificates in us-east-1 only.
provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"
}

provider "skreg" {
  region = var.region
}
