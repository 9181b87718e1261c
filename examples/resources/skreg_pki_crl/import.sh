# The import ID is the ARN of the secret of the issuer, and the location of the list in DER format. The imported configuration has the default
# uses of the issuer, and no certificate_not_after.
tofu import skreg_pki_crl.this 'secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:example/pki/root-ca-key-AbCdEf|s3://example-ca/.well-known/crl.crl'
