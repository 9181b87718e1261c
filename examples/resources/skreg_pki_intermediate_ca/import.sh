# The import ID is the ARN of the secret. The provider reads all other attributes except the location of the issuer's key
# from the secret. The next apply adds this location to the state.
tofu import skreg_pki_intermediate_ca.this 'secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:example/pki/issuing-ca-AbCdEf'
