// Pins the modules that contain the custom resource definitions of Gateway API and cert-manager, which `cargo xtask test
// kubernetes` installs.
module skreg.dev/tools/custom-resources

go 1.26.6

require (
	github.com/cert-manager/cert-manager v1.21.2
	sigs.k8s.io/gateway-api v1.6.3
)
