//! Extensions of the certificate: `name_constraints` and `policy_oids`.

use tfplugin::Plan;

use super::*;
use crate::resources::pki::name_constraints::{DirectoryName, NameConstraints, Subtrees};
use crate::resources::pki::stored_key::account::Account;

fn names(of: &[&str]) -> Option<std::collections::BTreeSet<String>> {
    let names = of.iter().map(|name| (*name).to_owned());
    (!of.is_empty()).then(|| names.collect())
}

fn subtrees(domains: &[&str]) -> Subtrees {
    Subtrees {
        dns_domains: names(domains),
        email_domains: names(&[]),
        ip_ranges: names(&[]),
        directory_names: None,
    }
}

fn constraints() -> NameConstraints {
    NameConstraints {
        permitted: Some(Subtrees {
            email_domains: names(&[".example.com"]),
            ip_ranges: names(&["10.0.0.0/8", "2001:db8::/32"]),
            directory_names: Some(vec![DirectoryName {
                country: Some("DE".to_owned()),
                province: None,
                locality: None,
                organization: Some("Example".to_owned()),
                organizational_unit: None,
                common_name: None,
            }]),
            ..subtrees(&["example.com", "example.net"])
        }),
        excluded: Some(subtrees(&["secret.example.com"])),
    }
}

fn policies(oids: &[&str]) -> Planned<Vec<Planned<String>>> {
    let oids = oids.iter().map(|oid| Planned::Known((*oid).to_owned()));
    Planned::Known(oids.collect())
}

fn plan_with_extensions() -> RootCaPlan {
    RootCaPlan {
        name_constraints: Planned::Known(constraints().into()),
        policy_oids: policies(&["2.23.140.1.2.1", "1.3.6.1.4.1.99999.1"]),
        ..plan("ECDSA_P256")
    }
}

#[tokio::test]
async fn certificate_contains_the_configured_extensions() {
    let account = Account::default();
    let configured = plan_with_extensions();
    let state = create(&resource(&account), configured.clone()).await.state;
    let shown = openssl(
        &[
            "x509",
            "-noout",
            "-ext",
            "nameConstraints,certificatePolicies",
        ],
        &state.certificate_pem,
    );
    for expected in [
        "X509v3 Name Constraints: critical",
        "DNS:example.com",
        "DNS:example.net",
        "email:.example.com",
        "IP:10.0.0.0/255.0.0.0",
        "DirName:C = DE, O = Example",
        "DNS:secret.example.com",
        "Policy: 2.23.140.1.2.1",
        "Policy: 1.3.6.1.4.1.99999.1",
    ] {
        assert!(shown.contains(expected), "expected {expected} in {shown}");
    }
    let arn = state.secret_arn.clone();
    let state = RootCaPlan::from(state);
    assert_settled(&account, &state).await;
    let imported = imported(&account, &arn).await;
    assert!(imported.name_constraints == configured.name_constraints);
    assert!(imported.policy_oids == configured.policy_oids);
}

#[tokio::test]
async fn changed_extension_requires_a_raised_revision() {
    let account = Account::default();
    let prior = RootCaPlan::from(
        create(&resource(&account), plan_with_extensions())
            .await
            .state,
    );
    let run = later_run(&account);
    let mut next = prior.clone();
    next.policy_oids = policies(&[]);
    let message = planned(&run, Some(&prior), Some(&next)).await.unwrap_err();
    assert!(
        message.starts_with("policy_oids\nChange requires a new certificate\n")
            && message.contains("raise certificate_revision by 1"),
        "{message}"
    );
    next.name_constraints = Planned::Null;
    let message = planned(&run, Some(&prior), Some(&next)).await.unwrap_err();
    assert!(
        message.contains("name_constraints\nChange requires"),
        "{message}"
    );

    next.certificate_revision = 2.into();
    let mut request = Plan::for_test(Some(prior.clone()), Some(next));
    assert!(run.review(&mut request).await.is_ok());
    let next = request.plan.unwrap();
    let state = run.change(&prior, next, &call()).await;
    let state = state.unwrap_or_else(|diagnostics| panic!("{}", text(&diagnostics)));
    let shown = openssl(&["x509", "-noout", "-text"], &state.certificate_pem);
    assert!(
        !shown.contains("Name Constraints") && !shown.contains("Policy"),
        "{shown}"
    );
    assert_eq!(state.public_key_pem, *prior.public_key_pem.known().unwrap());
}

#[tokio::test]
async fn invalid_names_are_rejected_during_validation() {
    let cases: [(&str, Subtrees); 4] = [
        (
            "10.0.0.0/8",
            Subtrees {
                ip_ranges: names(&["10.1.0.0/8"]),
                ..subtrees(&[])
            },
        ),
        ("https", subtrees(&["https://example.com"])),
        (
            "no attributes",
            Subtrees {
                directory_names: Some(vec![DirectoryName {
                    country: None,
                    province: None,
                    locality: None,
                    organization: None,
                    organizational_unit: None,
                    common_name: None,
                }]),
                ..subtrees(&[])
            },
        ),
        (
            "both permitted and excluded",
            subtrees(&["secret.example.com"]),
        ),
    ];
    for (expected, permitted) in cases {
        let mut plan = plan("ED25519");
        plan.name_constraints = Planned::Known(
            NameConstraints {
                permitted: Some(permitted),
                ..constraints()
            }
            .into(),
        );
        let message = text(&RootCa::invalid_configuration(&plan));
        assert!(
            message.starts_with("name_constraints\n") && message.contains(expected),
            "{message}"
        );
    }
}
