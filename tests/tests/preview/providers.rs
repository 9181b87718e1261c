//! The doubles of the providers for Kubernetes. Must not contain any knowledge about modules.

use tfharness::workspace::Double;

/// Returns the doubles with the schemas and rules in this repository.
pub(crate) fn kubernetes() -> [Double; 3] {
    let double = |source: &str, folder: &str, version: &str| {
        Double::new(source, version, format!("schemas/{folder}/{version}"))
            .rules(format!("crates/tfdouble/rules/{folder}"))
    };
    [
        double(
            "digitalocean/digitalocean",
            "digitalocean-digitalocean",
            "2.99.1",
        ),
        double("hashicorp/helm", "hashicorp-helm", "3.1.2"),
        double("hashicorp/kubernetes", "hashicorp-kubernetes", "3.2.1"),
    ]
}
