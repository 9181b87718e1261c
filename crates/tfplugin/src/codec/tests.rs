//! Tests of the encodings in the protocol documentation, and property tests with arbitrary values and arbitrary input.

#[path = "../../../tfschema/tests/arbitrary/mod.rs"]
#[expect(dead_code, reason = "the state file format is tested in tfschema")]
mod arbitrary;

use arbitrary::{Form, numbers, typed_values, types};
use proptest::prelude::*;
use tfschema::{Bound, Dynamic, Number, Type, Unknown, Value};

use super::{decode, decode_either, encode};

/// Parses bytes from a notation of hexadecimal digits, spaces, and quoted text.
fn bytes(notation: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (index, part) in notation.split('\'').enumerate() {
        if index % 2 == 1 {
            bytes.extend_from_slice(part.as_bytes());
            continue;
        }
        let digits: String = part.split_whitespace().collect();
        let pairs = digits.as_bytes().chunks(2);
        bytes.extend(
            pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()),
        );
    }
    bytes
}

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

fn unknown(unknown: Unknown) -> Value {
    Value::Unknown(Box::new(unknown))
}

fn dynamic(ty: Type, value: Value) -> Value {
    Value::Dynamic(Box::new(Dynamic { ty, value }))
}

fn problem(notation: &str, ty: &Type) -> String {
    decode(&bytes(notation), ty).unwrap_err().to_string()
}

/// Returns types and values with their encodings. Each encoding decodes to the same value.
fn table() -> Vec<(Type, Value, &'static str)> {
    let pair = || Type::object([("b", Type::Number), ("a", Type::String)]);
    vec![
        (Type::String, Value::Null, "c0"),
        (Type::Bool, Value::Bool(true), "c3"),
        (Type::Bool, Value::Bool(false), "c2"),
        (Type::String, Value::string("skreg"), "a5 'skreg'"),
        (Type::String, Value::unknown(), "d4 00 00"),
        (Type::Number, Value::from(0), "00"),
        (Type::Number, Value::from(-1), "ff"),
        (Type::Number, Value::from(200), "cc c8"),
        (Type::Number, Value::from(i64::MIN), "d3 8000000000000000"),
        (Type::Number, Value::from(i64::MAX), "cf 7fffffffffffffff"),
        (Type::Number, number("1.5"), "cb 3ff8000000000000"),
        (Type::Number, number("0.1"), "a3 '0.1'"),
        (
            Type::Number,
            number("9223372036854775808"),
            "b3 '9223372036854775808'",
        ),
        (
            Type::Number,
            number("123456789012345678901234567890"),
            "be '123456789012345678901234567890'",
        ),
        (
            Type::Number,
            Value::Number(Number::PositiveInfinity),
            "cb 7ff0000000000000",
        ),
        (
            Type::Number,
            Value::Number(Number::NegativeInfinity),
            "cb fff0000000000000",
        ),
        (
            Type::String.list(),
            Value::List(vec![Value::string("b"), Value::Null]),
            "92 a1 'b' c0",
        ),
        (
            Type::Number.set(),
            Value::set([2.into(), 1.into()]),
            "92 01 02",
        ),
        (
            Type::Number.map(),
            Value::map([("k", 1.into())]),
            "81 a1 'k' 01",
        ),
        (
            Type::Tuple(vec![Type::Bool, Type::String]),
            Value::Tuple(vec![true.into(), Value::unknown()]),
            "92 c3 d4 00 00",
        ),
        (
            pair(),
            Value::object([("a", Value::Null), ("b", 7.into())]),
            "82 a1 'a' c0 a1 'b' 07",
        ),
        (Type::Dynamic, Value::Null, "c0"),
        (Type::Dynamic, Value::unknown(), "d4 00 00"),
        (
            Type::Dynamic,
            dynamic(Type::String, Value::string("x")),
            "92 c4 08 '\"string\"' a1 'x'",
        ),
        (
            Type::Dynamic,
            dynamic(Type::String, Value::unknown()),
            "92 c4 08 '\"string\"' d4 00 00",
        ),
        (
            Type::Dynamic,
            dynamic(Type::String, Value::Null),
            "92 c4 08 '\"string\"' c0",
        ),
        (
            Type::Dynamic,
            dynamic(
                Type::object([("in", Type::Dynamic)]),
                Value::object([("in", dynamic(Type::Bool, Value::Bool(true)))]),
            ),
            "92 c4 1b '[\"object\",{\"in\":\"dynamic\"}]' 81 a2 'in' 92 c4 06 '\"bool\"' c3",
        ),
        (
            Type::String,
            unknown(Unknown {
                nullness: Some(false),
                prefix: Some("pre-".into()),
                ..Unknown::default()
            }),
            "c7 09 0c 82 01 c2 02 a4 'pre-'",
        ),
        (
            Type::Number,
            unknown(Unknown {
                lower: Some(Bound {
                    number: 1_i64.into(),
                    inclusive: true,
                }),
                upper: Some(Bound {
                    number: "1.5".parse().unwrap(),
                    inclusive: false,
                }),
                ..Unknown::default()
            }),
            "c7 11 0c 82 03 92 01 c3 04 92 cb 3ff8000000000000 c2",
        ),
        (
            Type::String.list(),
            unknown(Unknown {
                min_length: Some(1),
                max_length: Some(300),
                ..Unknown::default()
            }),
            "c7 07 0c 82 05 01 06 cd 012c",
        ),
        (
            Type::Bool,
            unknown(Unknown {
                nullness: Some(false),
                ..Unknown::default()
            }),
            "c7 03 0c 81 01 c2",
        ),
    ]
}

/// docs/protocol.md, "MessagePack".
///
/// Refined unknown values use extension 12, numbers without an exact machine type are strings, and a dynamic value is a pair
/// of a type and a value.
#[test]
fn values_have_the_documented_encoding() {
    for (ty, value, notation) in table() {
        assert_eq!(
            encode(&value, &ty).unwrap(),
            bytes(notation),
            "{ty} {value:?}"
        );
        assert_eq!(decode(&bytes(notation), &ty).unwrap(), value, "{notation}");
    }
}

#[test]
fn alternative_encodings_are_decoded() {
    let pair = Type::object([("a", Type::String), ("b", Type::Number)]);
    let cases = [
        // Every extension represents an unknown value, regardless of its type, length, and content.
        (Type::String, Value::unknown(), "c7 00 00"),
        (Type::String, Value::unknown(), "c7 00 0c"),
        (Type::String, Value::unknown(), "d5 63 ffff"),
        (
            Type::Number,
            Value::unknown(),
            "d8 f0 00112233445566778899aabbccddeeff",
        ),
        (Type::Bool, Value::unknown(), "c9 00000002 05 c2c3"),
        // Dynamic types have no refinements.
        (Type::Dynamic, Value::unknown(), "c7 03 0c 81 01 c2"),
        // Refinements from a later protocol version are skipped.
        (
            Type::String,
            unknown(Unknown {
                nullness: Some(false),
                ..Unknown::default()
            }),
            "c7 10 0c 83 1e 92 81 a1 'x' c0 d4 00 00 01 c2 1f cd 0001",
        ),
        // Numbers of every encoded width.
        (Type::Number, Value::from(5), "cf 0000000000000005"),
        (Type::Number, Value::from(5), "d3 0000000000000005"),
        (Type::Number, Value::from(-5), "d0 fb"),
        (
            Type::Number,
            number("18446744073709551615"),
            "cf ffffffffffffffff",
        ),
        (Type::Number, number("1.5"), "ca 3fc00000"),
        (Type::Number, Value::from(2), "cb 4000000000000000"),
        (Type::Number, number("1.5"), "a4 '1.50'"),
        (Type::Number, number("1e400"), "a5 '1e400'"),
        // Attributes in any order, sets with duplicates, and text in any Unicode normalization form.
        (
            pair,
            Value::object([("a", Value::string("x")), ("b", 1.into())]),
            "82 a1 'b' 01 a1 'a' a1 'x'",
        ),
        (
            Type::Number.set(),
            Value::set([1.into(), 2.into()]),
            "93 02 01 02",
        ),
        (Type::String, Value::string("\u{e9}"), "a3 65 cc81"),
        (
            Type::Bool.map(),
            Value::map([("\u{e9}", true.into())]),
            "81 a3 65 cc81 c3",
        ),
        (
            Type::Number.list(),
            Value::List(vec![1.into()]),
            "dd 00000001 01",
        ),
        (
            Type::Dynamic,
            dynamic(Type::Bool, true.into()),
            "92 a6 '\"bool\"' c3",
        ),
    ];
    for (ty, value, notation) in cases {
        assert_eq!(decode(&bytes(notation), &ty).unwrap(), value, "{notation}");
    }
}

#[test]
fn errors_contain_the_path() {
    let part = Type::object([("name", Type::String), ("size", Type::Number)]);
    let ty = Type::object([
        ("parts", part.clone().list()),
        ("tags", Type::Tuple(vec![Type::Bool]).map()),
    ]);
    let cases = [
        ("81 a5 'parts' c0", "attribute \"tags\" is missing"),
        (
            "83 a5 'parts' c0 a4 'tags' c0 a1 'x' c0",
            "attribute \"x\" is not in the schema",
        ),
        (
            "82 a5 'parts' 92 c0 81 a4 'name' c0 a4 'tags' c0",
            "parts[1]: attribute \"size\" is missing",
        ),
        (
            "82 a5 'parts' 91 82 a4 'name' c0 a4 'size' c3 a4 'tags' c0",
            "parts[0].size: number is required, found a bool",
        ),
        (
            "82 a5 'parts' c0 a4 'tags' 81 a1 'k' 92 c3 c3",
            "tags[\"k\"]: 1 elements are required, found 2",
        ),
        (
            "82 a5 'parts' c0 a4 'tags' 81 a1 'k' 91",
            "tags[\"k\"][0]: the message ends in the middle of a value",
        ),
        (
            "82 a5 'parts' 80",
            "parts: list(object({ name = string, size = number })) is required, found a map",
        ),
    ];
    for (notation, expected) in cases {
        assert_eq!(problem(notation, &ty), expected, "{notation}");
    }
    // Elements in sets have no path.
    let sets = Type::object([("set", part.set())]);
    assert_eq!(
        problem("81 a3 'set' 91 82 a4 'name' c2", &sets),
        "set: string is required, found a bool"
    );
    let wrong = Value::object([(
        "set",
        Value::set([Value::object([
            ("name", Value::from(1)),
            ("size", Value::Null),
        ])]),
    )]);
    assert_eq!(
        encode(&wrong, &sets).unwrap_err().to_string(),
        "set: string is required, found a number"
    );
}

#[test]
fn nonconforming_values_are_not_encoded() {
    let ty = Type::object([("a", Type::Tuple(vec![Type::Bool]).list())]);
    let cases = [
        (
            Value::object([("b", Value::Null)]),
            "attribute \"b\" is not in the schema",
        ),
        (
            Value::Object(Default::default()),
            "attribute \"a\" is missing",
        ),
        (
            Value::object([("a", Value::List(vec![Value::Null, Value::Tuple(vec![])]))]),
            "a[1]: 1 elements are required, found 0",
        ),
        (
            Value::string("secret"),
            "object({ a = list(tuple([bool])) }) is required, found a string",
        ),
    ];
    for (value, expected) in cases {
        assert_eq!(encode(&value, &ty).unwrap_err().to_string(), expected);
    }
    assert!(
        encode(&Value::string("bare"), &Type::Dynamic).is_err(),
        "a dynamic value requires a type"
    );
}

#[test]
fn malformed_input_returns_an_error() {
    let cases = [
        ("", Type::String, "the message ends"),
        ("c0 c0", Type::String, "1 bytes follow the value"),
        ("c1", Type::String, "found a reserved byte"),
        ("a2 c3 28", Type::String, "not valid UTF-8"),
        ("cb 7ff8000000000001", Type::Number, "a number is required"),
        ("a3 'ten'", Type::Number, "a number is required"),
        ("91 c0", Type::Dynamic, "a pair of a type and a value"),
        ("92 01 c0", Type::Dynamic, "a pair of a type and a value"),
        (
            "92 c4 03 '\"x\"' c0",
            Type::Dynamic,
            "the type of the dynamic value is not valid",
        ),
        (
            "92 c4 03 '[[[' c0",
            Type::Dynamic,
            "the type of the dynamic value is not valid",
        ),
        ("81 01 01", Type::Number.map(), "found a number"),
        // Malformed refinements.
        ("c7 02 0c 81 01", Type::String, "refinement"),
        ("c7 03 0c 81 01 01", Type::String, "refinement"),
        ("c7 04 0c 81 01 c2 c0", Type::String, "refinement"),
        ("c7 03 0c 81 02 01", Type::String, "refinement"),
        ("c7 04 0c 81 03 91 01", Type::Number, "refinement"),
        ("c7 06 0c df ffffffff 01", Type::Number, "refinement"),
    ];
    for (notation, ty, expected) in cases {
        let problem = problem(notation, &ty);
        assert!(problem.contains(expected), "{notation}: {problem}");
    }
    let long = [bytes("c8 0401 0c 81 02 da 03fc"), vec![b'x'; 1020]].concat();
    assert!(
        decode(&long, &Type::String)
            .unwrap_err()
            .to_string()
            .contains("refinement")
    );
}

/// Encodes an unknown value whose refinements consist of these bytes.
fn refined(payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
    [&[0xc8][..], &length, &[0x0c], payload].concat()
}

/// Uses every kind of MessagePack value as a member that no protocol version defines.
#[test]
fn undefined_refinements_of_any_kind_are_skipped() {
    let kinds = [
        "c0",
        "c2",
        "c3",
        "05",
        "ff",
        "cc c8",
        "cd 0102",
        "ce 01020304",
        "cf 0102030405060708",
        "d0 80",
        "d1 8000",
        "d2 80000000",
        "d3 8000000000000000",
        "ca 3fc00000",
        "cb 3ff8000000000000",
        "a1 'x'",
        "d9 02 'xy'",
        "da 0002 'xy'",
        "db 00000002 'xy'",
        "c4 02 'xy'",
        "c5 0002 'xy'",
        "c6 00000002 'xy'",
        "90",
        "92 01 91 02",
        "dc 0002 01 02",
        "dd 00000002 01 02",
        "80",
        "82 a1 'k' 01 a1 'l' 81 01 02",
        "de 0001 01 02",
        "df 00000001 01 02",
        "d4 00 00",
        "d5 00 0000",
        "d6 00 00000000",
        "d7 00 0000000000000000",
        "d8 00 00000000000000000000000000000000",
        "c7 02 00 0000",
        "c8 0002 00 0000",
        "c9 00000002 00 0000",
    ];
    for kind in kinds {
        let payload = [bytes("82 63"), bytes(kind), bytes("01 c2")].concat();
        let not_null = unknown(Unknown {
            nullness: Some(false),
            ..Unknown::default()
        });
        let read = decode(&refined(&payload), &Type::String);
        assert_eq!(read.unwrap(), not_null, "{kind}");
        for cut in 2..payload.len() {
            let read = decode(&refined(&payload[..cut]), &Type::String);
            assert!(read.is_err(), "{kind} cut at {cut}");
        }
    }
}

#[test]
fn errors_contain_the_kind_that_was_found() {
    let text = [
        ("c2", "a bool"),
        ("c3", "a bool"),
        ("90", "an array"),
        ("dc 0000", "an array"),
        ("dd 00000000", "an array"),
        ("80", "a map"),
        ("de 0000", "a map"),
        ("df 00000000", "a map"),
        ("c4 00", "bytes"),
        ("c5 0000", "bytes"),
        ("c6 00000000", "bytes"),
        ("c1", "a reserved byte"),
        ("00", "a number"),
        ("cb 0000000000000000", "a number"),
    ];
    for (notation, found) in text {
        let expected = format!("string is required, found {found}");
        assert_eq!(problem(notation, &Type::String), expected, "{notation}");
    }
    for notation in ["a0", "d9 00", "da 0000", "db 00000000"] {
        let expected = "bool is required, found a string";
        assert_eq!(problem(notation, &Type::Bool), expected, "{notation}");
    }
    assert_eq!(
        problem("82 a1 'a' c0 c0 c0", &Type::Bool.map()),
        "string is required, found null"
    );
    assert_eq!(
        problem("81 d4 00 00 c0", &Type::Bool.map()),
        "string is required, found an unknown value"
    );
}

#[test]
fn errors_have_a_source() {
    let caused = |notation: &str, ty: &Type| {
        let error = decode(&bytes(notation), ty).unwrap_err();
        std::error::Error::source(&error).is_some()
    };
    assert!(caused("a3 'ten'", &Type::Number));
    assert!(caused("a2 c3 28", &Type::String));
    assert!(!caused("c3", &Type::String));
}

#[test]
fn refinements_up_to_the_maximum_length_are_decoded() {
    let payload = |length: usize| {
        let prefix = u16::try_from(length - 5).unwrap().to_be_bytes();
        [&bytes("81 02 da")[..], &prefix, &vec![b'x'; length - 5]].concat()
    };
    let longest = decode(&refined(&payload(1024)), &Type::String).unwrap();
    let Value::Unknown(longest) = longest else {
        panic!("{longest:?}")
    };
    assert_eq!(longest.prefix.as_deref().map(str::len), Some(1019));
    assert!(decode(&refined(&payload(1025)), &Type::String).is_err());
}

#[test]
fn values_up_to_the_maximum_nesting_are_decoded() {
    let nested = |levels: usize| {
        let level = bytes("92 c4 09 '\"dynamic\"'");
        decode(
            &[level.repeat(levels), bytes("c0")].concat(),
            &Type::Dynamic,
        )
    };
    assert_eq!(nested(127).unwrap(), Value::Null);
    assert!(nested(128).is_err());
}

#[test]
fn declared_lengths_allocate_no_memory() {
    // The input declares 4,294,967,295 elements and contains none.
    let cases = [
        ("dd ffffffff", Type::String.list()),
        ("dd ffffffff", Type::String.set()),
        ("df ffffffff", Type::String.map()),
        ("df ffffffff", Type::object([("a", Type::Bool)])),
        ("db ffffffff", Type::String),
        ("db ffffffff", Type::Number),
        ("c9 ffffffff 00", Type::String),
        ("92 c6 ffffffff", Type::Dynamic),
        ("c7 06 0c 81 02 db ffffffff", Type::String),
    ];
    for (notation, ty) in cases {
        assert!(decode(&bytes(notation), &ty).is_err(), "{notation}");
    }
}

#[test]
fn excessive_nesting_returns_an_error() {
    let level = bytes("92 c4 09 '\"dynamic\"'");
    let bomb = level.repeat(100_000);
    assert!(
        decode(&bomb, &Type::Dynamic)
            .unwrap_err()
            .to_string()
            .contains("nested more than")
    );

    let lists = "[\"list\",".repeat(100_000);
    let ty = [
        bytes("92 c6"),
        u32::try_from(lists.len()).unwrap().to_be_bytes().to_vec(),
        lists.into_bytes(),
    ]
    .concat();
    assert!(decode(&ty, &Type::Dynamic).is_err());

    let arrays = [vec![0x81, 0x1e], vec![0x91; 1000]].concat();
    let refinement = [bytes("c8 03ea 0c"), arrays].concat();
    assert!(
        decode(&refinement, &Type::String)
            .unwrap_err()
            .to_string()
            .contains("refinement")
    );

    let json = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(decode_either(&[], json.as_bytes(), &Type::Dynamic).is_err());
}

#[test]
fn moderate_nesting_is_supported() {
    let (ty, value) = (0..60).fold((Type::Bool, Value::from(true)), |(ty, value), _| {
        (Type::object([("in", ty)]), Value::object([("in", value)]))
    });
    let open = dynamic(ty, value);
    assert_eq!(
        decode(&encode(&open, &Type::Dynamic).unwrap(), &Type::Dynamic).unwrap(),
        open
    );
}

#[test]
fn only_supported_refinements_are_encoded() {
    let everything = |prefix: &str, digits: usize| {
        let bound = Some(Bound {
            number: "9".repeat(digits).parse().unwrap(),
            inclusive: true,
        });
        unknown(Unknown {
            nullness: Some(false),
            prefix: Some(prefix.into()),
            lower: bound.clone(),
            upper: bound,
            min_length: Some(1),
            max_length: Some(u64::MAX),
        })
    };
    let read = |value: &Value, ty: &Type| match decode(&encode(value, ty).unwrap(), ty).unwrap() {
        Value::Unknown(unknown) => *unknown,
        other => panic!("{other:?}"),
    };
    let text = read(&everything(&"ä".repeat(200), 3), &Type::String);
    assert_eq!(
        text.prefix.as_deref().map(str::len),
        Some(256),
        "a long prefix is truncated at a character boundary"
    );
    assert_eq!(
        text,
        Unknown {
            nullness: Some(false),
            prefix: text.prefix.clone(),
            ..Unknown::default()
        }
    );

    let number = read(&everything("p", 256), &Type::Number);
    assert!(number.lower.is_some() && number.upper.is_some() && number.prefix.is_none());
    let number = read(&everything("p", 257), &Type::Number);
    assert!(
        number.lower.is_none() && number.upper.is_none(),
        "a bound with too many digits is omitted"
    );

    let list = read(&everything("p", 3), &Type::String.list());
    assert_eq!(
        list,
        Unknown {
            nullness: Some(false),
            min_length: Some(1),
            ..Unknown::default()
        }
    );
    assert!(read(&everything("p", 3), &Type::Dynamic).is_plain());
    let null = unknown(Unknown {
        nullness: Some(true),
        prefix: Some("p".into()),
        ..Unknown::default()
    });
    assert_eq!(
        read(&null, &Type::String),
        Unknown {
            nullness: Some(true),
            ..Unknown::default()
        }
    );
}

#[test]
fn json_is_decoded_only_without_messagepack_and_empty_values_are_null() {
    let ty = Type::object([("a", Type::Number)]);
    let one = Value::object([("a", number("123456789012345678901234567890.5"))]);
    assert_eq!(decode_either(&[], &[], &ty).unwrap(), Value::Null);
    let json = br#"{"a": 123456789012345678901234567890.5}"#;
    assert_eq!(decode_either(&[], json, &ty).unwrap(), one);
    assert_eq!(
        decode_either(&bytes("81 a1 'a' 01"), json, &ty).unwrap(),
        Value::object([("a", Value::from(1))])
    );
    assert!(
        decode_either(&[], b"{", &ty)
            .unwrap_err()
            .to_string()
            .contains("not valid JSON")
    );
    assert_eq!(
        decode_either(&[], br#"{"a": "x"}"#, &ty)
            .unwrap_err()
            .to_string(),
        "a: number is required"
    );
}

/// Returns whether an independent MessagePack implementation decodes exactly one value and encodes it to the same bytes.
fn is_canonical(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    let Ok(value) = rmpv::decode::read_value(&mut rest) else {
        return false;
    };
    let mut again = Vec::new();
    rmpv::encode::write_value(&mut again, &value).unwrap();
    rest.is_empty() && again == bytes
}

proptest! {
    #[test]
    fn every_value_round_trips((ty, value) in typed_values(Form::Wire)) {
        let bytes = encode(&value, &ty).unwrap();
        prop_assert!(is_canonical(&bytes));
        prop_assert_eq!(decode(&bytes, &ty).unwrap(), value);
    }

    #[test]
    fn every_truncated_message_is_an_error((ty, value) in typed_values(Form::Wire), cut in any::<prop::sample::Index>()) {
        let bytes = encode(&value, &ty).unwrap();
        let cut = cut.index(bytes.len());
        prop_assert!(decode(&bytes[..cut], &ty).is_err());
    }

    #[test]
    fn arbitrary_input_does_not_panic(ty in types(), input in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = decode(&input, &ty);
        let _ = decode_either(&[], &input, &ty);
    }

    #[test]
    fn corrupted_input_does_not_panic(
        (ty, value) in typed_values(Form::Wire),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = encode(&value, &ty).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(read) = decode(&bytes, &ty) {
            prop_assert!(ty.check(&read).is_ok());
        }
    }

    #[test]
    fn numbers_are_encoded_exactly(number in numbers(Form::Wire)) {
        let bytes = encode(&Value::Number(number.clone()), &Type::Number).unwrap();
        match rmpv::decode::read_value(&mut bytes.as_slice()).unwrap() {
            rmpv::Value::Integer(integer) => prop_assert_eq!(integer.to_string(), number.to_string()),
            rmpv::Value::F64(float) => {
                prop_assert!(float.is_infinite() || float.fract() != 0.0);
                prop_assert_eq!(Number::from_f64(float).unwrap(), number);
            }
            rmpv::Value::String(text) => {
                prop_assert_eq!(text.into_str(), Some(number.to_string()));
                prop_assert_eq!(number.as_i64(), None);
            }
            other => prop_assert!(false, "{other} is not a number"),
        }
    }
}
