# Golden of a test. `UPDATE=1 cargo test -p tfmodgen --test network` writes it.

output "cluster_arn" {
  description = "The cluster."
  value       = aws_ecs_cluster.this.arn

  depends_on = [aws_secretsmanager_secret_version.queue]
}

output "vpc_id" {
  description = "The VPC."
  value       = module.network.vpc_id

  precondition {
    condition     = data.aws_region.edge.name != ""
    error_message = "The edge has a region."
  }
}

output "secret_version" {
  description = "The version of the secret that is in use."
  value       = aws_secretsmanager_secret_version.queue.version_id
  sensitive   = true
}
