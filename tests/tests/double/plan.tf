terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "123456789012"
  secret_key                  = "x"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  default_tags {
    tags = { Team = "platform" }
  }
}

data "aws_region" "current" {}

resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "double" }
}

resource "aws_subnet" "this" {
  for_each          = { a = 0, b = 1 }
  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(aws_vpc.this.cidr_block, 8, each.value)
  availability_zone = "${data.aws_region.current.name}${each.key}"
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_route_table" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_route" "this" {
  route_table_id         = aws_route_table.this.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "this" {
  for_each       = aws_subnet.this
  route_table_id = aws_route_table.this.id
  subnet_id      = each.value.id
}

resource "aws_eip" "this" {
  domain = "vpc"
}

resource "aws_nat_gateway" "this" {
  allocation_id = aws_eip.this.id
  subnet_id     = aws_subnet.this["a"].id
}

resource "aws_security_group" "this" {
  name   = "double"
  vpc_id = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  security_group_id = aws_security_group.this.id
  cidr_ipv4         = "10.0.0.0/16"
  from_port         = 443
  to_port           = 443
  ip_protocol       = "tcp"
}

resource "aws_s3_bucket" "this" {
  bucket = "double-packages"
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket            = aws_s3_bucket.this.id
  block_public_acls = true
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_kms_key" "this" {
  description = "double"
}

resource "aws_kms_alias" "this" {
  name          = "alias/double"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_secretsmanager_secret" "this" {
  name = "double"
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id                = aws_secretsmanager_secret.this.id
  secret_string_wo         = "value"
  secret_string_wo_version = 1
}

resource "aws_iam_role" "this" {
  name               = "double"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_iam_role_policy" "this" {
  name   = "double"
  role   = aws_iam_role.this.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_iam_role_policy_attachment" "this" {
  role       = aws_iam_role.this.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_ecr_repository" "this" {
  name = "double"
}

resource "aws_ecs_cluster" "this" {
  name = "double"
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "double"
  retention_in_days = 30
}

resource "aws_lb" "this" {
  name    = "double"
  subnets = [for subnet in aws_subnet.this : subnet.id]
}

resource "aws_lb_target_group" "this" {
  name        = "double"
  port        = 8080
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = aws_vpc.this.id

  health_check {
    path = "/health"
  }
}

resource "aws_lb_listener" "this" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_db_subnet_group" "this" {
  name       = "double"
  subnet_ids = [for subnet in aws_subnet.this : subnet.id]
}

resource "aws_db_instance" "this" {
  identifier           = "double"
  engine               = "postgres"
  instance_class       = "db.t4g.micro"
  allocated_storage    = 20
  username             = "double"
  password_wo          = "value"
  password_wo_version  = 1
  db_subnet_group_name = aws_db_subnet_group.this.name
  skip_final_snapshot  = true
}

output "subnet_ids" {
  value = [for subnet in aws_subnet.this : subnet.id]
}

output "bucket" {
  value = aws_s3_bucket.this.id
}
