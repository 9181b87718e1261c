# The import ID is the location of the JSON document. The imported roots have the names g1, g2, and so on, in the order of the beginning of their
# validity periods.
tofu import skreg_pki_trust_bundle.this 's3://example-ca/.well-known/trust-bundle.json'
