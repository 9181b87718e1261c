# The import ID is the ARN of the secret. Attributes that the secret does not contain, such as usage, have their default values.
tofu import skreg_pki_intermediate_ca.this 'secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:example/pki/issuing-ca-AbCdEf'

# An authority for a request has no secret. The import ID is the PEM text of csr_pem, the certificate, and the certificates
# above it with the root last. Specify certificate_revision if it is not 1.
tofu import skreg_pki_intermediate_ca.requested "certificate_revision=2|$(cat request.pem certificate.pem root-ca.pem)"
