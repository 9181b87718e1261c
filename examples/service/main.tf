data "aws_partition" "this" {}

resource "aws_ecs_cluster" "this" {
  name = var.name

  tags = var.tags
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["api", "worker"])

  name              = "/ecs/${var.name}-${each.key}"
  retention_in_days = var.log_retention_in_days

  tags = var.tags
}

data "aws_iam_policy_document" "ecs_tasks" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

# Grants the permissions that ECS requires to start a task: pull the image and write logs.
resource "aws_iam_role" "execution" {
  name               = "${var.name}-execution"
  assume_role_policy = data.aws_iam_policy_document.ecs_tasks.json

  tags = var.tags
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_security_group" "tasks" {
  name        = "${var.name}-tasks"
  description = "API port from the load balancer, and all outbound traffic."
  vpc_id      = aws_vpc.this.id

  tags = merge(var.tags, { Name = "${var.name}-tasks" })
}

resource "aws_vpc_security_group_ingress_rule" "api_from_load_balancer" {
  security_group_id            = aws_security_group.tasks.id
  description                  = "From the load balancer."
  referenced_security_group_id = aws_security_group.load_balancer.id
  ip_protocol                  = "tcp"
  from_port                    = local.api_port
  to_port                      = local.api_port

  tags = var.tags
}

resource "aws_vpc_security_group_egress_rule" "tasks" {
  security_group_id = aws_security_group.tasks.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"

  tags = var.tags
}

# Two services that share an image. The apply succeeds when ECS completes both rollouts. If ECS rolls back a service, the
# apply fails and reports the reason.
resource "skreg_ecs_service_bundle" "this" {
  name    = var.name
  cluster = aws_ecs_cluster.this.arn
  image   = var.image

  execution_role_arn = aws_iam_role.execution.arn

  network = {
    subnets         = [for subnet in aws_subnet.private : subnet.id]
    security_groups = [aws_security_group.tasks.id]
  }

  services = {
    api = {
      cpu           = var.api.cpu
      memory        = var.api.memory
      desired_count = var.api.desired_count
      command       = var.api.command
      environment   = { BIND_ADDR = "0.0.0.0:${local.api_port}" }
      port          = local.api_port
      log           = { group = aws_cloudwatch_log_group.this["api"].name, stream_prefix = "ecs" }

      load_balancer = [{
        target_group_arn = aws_lb_target_group.api.arn
        container_port   = local.api_port
      }]
      health_check_grace_period_seconds = 60
    }

    worker = {
      cpu           = var.worker.cpu
      memory        = var.worker.memory
      desired_count = var.worker.desired_count
      command       = var.worker.command
      log           = { group = aws_cloudwatch_log_group.this["worker"].name, stream_prefix = "ecs" }
    }
  }

  deletion_protection = var.deletion_protection
  tags                = var.tags

  # ECS requires a listener for the target group. Tasks cannot start without their role and a route to the image
  # repository.
  depends_on = [
    aws_lb_listener.http,
    aws_iam_role_policy_attachment.execution,
    aws_route.nat,
  ]
}
