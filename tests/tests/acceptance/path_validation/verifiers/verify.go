// Validates certification paths with crypto/x509. Reads a JSON list of paths, and writes a JSON list of verdicts.
package main

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log"
	"os"
	"time"
)

type path struct {
	Anchor       string
	Intermediate string
	Certificate  string
	Lists        []string
	Time         int64
	Host         string
}

func main() {
	var paths []path
	if err := json.NewDecoder(os.Stdin).Decode(&paths); err != nil {
		log.Fatal(err)
	}
	verdicts := []string{}
	for _, one := range paths {
		verdict, err := one.verify()
		if err != nil {
			verdict = err.Error()
		}
		verdicts = append(verdicts, verdict)
	}
	if err := json.NewEncoder(os.Stdout).Encode(verdicts); err != nil {
		log.Fatal(err)
	}
}

func (p path) verify() (string, error) {
	anchor, err := certificate(p.Anchor)
	if err != nil {
		return "", err
	}
	intermediate, err := certificate(p.Intermediate)
	if err != nil {
		return "", err
	}
	leaf, err := certificate(p.Certificate)
	if err != nil {
		return "", err
	}
	now := time.Unix(p.Time, 0)
	options := x509.VerifyOptions{
		DNSName:       p.Host,
		Roots:         x509.NewCertPool(),
		Intermediates: x509.NewCertPool(),
		CurrentTime:   now,
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	options.Roots.AddCert(anchor)
	options.Intermediates.AddCert(intermediate)
	chains, err := leaf.Verify(options)
	if err != nil {
		return rejection(err), nil
	}
	for _, chain := range chains {
		for position, issuer := range chain[1:] {
			revoked, err := revoked(chain[position], issuer, p.Lists, now)
			if err != nil {
				return "", err
			}
			if revoked {
				return "revoked", nil
			}
		}
	}
	return "valid", nil
}

func rejection(err error) string {
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "expired"
	case errors.As(err, &invalid) && invalid.Reason == x509.CANotAuthorizedForThisName:
		return "name not permitted"
	case errors.As(err, &unknown):
		return "unknown issuer"
	default:
		return err.Error()
	}
}

// The package x509 verifies lists, but does not look up certificates in them. The list of the issuer must exist.
func revoked(subject, issuer *x509.Certificate, lists []string, now time.Time) (bool, error) {
	for _, text := range lists {
		block, _ := pem.Decode([]byte(text))
		if block == nil || block.Type != "X509 CRL" {
			return false, errors.New("not a revocation list")
		}
		list, err := x509.ParseRevocationList(block.Bytes)
		if err != nil {
			return false, err
		}
		if string(list.RawIssuer) != string(issuer.RawSubject) {
			continue
		}
		if err := list.CheckSignatureFrom(issuer); err != nil {
			return false, err
		}
		if now.Before(list.ThisUpdate) || now.After(list.NextUpdate) {
			return false, errors.New("the revocation list is not current")
		}
		for _, entry := range list.RevokedCertificateEntries {
			if entry.SerialNumber.Cmp(subject.SerialNumber) == 0 {
				return true, nil
			}
		}
		return false, nil
	}
	return false, fmt.Errorf("no revocation list of %s", issuer.Subject)
}

func certificate(text string) (*x509.Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("not a certificate")
	}
	return x509.ParseCertificate(block.Bytes)
}
