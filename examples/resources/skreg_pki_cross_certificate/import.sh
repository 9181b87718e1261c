# The import ID is the PEM text of the cross-certificate, the certificates above it with the root last, and the certified
# authority with the certificates above it.
tofu import skreg_pki_cross_certificate.second_by_first "$(cat cross-certificate.pem root-ca-g1.pem root-ca-g2.pem)"

# Specify certificate_revision if it is not 1.
tofu import skreg_pki_cross_certificate.second_by_first "certificate_revision=2|$(cat cross-certificate.pem root-ca-g1.pem root-ca-g2.pem)"
