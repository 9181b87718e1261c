# The import ID consists of the ARN of the issuer's secret and the location of the list in DER format. After an import, issuer.usage has its default
# value, and certificate_not_after is not set.
tofu import skreg_pki_crl.this 'secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:example/pki/root-ca-key-AbCdEf|s3://example-ca/.well-known/crl.crl'
