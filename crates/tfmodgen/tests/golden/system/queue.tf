# Golden file. Regenerate it with `UPDATE=1 cargo test -p tfmodgen --test network`.

resource "aws_secretsmanager_secret" "queue" {
  name_prefix = "system-queue-"
}

resource "aws_secretsmanager_secret_version" "queue" {
  secret_id                = aws_secretsmanager_secret.queue.id
  secret_string_wo         = var.queue_password
  secret_string_wo_version = 1

  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [aws_secretsmanager_secret.queue.id]
  }
}

ephemeral "aws_secretsmanager_secret_version" "queue" {
  secret_id  = aws_secretsmanager_secret.queue.id
  version_id = aws_secretsmanager_secret_version.queue.version_id
}

resource "aws_secretsmanager_secret_version" "copy" {
  secret_id                = aws_secretsmanager_secret.queue.id
  secret_string_wo         = ephemeral.aws_secretsmanager_secret_version.queue.secret_string
  secret_string_wo_version = aws_secretsmanager_secret_version.queue.secret_string_wo_version
}
