# Golden of a test. `UPDATE=1 cargo test -p tfmodgen --test network` writes it.

check "cluster" {
  assert {
    condition     = aws_ecs_cluster.this.arn != null
    error_message = "The cluster exists."
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
