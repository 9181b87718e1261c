output "service_url" {
  description = "URL of the API."
  value       = "http://${aws_lb.this.dns_name}"
}

output "cluster_arn" {
  description = "ARN of the ECS cluster."
  value       = aws_ecs_cluster.this.arn
}

output "task_definition_arns" {
  description = "ARNs of the current task definition revisions, by service key."
  value       = skreg_ecs_service_bundle.this.task_definition_arns
}

output "service_arns" {
  description = "ARNs of the ECS services, by service key."
  value       = { for key, deployment in skreg_ecs_service_bundle.this.deployments : key => deployment.service_arn }
}

output "vpc_id" {
  description = "ID of the VPC."
  value       = aws_vpc.this.id
}

output "public_subnet_ids" {
  description = "IDs of the public subnets, by Availability Zone."
  value       = { for zone, subnet in aws_subnet.public : zone => subnet.id }
}

output "private_subnet_ids" {
  description = "IDs of the private subnets, by Availability Zone."
  value       = { for zone, subnet in aws_subnet.private : zone => subnet.id }
}
