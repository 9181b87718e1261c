//! Errors that are reported without AWS calls.

use tfplugin::Validate;

use super::*;
use crate::resources::pki::stored_key::KmsPlan;

/// Returns the errors in a configuration.
fn invalid_configuration(config: &RootCaPlan) -> Diagnostics {
    resource(&Account::default()).validate(Validate::for_test(config.clone()))
}

/// The ARN of a KMS key that does not exist yet is unknown during planning.
#[test]
fn key_cannot_be_moved_between_secrets_manager_and_kms() {
    let arn = "arn:aws:kms:us-east-1:123456789012:key/0123".to_owned();
    let software = plan("RSA_4096");
    for key_arn in [Planned::Unknown, arn.into()] {
        let mut hsm = software.clone();
        hsm.kms = Planned::Known(KmsPlan { key_arn });
        for (prior, next, says) in [
            (&software, &hsm, "set hsm_backend = \"software\""),
            (&hsm, &software, "set hsm_backend = \"hsm\""),
        ] {
            let found = locked_changes::<RootCa>(prior, next);
            let message = text(&found);
            assert!(
                message.starts_with("kms\n") && message.contains(says),
                "{message}"
            );
            assert_eq!(found.iter().count(), 1);
        }
        assert!(locked_changes::<RootCa>(&hsm, &hsm).is_empty());
    }
}

#[test]
fn only_identity_changes_are_rejected() {
    type Change = fn(&mut RootCaPlan);
    let locked: [(&str, Change); 6] = [
        ("key_algorithm", |plan| {
            plan.key_algorithm = "RSA_4096".to_owned().into()
        }),
        ("path_length", |plan| plan.path_length = 2.into()),
        ("subject.common_name", |plan| {
            let Planned::Known(subject) = &mut plan.subject else {
                panic!()
            };
            subject.common_name = "Other".to_owned().into();
        }),
        ("subject.organization", |plan| {
            let Planned::Known(subject) = &mut plan.subject else {
                panic!()
            };
            subject.organization = Planned::Null;
        }),
        ("secrets_manager.name", |plan| {
            let Planned::Known(secret) = &mut plan.secrets_manager else {
                panic!()
            };
            secret.name = "other".to_owned().into();
        }),
        ("secrets_manager.kms_key_id", |plan| {
            let Planned::Known(secret) = &mut plan.secrets_manager else {
                panic!()
            };
            secret.kms_key_id = "alias/other".to_owned().into();
        }),
    ];
    let prior = plan("ED25519");
    for (path, change) in locked {
        let mut next = prior.clone();
        change(&mut next);
        let found = locked_changes::<RootCa>(&prior, &next);
        let message = text(&found);
        assert!(
            message.starts_with(&format!("{path}\n")) && message.contains("new generation"),
            "{path}: {message}"
        );
        assert_eq!(found.iter().count(), 1);
    }
    let mut next = prior.clone();
    next.deletion_protection = true.into();
    next.validity_days = 10.into();
    next.tags = Planned::Known(BTreeMap::new());
    let Planned::Known(secret) = &mut next.secrets_manager else {
        panic!()
    };
    secret.recovery_window_in_days = 30.into();
    assert!(locked_changes::<RootCa>(&prior, &next).is_empty());
    assert!(plan::postponed_validity(&prior, &prior).is_none());
    let changes: [(&str, Change); 3] = [
        ("validity_days", |plan| plan.validity_days = 10.into()),
        ("not_after", |plan| {
            plan.not_after = "2030-01-01T00:00:00Z".to_owned().into()
        }),
        ("not_before_margin_minutes", |plan| {
            plan.not_before_margin_minutes = 0.into()
        }),
    ];
    for (path, change) in changes {
        let mut next = prior.clone();
        change(&mut next);
        let warning = plan::postponed_validity(&prior, &next).expect(path);
        assert_eq!(warning.path.to_string(), path);
        assert!(locked_changes::<RootCa>(&prior, &next).is_empty(), "{path}");
    }
}

#[test]
fn numbers_are_limited_to_the_ranges_of_rfc_5280_and_secrets_manager() {
    let definition = <RootCa as tfplugin::Model>::definition();
    let validators = |rules: &tfplugin::ObjectRules, name: &str| rules.of(name).validators.clone();
    let path_length = validators(&definition.rules, "path_length");
    let margin = validators(&definition.rules, "not_before_margin_minutes");
    let secret = &definition.rules.of("secrets_manager").nested;
    let window = validators(secret, "recovery_window_in_days");
    for (name, rules, good, bad) in [
        (
            "path_length",
            path_length,
            &[-1, 0, 255][..],
            &[-2, 256][..],
        ),
        (
            "not_before_margin_minutes",
            margin,
            &[0, 60, 1440],
            &[-1, 1441],
        ),
        (
            "recovery_window_in_days",
            window,
            &[0, 7, 30],
            &[-1, 1, 6, 31],
        ),
    ] {
        let accepted = |number: &i64| {
            let value = tfplugin::schema::Value::from(tfplugin::schema::Number::from(*number));
            rules.iter().all(|rule| rule.accepts(&value))
        };
        for number in good {
            assert!(accepted(number), "{name} = {number}");
        }
        for number in bad {
            assert!(!accepted(number), "{name} = {number}");
        }
    }
}

#[test]
fn no_attribute_requires_replacement_and_a_private_key_is_write_only() {
    let definition = <RootCa as tfplugin::Model>::definition();
    for (name, attribute) in &definition.schema.block.attributes {
        let is_key = name.contains("private") && !name.ends_with("_version");
        assert_eq!(is_key, attribute.write_only, "{name}");
        assert!(!is_key || attribute.sensitive, "{name}");
        assert!(!definition.rules.of(name).requires_replace, "{name}");
    }
}

#[test]
fn invalid_configuration_is_reported_at_its_attribute_path() {
    type Change = fn(&mut RootCaPlan);
    let cases: [(&str, &str, Change); 10] = [
        ("validity_days", "Set validity_days", |plan| {
            plan.validity_days = Planned::Null
        }),
        ("not_after", "not both", |plan| {
            plan.not_after = "2030-01-01T00:00:00Z".to_owned().into()
        }),
        ("not_after", "RFC 3339", |plan| {
            plan.validity_days = Planned::Null;
            plan.not_after = "in ten years".to_owned().into();
        }),
        ("not_after", "whole seconds", |plan| {
            plan.validity_days = Planned::Null;
            plan.not_after = "2030-01-01T00:00:00.5Z".to_owned().into();
        }),
        ("subject.common_name", "64", |plan| {
            let Planned::Known(subject) = &mut plan.subject else {
                panic!()
            };
            subject.common_name = "x".repeat(65).into();
        }),
        ("subject.country", "ISO 3166", |plan| {
            let Planned::Known(subject) = &mut plan.subject else {
                panic!()
            };
            subject.country = "Germany".to_owned().into();
        }),
        ("subject.organization", "U+0009", |plan| {
            let Planned::Known(subject) = &mut plan.subject else {
                panic!()
            };
            subject.organization = "a\tb".to_owned().into();
        }),
        ("subject.locality", "empty", |plan| {
            let Planned::Known(subject) = &mut plan.subject else {
                panic!()
            };
            subject.locality = String::new().into();
        }),
        ("tags[\"skreg:x\"]", "reserved", |plan| {
            plan.tags = Planned::Known(BTreeMap::from([(
                "skreg:x".to_owned(),
                "x".to_owned().into(),
            )]));
        }),
        ("tags[\"spki_sha256\"]", "reserved", |plan| {
            plan.tags = Planned::Known(BTreeMap::from([(
                "spki_sha256".to_owned(),
                "x".to_owned().into(),
            )]));
        }),
    ];
    assert!(invalid_configuration(&plan("ED25519")).is_empty());
    for (path, rule, change) in cases {
        let mut config = plan("ED25519");
        change(&mut config);
        let message = text(&invalid_configuration(&config));
        assert!(
            message.starts_with(&format!("{path}\n"))
                && message.to_lowercase().contains(&rule.to_lowercase()),
            "{path}: {message}"
        );
    }
    let mut unknown = plan("ED25519");
    unknown.not_after = Planned::Unknown;
    unknown.subject = Planned::Unknown;
    assert!(
        invalid_configuration(&unknown).is_empty(),
        "unknown values must be accepted"
    );
}

#[test]
fn an_end_of_validity_in_the_past_fails_the_plan() {
    let mut past = plan("ED25519");
    past.validity_days = Planned::Null;
    past.not_after = "2026-11-20T12:00:00Z".to_owned().into();
    let message = text(&RootCa::invalid_creation(&past, now()));
    assert!(message.starts_with("not_after\n"), "{message}");
    assert!(RootCa::invalid_creation(&plan("ED25519"), now()).is_empty());
    for unknown in [
        |plan: &mut RootCaPlan| plan.not_after = Planned::Unknown,
        |plan: &mut RootCaPlan| plan.validity_days = Planned::Unknown,
        |plan: &mut RootCaPlan| plan.not_before_margin_minutes = Planned::Unknown,
    ] {
        let mut later = past.clone();
        unknown(&mut later);
        assert!(RootCa::invalid_creation(&later, now()).is_empty());
    }
}
