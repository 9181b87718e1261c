terraform {
  required_version = ">= 1.11"

  required_providers {
    scaleway = {
      source  = "scaleway/scaleway"
      version = ">= 2.81"
    }
  }
}

# Credentials, the project, and the region come from the environment: SCW_ACCESS_KEY, SCW_SECRET_KEY, SCW_DEFAULT_PROJECT_ID,
# SCW_DEFAULT_ORGANIZATION_ID, and SCW_DEFAULT_REGION.
provider "scaleway" {}
