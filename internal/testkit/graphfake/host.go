package graphfake

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"time"
)

// The hosts that a server with Options.RealHosts answers for.
const (
	GraphHost = "graph.microsoft.com"
	EntraHost = "login.microsoftonline.com"
)

// certify makes a certificate for the real hosts, which signs itself.
func certify(now time.Time) (*tls.Config, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: GraphHost}, DNSNames: []string{GraphHost, EntraHost},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, nil
}

// Transport reaches the server under whatever name it is called, and no other
// machine: with Options.RealHosts, a client keeps Microsoft's own addresses.
func (s *Server) Transport() *http.Transport {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, s.HTTP.Listener.Addr().String())
		},
	}
	if certificate := s.HTTP.Certificate(); certificate != nil {
		roots := x509.NewCertPool()
		roots.AddCert(certificate)
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	return transport
}
