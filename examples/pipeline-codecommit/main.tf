# A pipeline that builds a CodeCommit repository. Each release requires an approval, and another system deploys the image.
module "pipeline" {
  source = "../../modules/pipeline"

  name   = var.name
  suffix = var.environment

  source_repository = {
    provider = "codecommit"
    name     = var.repository
    branch   = "main"
  }

  stages = [
    {
      name = "Build"
      actions = [
        { name = "Image", type = "build", project = "image", inputs = ["source"], outputs = ["image"] },
      ]
    },
    {
      name = "Test"
      actions = [
        { name = "Unit", type = "test", project = "unit-test", inputs = ["source"] },
        { name = "Integration", type = "test", project = "integration-test", inputs = ["source"] },
      ]
    },
    {
      name = "SecurityScan"
      actions = [
        { name = "Scan", type = "test", project = "security-scan", inputs = ["source"] },
      ]
    },
    {
      name = "Deploy"
      actions = [
        { name = "Approve", type = "approval" },
      ]
    },
  ]

  notification_email = var.notification_email

  force_destroy = var.disposable

  tags = merge(var.tags, { Environment = var.environment })
}
