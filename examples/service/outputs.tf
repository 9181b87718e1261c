output "service_url" {
  description = "Where the API answers."
  value       = "http://${aws_lb.this.dns_name}"
}

output "cluster_arn" {
  description = "The ECS cluster."
  value       = aws_ecs_cluster.this.arn
}

output "task_definition_arns" {
  description = "Task definition revision that runs, by service."
  value       = skreg_ecs_service_bundle.this.task_definition_arns
}

output "service_arns" {
  description = "ECS services, by key."
  value       = { for key, deployment in skreg_ecs_service_bundle.this.deployments : key => deployment.service_arn }
}

output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "public_subnet_ids" {
  description = "Subnets of the load balancer, by zone."
  value       = { for zone, subnet in aws_subnet.public : zone => subnet.id }
}

output "private_subnet_ids" {
  description = "Subnets of the tasks, by zone."
  value       = { for zone, subnet in aws_subnet.private : zone => subnet.id }
}
