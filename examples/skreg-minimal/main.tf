# The registry with what it takes by default. Region and credentials come from where every AWS tool takes them.
module "skreg" {
  source = "../../modules/skreg"

  github_repository = var.github_repository

  deletion_protection = !var.disposable
  force_destroy       = var.disposable
}
