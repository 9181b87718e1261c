# An API with all options: images from a pipeline, a domain, GPU instances, secrets with rotation, and a web ACL for the
# CDN.
module "ml_api" {
  source = "../../modules/ml-api"

  environment_suffix = var.environment_suffix
  production         = var.production

  services = {
    v1 = {
      image_uri     = var.image_uris.v1
      path_patterns = ["/api/v1/*"]
      priority      = 10
    }
    v2 = {
      image_uri     = var.image_uris.v2
      path_patterns = ["/api/v2/*"]
      priority      = 20
      cpu           = 1024
      memory        = 2048

      # More tasks during working hours. The times are in UTC.
      schedules = {
        morning = { schedule = "cron(0 7 ? * MON-FRI *)", min_tasks = 4, max_tasks = 10 }
        evening = { schedule = "cron(0 19 ? * MON-FRI *)", min_tasks = 2, max_tasks = 10 }
      }
    }
  }

  capacity = {
    spot_weight      = 70
    on_demand_weight = 30
    on_demand_base   = 1
  }

  gpu     = var.gpu
  secrets = var.secrets

  # The database pauses after ten minutes without connections.
  database = {
    min_acu                  = 0
    max_acu                  = 2
    seconds_until_auto_pause = 600
  }

  domain_name    = var.domain_name
  hosted_zone_id = var.hosted_zone_id

  cdn = merge(var.cdn, { web_acl_arn = module.cdn_web_acl.web_acl_arn })

  alarm_topic_arns    = var.alarm_topic_arns
  deletion_protection = var.deletion_protection
  tags                = var.tags
}

# The web ACL for the CDN. It must be in us-east-1, and so must its log group and the KMS key of the log group.
module "cdn_web_acl" {
  source = "../../modules/ml-api/modules/web-acl"

  providers = {
    aws = aws.us_east_1
  }

  name        = "ml-api-${var.environment_suffix}"
  scope       = "CLOUDFRONT"
  kms_key_arn = aws_kms_key.us_east_1.arn
  tags        = var.tags
}

data "aws_caller_identity" "current" {}

resource "aws_kms_key" "us_east_1" {
  provider = aws.us_east_1

  description             = "Encrypts the log of the web ACL for the CDN."
  enable_key_rotation     = true
  deletion_window_in_days = 7

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Account"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.us-east-1.amazonaws.com" }
        Action    = ["kms:Decrypt*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource  = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:us-east-1:${data.aws_caller_identity.current.account_id}:log-group:*"
          }
        }
      },
    ]
  })

  tags = var.tags
}
