//! Tests schemas, their implied types, and the output of `providers schema -json`.

#[expect(dead_code, reason = "these tests generate types but not values")]
mod arbitrary;

use std::collections::BTreeMap;

use arbitrary::types;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::Value as Json;
use tfschema::json::{read_provider_schemas, write_provider_schemas};
use tfschema::slim;
use tfschema::{
    Attribute, AttributeKind, Block, BlockNesting, Function, IdentityAttribute, IdentitySchema,
    NestedBlock, NestedObject, ObjectNesting, Parameter, ProviderSchema, Schema, Type,
};

fn attributes(depth: u32) -> BoxedStrategy<BTreeMap<String, Attribute>> {
    btree_map("[a-z_]{1,6}", attribute(depth), 0..4).boxed()
}

fn attribute(depth: u32) -> BoxedStrategy<Attribute> {
    let ty = types().prop_map(AttributeKind::Type);
    let kind = if depth == 0 {
        ty.boxed()
    } else {
        let nesting = prop_oneof![
            Just(ObjectNesting::Single),
            Just(ObjectNesting::List),
            Just(ObjectNesting::Set),
            Just(ObjectNesting::Map),
        ];
        let nested = (nesting, attributes(depth - 1)).prop_map(|(nesting, attributes)| {
            AttributeKind::Nested(NestedObject {
                nesting,
                attributes,
            })
        });
        prop_oneof![3 => ty, 1 => nested].boxed()
    };
    (kind, ".*", any::<[bool; 5]>(), option::of("[a-z ]*"))
        .prop_map(|(kind, description, flags, deprecated)| {
            let [required, optional, computed, sensitive, write_only] = flags;
            Attribute {
                kind,
                description,
                required,
                optional,
                computed,
                sensitive,
                write_only,
                deprecated,
            }
        })
        .boxed()
}

fn block(depth: u32) -> BoxedStrategy<Block> {
    let blocks = if depth == 0 {
        Just(BTreeMap::new()).boxed()
    } else {
        btree_map("[a-z_]{1,6}", nested_block(depth - 1), 0..3).boxed()
    };
    (attributes(depth), blocks, ".*", option::of("[a-z ]*"))
        .prop_map(|(attributes, blocks, description, deprecated)| Block {
            attributes,
            blocks,
            description,
            deprecated,
        })
        .boxed()
}

fn nested_block(depth: u32) -> BoxedStrategy<NestedBlock> {
    let nesting = prop_oneof![
        Just(BlockNesting::Single),
        Just(BlockNesting::Group),
        Just(BlockNesting::List),
        Just(BlockNesting::Set),
        Just(BlockNesting::Map),
    ];
    (nesting, block(depth), any::<(u64, u64)>())
        .prop_map(|(nesting, block, (min_items, max_items))| NestedBlock {
            nesting,
            block,
            min_items,
            max_items,
        })
        .boxed()
}

fn schemas() -> impl Strategy<Value = BTreeMap<String, Schema>> {
    let schema = (any::<i64>(), block(2)).prop_map(|(version, block)| Schema { version, block });
    btree_map("[a-z_]{1,6}", schema, 0..3)
}

fn function() -> impl Strategy<Value = Function> {
    let parameter = || {
        (".*", types(), ".*", any::<bool>()).prop_map(|(name, ty, description, allow_null)| {
            // Terraform and OpenTofu do not print whether unknown values are allowed.
            let mut parameter = Parameter::new(name, ty).describe(description);
            parameter.allow_null = allow_null;
            parameter
        })
    };
    let texts = (".*", ".*", option::of(".*"));
    (
        vec(parameter(), 0..3),
        option::of(parameter()),
        types(),
        texts,
    )
        .prop_map(
            |(parameters, variadic_parameter, return_type, (summary, description, deprecated))| {
                let mut function = Function::new(return_type);
                function.parameters = parameters;
                function.variadic_parameter = variadic_parameter;
                function.summary = summary;
                function.description = description;
                function.deprecated = deprecated;
                function
            },
        )
}

fn identity() -> impl Strategy<Value = IdentitySchema> {
    let attribute =
        (types(), ".*", any::<bool>()).prop_map(|(ty, description, required_for_import)| {
            let mut attribute = IdentityAttribute::new(ty);
            attribute.description = description;
            attribute.required_for_import = required_for_import;
            attribute
        });
    let attributes = btree_map("[a-z_]{1,6}", attribute, 0..3);
    (any::<i64>(), attributes).prop_map(|(version, attributes)| IdentitySchema {
        version,
        attributes,
    })
}

fn providers() -> impl Strategy<Value = BTreeMap<String, ProviderSchema>> {
    let functions = btree_map("[a-z_]{1,6}", function(), 0..2);
    let identities = btree_map("[a-z_]{1,6}", identity(), 0..2);
    let kinds = (schemas(), schemas(), schemas(), functions, identities);
    let provider = (block(1), kinds).prop_map(
        |(block, (resources, data_sources, ephemeral_resources, functions, identities))| {
            ProviderSchema {
                provider: Schema { version: 0, block },
                resources,
                data_sources,
                ephemeral_resources,
                functions,
                identities,
            }
        },
    );
    btree_map("[a-z./]{1,20}", provider, 0..2)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn schemas_survive_a_round_trip_through_json(providers in providers()) {
        let text = write_provider_schemas(&providers).to_string();
        let document: Json = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(read_provider_schemas(&document).unwrap(), providers);
    }

    #[test]
    fn schemas_without_descriptions_survive_a_round_trip_through_slim_documents(version in any::<i64>(), block in block(3)) {
        let schema = Schema { version, block };
        let document = slim::write(&schema, "cargo test");
        prop_assert_eq!(slim::read(&document).unwrap(), slim::without_descriptions(&schema));
    }
}

/// Normalizes the information that the writer deliberately omits.
fn normalize(document: &mut Json) {
    match document {
        Json::Object(members) => {
            let described = members.get("description").is_some();
            if let Some(kind) = members.get_mut("description_kind") {
                *kind = if described { "markdown" } else { "plain" }.into();
            }
            if members
                .get("provider")
                .is_some_and(|provider| provider.get("block").is_none())
            {
                members["provider"]["block"] = serde_json::json!({ "description_kind": "plain" });
            }
            members.retain(|_, value| *value != Json::Object(Default::default()));
            members.values_mut().for_each(normalize);
        }
        Json::Array(elements) => elements.iter_mut().for_each(normalize),
        _ => {}
    }
}

/// Removes the description kinds. Parts of the fixture contain neither descriptions nor their kinds.
fn remove_kinds(document: &mut Json) {
    match document {
        Json::Object(members) => {
            members.remove("description_kind");
            members.values_mut().for_each(remove_kinds);
        }
        Json::Array(elements) => elements.iter_mut().for_each(remove_kinds),
        _ => {}
    }
}

fn fixture() -> Json {
    let text = include_str!("fixtures/providers-schema.json");
    serde_json::from_str(text).unwrap()
}

#[test]
fn cli_output_survives_a_round_trip() {
    let mut printed = fixture();
    let mut written = write_provider_schemas(&read_provider_schemas(&printed).unwrap());
    normalize(&mut printed);
    normalize(&mut written);
    // The fixture contains the complete output for this provider, including descriptions.
    let builtin = "terraform.io/builtin/terraform";
    assert_eq!(
        written["provider_schemas"][builtin],
        printed["provider_schemas"][builtin]
    );
    remove_kinds(&mut printed);
    remove_kinds(&mut written);
    assert_eq!(written, printed);
}

#[test]
fn cli_output_is_read() {
    let providers = read_provider_schemas(&fixture()).unwrap();
    let aws = &providers["registry.terraform.io/hashicorp/aws"];
    let version = &aws.resources["aws_secretsmanager_secret_version"].block;
    let secret = &version.attributes["secret_string_wo"];
    assert!(secret.write_only && secret.optional && secret.sensitive && !secret.computed);
    let helm = &providers["registry.terraform.io/hashicorp/helm"];
    let release = &helm.resources["helm_release"].block;
    let AttributeKind::Nested(set) = &release.attributes["set"].kind else {
        panic!("`set` must have nested attributes");
    };
    assert_eq!(set.nesting, ObjectNesting::List);
    let skip = &providers["registry.terraform.io/scaleway/scaleway"].functions["region_from_id"]
        .parameters[1];
    assert!(skip.allow_null);
}

#[test]
fn errors_contain_the_path_in_the_document() {
    let mut document = fixture();
    document["provider_schemas"]["registry.terraform.io/hashicorp/aws"]["resource_schemas"]["aws_simpledb_domain"]
        ["block"]["attributes"]["name"]["type"] = "strnig".into();
    let error = read_provider_schemas(&document).unwrap_err();
    let place = "provider_schemas/registry.terraform.io/hashicorp/aws/resource_schemas/aws_simpledb_domain/block/attributes/name";
    assert_eq!(
        error.to_string(),
        format!("{place}: invalid type constraint")
    );
}

#[test]
fn implied_types_match_terraform_and_opentofu() {
    let open = || Block::new().attribute("any", Attribute::of(Type::Dynamic).optional());
    let plain = || Block::new().attribute("name", Attribute::of(Type::String).optional());
    let object = || Type::object([("name", Type::String)]);
    let open_object = || Type::object([("any", Type::Dynamic)]);

    let cases = [
        (BlockNesting::Single, object(), open_object()),
        (BlockNesting::Group, object(), open_object()),
        // The schema does not determine the type of the tuple or object.
        (BlockNesting::List, object().list(), Type::Dynamic),
        (BlockNesting::Map, object().map(), Type::Dynamic),
        (BlockNesting::Set, object().set(), open_object().set()),
    ];
    for (nesting, expected, with_dynamic) in cases {
        assert_eq!(NestedBlock::new(nesting, plain()).implied_type(), expected);
        assert_eq!(
            NestedBlock::new(nesting, open()).implied_type(),
            with_dynamic
        );
    }

    // Nested attributes keep their collection type. Only blocks become tuples and objects.
    let cases = [
        (ObjectNesting::Single, object(), open_object()),
        (ObjectNesting::List, object().list(), open_object().list()),
        (ObjectNesting::Map, object().map(), open_object().map()),
        (ObjectNesting::Set, object().set(), open_object().set()),
    ];
    for (nesting, expected, with_dynamic) in cases {
        assert_eq!(
            Attribute::nested(nesting, plain().attributes).implied_type(),
            expected
        );
        assert_eq!(
            Attribute::nested(nesting, open().attributes).implied_type(),
            with_dynamic
        );
    }
}
