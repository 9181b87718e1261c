# The import ID is the ARN of the secret. Certificates for a request cannot be imported because no secret exists.
tofu import skreg_pki_certificate.server 'secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:example/pki/server-AbCdEf'
