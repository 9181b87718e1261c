//! Tests of the generated messages with hand-written bytes that follow the protobuf encoding rules.

use prost::Message;
use tfplugin_proto::bytes::Bytes;
use tfplugin_proto::tfplugin6::{self, attribute_path, diagnostic::Severity};

/// tfplugin/docs/protocol.md, "Newer hosts".
///
/// An unknown enumeration number is kept, and an unknown oneof case is skipped.
#[test]
fn unknown_numbers_and_cases_from_a_newer_client_are_not_errors() {
    // severity (field 1) = 9, summary (2) = "hi", field 99 = varint 1.
    let diagnostic = tfplugin6::Diagnostic::decode(&b"\x08\x09\x12\x02hi\x98\x06\x01"[..])
        .expect("valid message");
    assert_eq!(diagnostic.severity, 9);
    assert!(Severity::try_from(diagnostic.severity).is_err());
    assert_eq!(diagnostic.summary, "hi");

    // A step that contains only field 9, a selector that protocol 6.11 does not define.
    let step = attribute_path::Step::decode(&b"\x4a\x01x"[..]).expect("valid message");
    assert_eq!(step.selector, None);
}

#[test]
fn field_numbers_match_the_protocol() {
    let attribute = tfplugin6::schema::Attribute {
        name: "n".into(),
        r#type: Bytes::from_static(b"t"),
        nested_type: Some(tfplugin6::schema::Object::default()),
        write_only: true,
        ..Default::default()
    };
    assert_eq!(
        attribute.encode_to_vec(),
        b"\x0a\x01n\x12\x01t\x52\x00\x58\x01"
    );

    let plan = tfplugin6::plan_resource_change::Request {
        planned_private: Bytes::from_static(b"p"),
        ..Default::default()
    };
    assert_eq!(plan.encode_to_vec(), b"\x4a\x01p");
}

#[test]
fn byte_fields_share_the_receive_buffer() {
    let received = Bytes::from_static(b"\x0a\x03abc");
    let value = tfplugin6::DynamicValue::decode(received.clone()).expect("valid message");
    assert_eq!(value.msgpack.as_ptr(), received[2..].as_ptr());
}
