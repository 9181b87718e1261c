# The import id is the ARN of the secret; everything else is read from it.
tofu import skreg_pki_root_ca.this 'secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:example/pki/root-ca-AbCdEf'
