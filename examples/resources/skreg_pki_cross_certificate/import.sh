# The import ID is the PEM text of the cross-certificate, followed by the certificates above it. The root is the last one.
tofu import skreg_pki_cross_certificate.second_by_first "$(cat cross-certificate.pem root-ca-g1.pem)"
