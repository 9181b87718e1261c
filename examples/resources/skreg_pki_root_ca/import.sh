# The import ID is the ARN of the secret. The provider reads all other attributes from the secret.
tofu import skreg_pki_root_ca.this 'secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:example/pki/root-ca-AbCdEf'
