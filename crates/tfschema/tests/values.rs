//! Types, values and paths, and their JSON forms.

mod arbitrary;

use arbitrary::{Form, numbers, typed_values, types};
use proptest::prelude::*;
use tfschema::json::{value_from_json, value_to_json};
use tfschema::{AttributePath, Number, NumberError, Set, Text, Type, Value};

/// Through the text, as a state file is read: a number must not pass through a float on the way.
fn through_text(json: &serde_json::Value) -> serde_json::Value {
    serde_json::from_str(&json.to_string()).unwrap()
}

proptest! {
    #[test]
    fn an_integer_is_the_number_of_its_digits(signed: i64, unsigned: u64, zeros in 0_u32..19) {
        let round = signed.saturating_mul(10_i64.pow(zeros));
        for integer in [signed, round, signed % 100, i64::MIN, 0] {
            prop_assert_eq!(Number::from(integer), integer.to_string().parse().unwrap());
        }
        prop_assert_eq!(Number::from(unsigned), unsigned.to_string().parse().unwrap());
    }

    #[test]
    fn a_type_survives_its_json_form(ty in types()) {
        let bytes = ty.to_json().to_string().into_bytes();
        prop_assert_eq!(Type::from_json_bytes(&bytes).unwrap(), ty);
    }

    #[test]
    fn a_value_survives_the_json_of_a_state_file((ty, value) in typed_values(Form::State)) {
        let json = through_text(&value_to_json(&value).unwrap());
        prop_assert_eq!(value_from_json(&json, &ty).unwrap(), value);
    }

    #[test]
    fn values_conform_to_their_own_type((ty, value) in typed_values(Form::Wire)) {
        prop_assert!(ty.check(&value).is_ok());
        prop_assert!(value.clone().unknown_as_null().is_wholly_known());
    }

    #[test]
    fn a_set_does_not_know_order_or_repetition(elements in proptest::collection::vec(any::<i64>(), 0..8)) {
        let once = Value::set(elements.iter().copied().map(Value::from));
        let twice = Value::set(elements.iter().rev().chain(&elements).copied().map(Value::from));
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn a_number_survives_its_digits(number in numbers(Form::State)) {
        let text = number.to_string();
        prop_assert!(!text.contains(['e', 'E', '_']));
        prop_assert_eq!(text.parse::<Number>().unwrap(), number);
    }

    #[test]
    fn a_float_is_read_exactly(float in any::<f64>().prop_filter("finite", |float| float.is_finite())) {
        prop_assert_eq!(Number::from_f64(float).unwrap().as_exact_f64(), Some(float));
    }

    #[test]
    fn any_text_is_a_number_or_an_error(text in "[-+0-9._eE]{0,30}") {
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
fn a_number_beyond_floats_is_a_number() {
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
fn equal_numbers_are_equal_however_they_are_written() {
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
fn senseless_numbers_are_refused_before_they_cost_anything() {
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
fn text_is_in_normal_form_c_everywhere() {
    assert_eq!(Text::from("e\u{301}").as_str(), "\u{e9}");
    let json = serde_json::json!({ "e\u{301}": "o\u{308}" });
    let map = value_from_json(&json, &Type::String.map()).unwrap();
    assert_eq!(map, Value::map([("\u{e9}", Value::string("\u{f6}"))]));
    let set = Value::set([Value::string("e\u{301}"), Value::string("\u{e9}")]);
    assert_eq!(set, Value::set([Value::string("\u{e9}")]));
}

#[test]
fn elements_that_are_not_known_yet_are_never_merged() {
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
fn paths_read_as_users_write_them() {
    let path = AttributePath::root()
        .attribute("services")
        .key("api \"v2\"")
        .attribute("ports")
        .index(3);
    assert_eq!(path.to_string(), r#"services["api \"v2\""].ports[3]"#);
    assert_eq!(AttributePath::root().to_string(), "");
}

#[test]
fn a_path_leads_through_a_value_that_brings_its_type() {
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
fn null_and_unknown_are_seen_through_the_type_they_bring() {
    let null = value_from_json(
        &serde_json::json!({ "value": null, "type": "string" }),
        &Type::Dynamic,
    )
    .unwrap();
    assert!(null.is_null());
    assert_ne!(
        null,
        Value::Null,
        "a null of a type is not the null of no type"
    );
}

#[test]
fn what_is_missing_in_a_state_is_null_and_what_is_unheard_of_is_left_out() {
    let ty = Type::object([("name", Type::String), ("tags", Type::String.map())]);
    let value = value_from_json(&serde_json::json!({ "name": "a", "gone": 1 }), &ty).unwrap();
    assert_eq!(
        value,
        Value::object([("name", Value::string("a")), ("tags", Value::Null)])
    );
}

#[test]
fn errors_say_where_and_do_not_show_the_value() {
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
fn unknown_and_infinite_values_have_no_json_form() {
    let value = Value::object([("list", Value::List(vec![Value::Null, Value::unknown()]))]);
    assert!(
        value_to_json(&value)
            .unwrap_err()
            .to_string()
            .starts_with("list[1]: ")
    );
    assert!(value_to_json(&Value::Number(Number::PositiveInfinity)).is_err());
}

/// A schema may have changed a type since the state was written. The rows are what terraform-plugin-go reads.
#[test]
fn state_of_another_primitive_type_is_converted() {
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
