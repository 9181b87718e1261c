# A pipeline for production that builds a GitHub repository and deploys its image to an existing ECS service.
module "pipeline" {
  source = "../../modules/pipeline"

  name   = var.name
  suffix = var.environment

  source_repository = {
    provider       = "github"
    name           = var.github_repository
    branch         = var.branch
    connection_arn = var.connection_arn
    mirror         = var.codecommit_mirror
  }

  ecs_service = var.ecs_service

  notification_email = var.notification_email

  github_token             = var.github_token
  github_token_version     = var.github_token_version
  github_source_credential = var.github_source_credential

  force_destroy = var.disposable

  tags = merge(var.tags, { Environment = var.environment })
}
