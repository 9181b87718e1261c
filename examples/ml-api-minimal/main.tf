# An API with default values. The provider resolves the region and credentials like other AWS tools.
module "ml_api" {
  source = "../../modules/ml-api"

  environment_suffix = var.environment_suffix
}
