//! Validation of the provider block: errors and their attribute paths.

use tfplugin::schema::{AttributePath, Value};
use tfplugin::{Codec, Planned};

use super::rules::is_session_duration;
use super::*;
use crate::aws::config::Service;

fn plan(fields: &[(&'static str, Value)]) -> ProviderConfigPlan {
    let mut value = ProviderConfigPlan::default().encode();
    if let Value::Object(attributes) = &mut value {
        attributes.extend(
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone())),
        );
    }
    ProviderConfigPlan::decode(value, &AttributePath::root())
        .unwrap_or_else(|error| panic!("{error}"))
}

fn errors(fields: &[(&'static str, Value)]) -> Vec<(String, String)> {
    let all = validate(plan(fields)).into_iter();
    all.map(|diagnostic| (diagnostic.path.to_string(), diagnostic.summary))
        .collect()
}

fn pair(path: &str, summary: &str) -> (String, String) {
    (path.to_owned(), summary.to_owned())
}

#[test]
fn two_endpoints_of_a_service_are_rejected() {
    let url = |url: &str| Planned::Known(url.to_owned());
    let mut endpoints = EndpointsPlan {
        ecs: url("http://127.0.0.1:4566"),
        elbv2: url("https://x"),
        ..EndpointsPlan::default()
    };
    let errors = |endpoints: &EndpointsPlan| errors(&[("endpoints", endpoints.clone().encode())]);
    assert_eq!(errors(&endpoints), []);
    endpoints.elasticloadbalancingv2 = url("https://y");
    let path = "endpoints.elasticloadbalancingv2";
    assert_eq!(
        errors(&endpoints),
        [pair(path, "Duplicate service endpoint")]
    );
}

#[test]
fn both_names_of_a_service_set_its_endpoint() {
    let url = || Some("http://127.0.0.1:4566".to_owned());
    let none = || Endpoints {
        cloudwatchlogs: None,
        ecs: None,
        elbv2: None,
        elasticloadbalancingv2: None,
        kms: None,
        s3: None,
        secretsmanager: None,
        sts: None,
    };
    for endpoints in [
        Endpoints {
            elbv2: url(),
            ..none()
        },
        Endpoints {
            elasticloadbalancingv2: url(),
            ..none()
        },
    ] {
        let settings = endpoints.settings();
        assert!(
            settings
                .keys()
                .all(|service| *service == Service::ElasticLoadBalancingV2)
        );
        assert_eq!(settings.len(), 1);
    }
}

#[test]
fn http_endpoints_of_secrets_manager_and_kms_are_allowed_on_loopback_only() {
    let summary = "Endpoint is not encrypted";
    for (url, expected) in [
        ("https://example.test", vec![]),
        ("http://127.0.0.1:4566", vec![]),
        ("http://localhost", vec![]),
        (
            "http://example.test",
            vec![
                pair("endpoints.kms", summary),
                pair("endpoints.secretsmanager", summary),
            ],
        ),
    ] {
        let plain = || Planned::Known("http://example.test".to_owned());
        let endpoints = EndpointsPlan {
            kms: Planned::Known(url.to_owned()),
            secretsmanager: Planned::Known(url.to_owned()),
            ecs: plain(),
            s3: plain(),
            ..EndpointsPlan::default()
        };
        assert_eq!(
            errors(&[("endpoints", endpoints.encode())]),
            expected,
            "{url}"
        );
    }
}

#[test]
fn reserved_default_tags_are_rejected() {
    for key in ["spki_sha256", "aws:x", "skreg:bundle"] {
        let tags = Value::map([(key, Value::from("v"))]);
        let block = Value::object([("tags", tags)]);
        let path = format!("default_tags.tags[{key:?}]");
        assert_eq!(
            errors(&[("default_tags", block)]),
            [pair(&path, "Reserved tag")]
        );
    }
}

#[test]
fn conflicting_credentials_are_rejected_at_their_attributes() {
    let text = Value::string;
    let keys = [("access_key", text("AKIA")), ("secret_key", text("s"))];
    assert_eq!(errors(&keys), []);
    assert_eq!(
        errors(&keys[..1]),
        [pair("access_key", "Access key without a secret key")]
    );
    assert_eq!(
        errors(&keys[1..]),
        [pair("secret_key", "Secret key without an access key")]
    );
    assert_eq!(
        errors(&[("token", text("t"))]),
        [pair("token", "Session token without an access key")]
    );
    let profile = [keys.to_vec(), vec![("profile", text("p"))]].concat();
    assert_eq!(
        errors(&profile),
        [pair("profile", "Conflicting credential sources")]
    );
    assert_eq!(
        errors(&[("access_key", Value::unknown()), ("token", text("t"))]),
        []
    );
}

#[test]
fn an_unknown_value_is_reported_with_its_path() {
    let error = ProviderConfig::of(plan(&[("region", Value::unknown())])).err();
    assert_eq!(
        error.map(|error| error.path.to_string()).as_deref(),
        Some("region")
    );
}

#[test]
fn session_durations_must_be_in_the_range_of_sts() {
    for good in ["15m", "1h", "1h30m", "12h", "900s"] {
        assert!(is_session_duration(good), "{good}");
    }
    for bad in ["14m", "12h1s", "13h", "900", "", "-1h"] {
        assert!(!is_session_duration(bad), "{bad}");
    }
}

#[test]
fn only_role_arns_are_accepted() {
    assert!(is_role_arn("arn:aws-cn:iam::123456789012:role/path/deploy"));
    for bad in [
        "",
        "deploy",
        "arn:aws:iam::123456789012:user/x",
        "arn:aws:iam::12:role/x",
        "arn:aws:iam::123456789012:role/",
    ] {
        assert!(!is_role_arn(bad), "{bad}");
    }
}
