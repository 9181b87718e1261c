# The import ID is the location of the JSON document. The imported roots are named g1, g2, and so on, from the oldest to the newest certificate.
tofu import skreg_pki_trust_bundle.this 's3://example-ca/.well-known/trust-bundle.json'
