# The import ID is the ARN of the secret.
tofu import skreg_pki_certificate.server 'secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:example/pki/server-AbCdEf'

# A certificate for a request has no secret. The import ID is the PEM text of csr_pem, the certificate, and the certificates
# above it with the root last.
tofu import skreg_pki_certificate.agent "$(cat request.pem certificate.pem issuing-ca.pem root-ca.pem)"
