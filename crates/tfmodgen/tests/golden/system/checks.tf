# Golden file. Regenerate it with `UPDATE=1 cargo test -p tfmodgen --test network`.

check "cluster" {
  assert {
    condition     = aws_ecs_cluster.this.arn != null
    error_message = "The cluster must exist."
  }
}

moved {
  from = aws_ecs_cluster.main
  to   = aws_ecs_cluster.this
}

moved {
  from = module.vpc["a"]
  to   = module.network
}
