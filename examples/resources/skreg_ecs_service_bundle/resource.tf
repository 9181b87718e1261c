resource "skreg_ecs_service_bundle" "this" {
  name               = "shop"
  cluster            = "arn:aws:ecs:eu-central-1:123456789012:cluster/shop"
  execution_role_arn = "arn:aws:iam::123456789012:role/shop-execution"

  image = {
    repository_url = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop"
    tag            = "1.4.2"
  }

  network = {
    subnets         = ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"]
    security_groups = ["sg-0cccccccccccccccc"]
  }

  log = {
    group = "/ecs/shop"
    mode  = "non-blocking"
  }

  capacity = {
    providers = {
      FARGATE      = { base = 1 }
      FARGATE_SPOT = { weight = 3 }
    }
  }

  environment = {
    LOG_LEVEL = "info"
  }

  deployment = {
    circuit_breaker = {
      threshold_type  = "COUNT"
      threshold_value = 3
    }
  }

  services = {
    api = {
      cpu    = 512
      memory = 1024
      port   = 8080

      container_overrides_json = jsonencode({ readonlyRootFilesystem = true })

      load_balancer = [{
        target_group_arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/shop/0123456789abcdef"
      }]
    }

    worker = {
      cpu     = 256
      memory  = 512
      command = ["shop", "work"]

      secrets = {
        QUEUE_TOKEN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/queue-AbCdEf"
      }
    }
  }
}
