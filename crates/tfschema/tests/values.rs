//! Tests types, values, and paths, and their JSON forms.

mod arbitrary;

use arbitrary::{Form, numbers, typed_values, types};
use proptest::prelude::*;
use tfschema::json::{value_from_json, value_to_json};
use tfschema::{AttributePath, Number, NumberError, Set, Text, Type, Value};

/// Serializes and parses a document as in a state file. Numbers must not be converted to floats.
fn through_text(json: &serde_json::Value) -> serde_json::Value {
    serde_json::from_str(&json.to_string()).unwrap()
}

proptest! {
    #[test]
    fn integers_equal_numbers_parsed_from_their_digits(signed: i64, unsigned: u64, zeros in 0_u32..19) {
        let round = signed.saturating_mul(10_i64.pow(zeros));
        for integer in [signed, round, signed % 100, i64::MIN, 0] {
            prop_assert_eq!(Number::from(integer), integer.to_string().parse().unwrap());
        }
        prop_assert_eq!(Number::from(unsigned), unsigned.to_string().parse().unwrap());
    }

    #[test]
    fn types_survive_a_round_trip_through_json(ty in types()) {
        let bytes = ty.to_json().to_string().into_bytes();
        prop_assert_eq!(Type::from_json_bytes(&bytes).unwrap(), ty);
    }

    #[test]
    fn values_survive_a_round_trip_through_state_json((ty, value) in typed_values(Form::State)) {
        let json = through_text(&value_to_json(&value).unwrap());
        prop_assert_eq!(value_from_json(&json, &ty).unwrap(), value);
    }

    #[test]
    fn values_conform_to_their_type((ty, value) in typed_values(Form::Wire)) {
        prop_assert!(ty.check(&value).is_ok());
        prop_assert!(value.clone().unknown_as_null().is_wholly_known());
    }

    #[test]
    fn sets_ignore_order_and_repetition(elements in proptest::collection::vec(any::<i64>(), 0..8)) {
        let once = Value::set(elements.iter().copied().map(Value::from));
        let twice = Value::set(elements.iter().rev().chain(&elements).copied().map(Value::from));
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn numbers_survive_a_round_trip_through_text(number in numbers(Form::State)) {
        let text = number.to_string();
        prop_assert!(!text.contains(['e', 'E', '_']));
        prop_assert_eq!(text.parse::<Number>().unwrap(), number);
    }

    #[test]
    fn floats_are_converted_exactly(float in any::<f64>().prop_filter("finite", |float| float.is_finite())) {
        prop_assert_eq!(Number::from_f64(float).unwrap().as_exact_f64(), Some(float));
    }

    #[test]
    fn every_parsed_string_survives_a_round_trip(text in "[-+0-9._eE]{0,30}") {
        if let Ok(number) = text.parse::<Number>() {
            prop_assert_eq!(number.to_string().parse::<Number>().unwrap(), number);
        }
    }
}

#[test]
fn numbers_keep_every_digit() {
    let digits = "1234567890".repeat(51) + "12";
    assert_eq!(digits.len(), 512);
    assert_eq!(digits.parse::<Number>().unwrap().to_string(), digits);
    let fraction = format!("0.{digits}3");
    assert_eq!(fraction.parse::<Number>().unwrap().to_string(), fraction);
    let json = value_to_json(&Value::Number(digits.parse().unwrap())).unwrap();
    assert_eq!(json.to_string(), digits);
}

#[test]
fn numbers_beyond_the_range_of_floats_are_supported() {
    let big: Number = "1e400".parse().unwrap();
    assert_eq!(big.to_string(), format!("1{}", "0".repeat(400)));
    assert_eq!(big.as_exact_f64(), None);
    let json = serde_json::from_str("1e400").unwrap();
    assert_eq!(
        value_from_json(&json, &Type::Number).unwrap(),
        Value::Number(big)
    );
}

#[test]
fn numbers_in_different_notations_are_equal() {
    for text in [
        "1.5",
        "1.50",
        "15e-1",
        "0.15e1",
        "+1.5",
        "1.500000000000000000000000000000",
    ] {
        assert_eq!(
            text.parse::<Number>().unwrap(),
            "1.5".parse().unwrap(),
            "{text}"
        );
    }
    assert_eq!("-0".parse::<Number>().unwrap(), Number::from(0_i64));
}

#[test]
fn excessive_numbers_are_rejected_without_expansion() {
    for text in [
        "1e100001",
        "1e-100001",
        "1e999999999999",
        "1e9223372036854775807",
        "1e9223372036854775808",
        "-1e-9223372036854775808",
    ] {
        assert!(text.parse::<Number>().is_err(), "{text}");
    }
    let long = "9".repeat(10_000_000);
    assert!(matches!(
        long.parse::<Number>(),
        Err(NumberError::Length { length: 10_000_000 })
    ));
    for text in [
        "", "-", ".", "1_000", "0x10", "NaN", "1 ", "1e", "e5", "1.2.3",
    ] {
        assert!(
            matches!(text.parse::<Number>(), Err(NumberError::Syntax { .. })),
            "{text:?}"
        );
    }
    assert!(matches!(
        Number::from_f64(f64::NAN),
        Err(NumberError::NotANumber)
    ));
}

#[test]
fn numbers_are_ordered_by_value() {
    let mut numbers = ["10", "9", "-1", "0.5", "1e3"]
        .map(|text| text.parse::<Number>().unwrap())
        .to_vec();
    numbers.extend([Number::PositiveInfinity, Number::NegativeInfinity]);
    numbers.sort();
    let sorted: Vec<String> = numbers.iter().map(Number::to_string).collect();
    assert_eq!(sorted, ["-Inf", "-1", "0.5", "9", "10", "1000", "Inf"]);
}

#[test]
fn strings_are_normalized_to_form_c() {
    assert_eq!(Text::from("e\u{301}").as_str(), "\u{e9}");
    let json = serde_json::json!({ "e\u{301}": "o\u{308}" });
    let map = value_from_json(&json, &Type::String.map()).unwrap();
    assert_eq!(map, Value::map([("\u{e9}", Value::string("\u{f6}"))]));
    let set = Value::set([Value::string("e\u{301}"), Value::string("\u{e9}")]);
    assert_eq!(set, Value::set([Value::string("\u{e9}")]));
}

#[test]
fn unknown_elements_are_never_merged() {
    let set: Set = [
        Value::unknown(),
        Value::unknown(),
        Value::from(1),
        Value::from(1),
    ]
    .into_iter()
    .collect();
    assert_eq!(set.len(), 3);
}

#[test]
fn paths_are_displayed_in_configuration_syntax() {
    let path = AttributePath::root()
        .attribute("services")
        .key("api \"v2\"")
        .attribute("ports")
        .index(3);
    assert_eq!(path.to_string(), r#"services["api \"v2\""].ports[3]"#);
    assert_eq!(AttributePath::root().to_string(), "");
}

#[test]
fn paths_resolve_through_dynamic_values() {
    let ty = Type::object([("ports", Type::Number.list())]);
    let json = serde_json::json!({ "value": { "ports": [80, 443] }, "type": ty.to_json() });
    let value = Value::object([("open", value_from_json(&json, &Type::Dynamic).unwrap())]);
    let path = AttributePath::root()
        .attribute("open")
        .attribute("ports")
        .index(1);
    assert_eq!(value.at(&path), Some(&Value::from(443)));
    assert_eq!(value.at(&path.index(0)), None);
    assert_eq!(value.at(&AttributePath::root().attribute("ports")), None);
}

#[test]
fn dynamic_null_is_null_but_differs_from_an_untyped_null() {
    let null = value_from_json(
        &serde_json::json!({ "value": null, "type": "string" }),
        &Type::Dynamic,
    )
    .unwrap();
    assert!(null.is_null());
    assert_ne!(
        null,
        Value::Null,
        "a null with a type differs from a null without a type"
    );
}

#[test]
fn missing_attributes_are_null_and_unknown_attributes_are_dropped() {
    let ty = Type::object([("name", Type::String), ("tags", Type::String.map())]);
    let value = value_from_json(&serde_json::json!({ "name": "a", "gone": 1 }), &ty).unwrap();
    assert_eq!(
        value,
        Value::object([("name", Value::string("a")), ("tags", Value::Null)])
    );
}

#[test]
fn errors_contain_the_path_but_not_the_value() {
    let ty = Type::object([("parts", Type::object([("password", Type::Number)]).list())]);
    let json = serde_json::json!({ "parts": [{ "password": 1 }, { "password": "hunter2" }] });
    let error = value_from_json(&json, &ty).unwrap_err().to_string();
    assert!(error.starts_with("parts[1].password: "), "{error}");
    assert!(!error.contains("hunter2"), "{error}");

    let wrong = Value::object([(
        "parts",
        Value::List(vec![Value::object([(
            "password",
            Value::string("hunter2"),
        )])]),
    )]);
    let error = ty.check(&wrong).unwrap_err().to_string();
    assert!(error.starts_with("parts[0].password: "), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn unknown_and_infinite_values_cannot_be_written_as_json() {
    let value = Value::object([("list", Value::List(vec![Value::Null, Value::unknown()]))]);
    assert!(
        value_to_json(&value)
            .unwrap_err()
            .to_string()
            .starts_with("list[1]: ")
    );
    assert!(value_to_json(&Value::Number(Number::PositiveInfinity)).is_err());
}

/// A schema can change a type after the state is written. The cases match the behavior of terraform-plugin-go.
#[test]
fn state_with_a_different_primitive_type_is_converted() {
    use serde_json::json;
    let big = serde_json::from_str("123456789012345678901234567890").unwrap();
    let read = [
        (Type::String, json!(80), Value::from("80")),
        (Type::String, big, "123456789012345678901234567890".into()),
        (Type::String, json!(true), "true".into()),
        (Type::String, json!(false), "false".into()),
        (Type::Number, json!("80"), 80.into()),
        (
            Type::Number,
            json!("1.5"),
            Value::Number("1.5".parse().unwrap()),
        ),
        (Type::Bool, json!("true"), true.into()),
        (Type::Bool, json!("1"), true.into()),
        (Type::Bool, json!("false"), false.into()),
        (Type::Bool, json!("0"), false.into()),
        (Type::Bool, json!(1), true.into()),
        (Type::Bool, json!(0), false.into()),
    ];
    for (ty, json, expected) in read {
        assert_eq!(
            value_from_json(&json, &ty).unwrap(),
            expected,
            "{json} as {ty:?}"
        );
        let list = value_from_json(&json!([json]), &ty.clone().list()).unwrap();
        assert_eq!(
            list,
            Value::List(vec![expected]),
            "{json} in a list of {ty:?}"
        );
    }
    for (ty, json) in [
        (Type::Number, json!(true)),
        (Type::Number, json!("eighty")),
        (Type::Number, json!("")),
        (Type::Bool, json!("True")),
        (Type::Bool, json!("yes")),
        (Type::Bool, json!(2)),
        (Type::Bool, json!("")),
        (Type::String, json!(["a"])),
        (Type::String, json!({})),
        (Type::String.list(), json!("a")),
    ] {
        let error = value_from_json(&json, &ty).unwrap_err().to_string();
        assert!(!error.contains("eighty"), "{error}");
    }
}
