// Command pki issues certificates and revocation lists with the Go standard library, which hashicorp/tls uses, as the peer
// in the benchmarks. It has the same tasks, arguments, and output as benches/pki. It does not check what it issues.
package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log"
	"math/big"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// samples contains the times of all samples of a task in milliseconds.
type samples struct {
	CPU     []float64 `json:"cpu"`
	Elapsed []float64 `json:"elapsed"`
	PeakKiB int64     `json:"peak_kib"`
}

func main() {
	measured := samples{}
	if err := run(os.Args[1:], &measured); err != nil {
		log.Fatal(err)
	}
	peak, err := peakKiB()
	if err != nil {
		log.Fatal(err)
	}
	measured.PeakKiB = peak
	if err := json.NewEncoder(os.Stdout).Encode(measured); err != nil {
		log.Fatal(err)
	}
}

func run(arguments []string, measured *samples) error {
	if len(arguments) < 3 {
		return errors.New("usage: pki root ALGORITHM SAMPLES, pki list ENTRIES SAMPLES, or pki publish ENTRIES SAMPLES BUCKET")
	}
	count, err := strconv.Atoi(arguments[2])
	if err != nil {
		return err
	}
	var task func() error
	if arguments[0] == "root" {
		task = func() error {
			_, _, err := root(arguments[1])
			return err
		}
	} else {
		list, err := newList(arguments[1])
		if err != nil {
			return err
		}
		task = func() error {
			_, err := list.sign()
			return err
		}
		if arguments[0] == "publish" {
			task = func() error { return list.publish(arguments[3]) }
		}
	}
	for range count {
		started, before := time.Now(), cpu()
		if err := task(); err != nil {
			return err
		}
		measured.CPU = append(measured.CPU, milliseconds(cpu()-before))
		measured.Elapsed = append(measured.Elapsed, milliseconds(time.Since(started)))
	}
	return nil
}

// peakKiB returns the largest resident memory of the process. The value of getrusage would include the process that started
// this one.
func peakKiB() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0, errors.New("the process has no VmHWM")
	}
	return strconv.ParseInt(fields[0], 10, 64)
}

func usage() syscall.Rusage {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return usage
}

// cpu returns the CPU time of all threads.
func cpu() time.Duration {
	found := usage()
	return time.Duration(found.Utime.Nano() + found.Stime.Nano())
}

func milliseconds(duration time.Duration) float64 {
	return float64(duration.Nanoseconds()) / 1e6
}

// root generates a key and a self-signed certificate like tls_private_key and tls_self_signed_cert.
func root(algorithm string) (crypto.Signer, *x509.Certificate, error) {
	var key crypto.Signer
	var err error
	switch algorithm {
	case "RSA_4096":
		key, err = rsa.GenerateKey(rand.Reader, 4096)
	case "ECDSA_P384":
		key, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	default:
		return nil, nil, fmt.Errorf("%s is not supported", algorithm)
	}
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))
	if err != nil {
		return nil, nil, err
	}
	encoded, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, nil, err
	}
	identifier := sha1.Sum(encoded)
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "Benchmark Root", Organization: []string{"Example"}},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().AddDate(10, 0, 0),
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLen:            1,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		SubjectKeyId:          identifier[:],
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return key, certificate, err
}

// list is a revocation list and its issuer.
type list struct {
	key         crypto.Signer
	certificate *x509.Certificate
	template    *x509.RevocationList
}

func newList(entries string) (*list, error) {
	count, err := strconv.ParseInt(entries, 10, 64)
	if err != nil {
		return nil, err
	}
	key, certificate, err := root("ECDSA_P384")
	if err != nil {
		return nil, err
	}
	now := time.Now().UTC().Truncate(time.Second)
	first := new(big.Int).Lsh(big.NewInt(0x40), 152)
	template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: now, NextUpdate: now.AddDate(0, 0, 7)}
	for number := range count {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber:   new(big.Int).Add(first, big.NewInt(number)),
			RevocationTime: now,
			ReasonCode:     4,
		})
	}
	return &list{key, certificate, template}, nil
}

func (list *list) sign() ([]byte, error) {
	return x509.CreateRevocationList(rand.Reader, list.template, list.certificate, list.key)
}

// publish signs a list and writes both formats to a bucket. The local AWS does not verify signatures of requests.
func (list *list) publish(bucket string) error {
	der, err := list.sign()
	if err != nil {
		return err
	}
	if err := put(bucket, "crl.crl", "application/pkix-crl", der); err != nil {
		return err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})
	return put(bucket, "crl.pem", "application/x-pem-file", text)
}

func put(bucket, key, contentType string, body []byte) error {
	url := strings.Join([]string{os.Getenv("AWS_ENDPOINT_URL"), bucket, key}, "/")
	request, err := http.NewRequest(http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	scope := fmt.Sprintf("%s/20260101/%s/s3/aws4_request", os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_REGION"))
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+scope+", SignedHeaders=host, Signature=0")
	request.Header.Set("Content-Type", contentType)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("PUT %s: %s", url, answer.Status)
	}
	return nil
}
