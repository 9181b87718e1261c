# The import ID is the ARN of the secret. Attributes that the secret does not contain, such as usage, have their default values.
tofu import skreg_pki_root_ca.this 'secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:example/pki/root-ca-AbCdEf'
