# The bucket for revocation lists and the trust bundle. Its objects are public.
resource "aws_s3_bucket" "published" {
  bucket_prefix = "${var.name}-published-"
  tags          = var.tags
}

resource "aws_s3_bucket_versioning" "published" {
  bucket = aws_s3_bucket.published.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "published" {
  bucket = aws_s3_bucket.published.id

  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = false
  restrict_public_buckets = false
}

# Everyone can read the objects below .well-known/. Plain HTTP is allowed only for revocation lists, which are signed.
resource "aws_s3_bucket_policy" "published" {
  bucket = aws_s3_bucket_versioning.published.bucket

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "PublicWellKnown"
        Effect    = "Allow"
        Principal = "*"
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.published.arn}/.well-known/*"
        Condition = { Bool = { "aws:SecureTransport" = "true" } }
      },
      {
        Sid       = "PublicLists"
        Effect    = "Allow"
        Principal = "*"
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.published.arn}/.well-known/*crl.*"
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.published]
}
