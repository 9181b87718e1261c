# Golden file. Regenerate it with `UPDATE=1 cargo test -p tfmodgen --test network`.

output "cluster_arn" {
  description = "ARN of the cluster."
  value       = aws_ecs_cluster.this.arn

  depends_on = [aws_secretsmanager_secret_version.queue]
}

output "vpc_id" {
  description = "ID of the VPC."
  value       = module.network.vpc_id

  precondition {
    condition     = data.aws_region.edge.name != ""
    error_message = "The provider configuration must have a region."
  }
}

output "secret_version" {
  description = "Version ID of the current secret."
  value       = aws_secretsmanager_secret_version.queue.version_id
  sensitive   = true
}
