//! Strategies for random types and values, for property tests.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use tfschema::{Bound, Dynamic, Number, Text, Type, Unknown, Value};

/// Form of the values that a test generates.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// Values as in a state file, without unknown values and infinities.
    State,
    /// Values as in protocol messages, including unknown values, refinements, and infinities.
    Wire,
}

/// Generates types, nested up to three levels.
pub(crate) fn types() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        Just(Type::String),
        Just(Type::Number),
        Just(Type::Bool),
        Just(Type::Dynamic),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            vec(inner.clone(), 0..4).prop_map(Type::Tuple),
            btree_map("[a-z_]{1,5}", inner, 0..4).prop_map(Type::object),
        ]
    })
}

/// Generates types, each with a value of the type.
pub(crate) fn typed_values(form: Form) -> impl Strategy<Value = (Type, Value)> {
    types().prop_flat_map(move |ty| values(&ty, form).prop_map(move |value| (ty.clone(), value)))
}

/// Generates values of a type.
pub(crate) fn values(ty: &Type, form: Form) -> BoxedStrategy<Value> {
    let known = known(ty, form);
    let unknown = match form {
        Form::State => return prop_oneof![1 => Just(Value::Null), 6 => known].boxed(),
        Form::Wire => unknown(ty),
    };
    prop_oneof![1 => Just(Value::Null), 1 => unknown, 6 => known].boxed()
}

fn known(ty: &Type, form: Form) -> BoxedStrategy<Value> {
    match ty {
        Type::String => any::<String>().prop_map(Value::string).boxed(),
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Number => numbers(form).prop_map(Value::Number).boxed(),
        Type::List(element) => vec(values(element, form), 0..4)
            .prop_map(Value::List)
            .boxed(),
        Type::Set(element) => vec(values(element, form), 0..4)
            .prop_map(Value::set)
            .boxed(),
        Type::Map(element) => btree_map(any::<String>(), values(element, form), 0..4)
            .prop_map(Value::map)
            .boxed(),
        Type::Tuple(types) => {
            let elements: Vec<_> = types.iter().map(|ty| values(ty, form)).collect();
            elements.prop_map(Value::Tuple).boxed()
        }
        Type::Object(object) => {
            let attributes = object.attributes.iter();
            let attributes: Vec<_> = attributes
                .map(|(name, ty)| {
                    values(ty, form).prop_map({
                        let name = name.clone();
                        move |value| (name.clone(), value)
                    })
                })
                .collect();
            attributes.prop_map(Value::object).boxed()
        }
        Type::Dynamic => types()
            .prop_filter("a dynamic value has a known type", |ty| {
                *ty != Type::Dynamic
            })
            .prop_flat_map(move |ty| {
                values(&ty, form).prop_map(move |value| {
                    let ty = ty.clone();
                    Value::Dynamic(Box::new(Dynamic { ty, value }))
                })
            })
            .boxed(),
    }
}

/// Generates integers, floats, decimals with many digits, and infinities if the form allows them.
pub(crate) fn numbers(form: Form) -> BoxedStrategy<Number> {
    let finite = prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        any::<f64>().prop_filter_map("finite", |float| {
            Number::from_f64(float).ok().filter(|_| float.is_finite())
        }),
        "-?[0-9]{1,60}\\.[0-9]{1,60}(e-?[0-9]{1,3})?".prop_map(|text| text.parse().unwrap()),
    ];
    match form {
        Form::State => finite.boxed(),
        Form::Wire => prop_oneof![
            8 => finite,
            1 => Just(Number::PositiveInfinity),
            1 => Just(Number::NegativeInfinity),
        ]
        .boxed(),
    }
}

/// Generates unknown values with refinements that apply to the type.
fn unknown(ty: &Type) -> BoxedStrategy<Value> {
    let bound = || {
        let bound = ("[0-9]{1,40}(\\.[0-9]{1,9})?", any::<bool>());
        proptest::option::of(bound.prop_map(|(number, inclusive)| Bound {
            number: number.parse().unwrap(),
            inclusive,
        }))
    };
    let not_null = proptest::option::of(Just(false));
    let unknown = match ty {
        Type::Dynamic => Just(Unknown::default()).boxed(),
        Type::String => (not_null, proptest::option::of("[a-zäöü]{1,60}"))
            .prop_map(|(nullness, prefix)| Unknown {
                nullness,
                prefix: prefix.map(Text::from),
                ..Unknown::default()
            })
            .boxed(),
        Type::Number => (not_null, bound(), bound())
            .prop_map(|(nullness, lower, upper)| Unknown {
                nullness,
                lower,
                upper,
                ..Unknown::default()
            })
            .boxed(),
        Type::List(_) | Type::Set(_) | Type::Map(_) => {
            let length = || proptest::option::of(0..u64::from(u32::MAX));
            (not_null, length(), length())
                .prop_map(|(nullness, min_length, max_length)| Unknown {
                    nullness,
                    min_length,
                    max_length,
                    ..Unknown::default()
                })
                .boxed()
        }
        _ => not_null
            .prop_map(|nullness| Unknown {
                nullness,
                ..Unknown::default()
            })
            .boxed(),
    };
    unknown
        .prop_map(|unknown| Value::Unknown(Box::new(unknown)))
        .boxed()
}
