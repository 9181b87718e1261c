//! A resource that has a hand-written schema and a [`Value`] as its state. It uses two features that a struct cannot
//! express: a `GROUP` block, and a `LIST` block that contains a value of any type.
//!
//! No Rust type prevents such a resource from returning invalid values. The attribute `misbehave` requests certain invalid
//! responses.

use tfplugin::rules::AttributeRules;
use tfplugin::schema::{Attribute, Block, BlockNesting, NestedBlock, Schema, Type, Value};
use tfplugin::{
    Configured, Create, Definition, Delete, Diagnostic, Diagnostics, Failure, ObjectRules, Outcome,
    Read, Resource, Stored, Update, validate,
};

use super::store::Store;

/// Objects in a store.
pub(crate) struct ByHand(pub(crate) Configured<Store>);

fn schema() -> Schema {
    let origin = Block::new()
        .attribute("country", Attribute::of(Type::String).optional().computed())
        .attribute("grower", Attribute::of(Type::String).optional());
    let setting = Block::new()
        .attribute("key", Attribute::of(Type::String).required())
        .attribute("value", Attribute::of(Type::Dynamic).optional());
    let misbehave = Attribute::of(Type::String)
        .optional()
        .describe("Protocol violation to cause.");
    let block = Block::new()
        .describe("An object that has a hand-written schema.")
        .attribute("name", Attribute::of(Type::String).required())
        .attribute("misbehave", misbehave)
        .attribute("id", Attribute::of(Type::String).computed())
        .nested("origin", NestedBlock::new(BlockNesting::Group, origin))
        .nested(
            "setting",
            NestedBlock {
                max_items: 3,
                ..NestedBlock::new(BlockNesting::List, setting)
            },
        );
    Schema::new(0, block)
}

fn rules() -> ObjectRules {
    let mut origin = ObjectRules::new();
    origin.insert(
        "country",
        AttributeRules::new().with_default(Value::from("France")),
    );
    let mut rules = ObjectRules::new();
    rules.insert("origin", AttributeRules::new().nested(origin));
    rules.insert("id", AttributeRules::new().keep());
    let modes = validate::one_of(&["unknown after apply", "another name"]);
    rules.insert("misbehave", AttributeRules::new().validate(modes));
    rules
}

impl ByHand {
    fn write(&self, plan: &Value) -> Result<Value, Diagnostics> {
        let Value::Object(mut attributes) = plan.clone() else {
            return Err(Diagnostic::bug(
                "Plan is not an object",
                "A resource plan must be an object.",
            )
            .into());
        };
        let name = plan.attribute("name");
        let name = name.as_str().unwrap_or_default();
        attributes.insert("id".to_owned(), Value::from(format!("id-{name}")));
        self.0
            .get()?
            .write(&self.definition(), name, &Value::Object(attributes.clone()))?;
        match plan.attribute("misbehave").as_str() {
            Some("unknown after apply") => attributes.insert("id".to_owned(), Value::unknown()),
            Some("another name") => attributes.insert("name".to_owned(), Value::from("another")),
            _ => None,
        };
        Ok(Value::Object(attributes))
    }
}

impl Resource for ByHand {
    type Model = Value;

    fn definition(&self) -> Definition {
        Definition::new("corner_by_hand", schema()).rules(rules())
    }

    async fn create(&self, request: Create<Value>) -> Outcome<Value> {
        self.write(&request.plan)
            .map(Stored::new)
            .map_err(Failure::nothing)
    }

    async fn read(&self, request: Read<Value>) -> Result<Option<Stored<Value>>, Diagnostics> {
        let name = request.prior.attribute("name");
        let stored = self
            .0
            .get()?
            .read(&self.definition(), name.as_str().unwrap_or_default())?;
        Ok(stored.map(Stored::new))
    }

    async fn update(&self, request: Update<Value>) -> Outcome<Value> {
        self.write(&request.plan)
            .map(Stored::new)
            .map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<Value>) -> Result<(), Failure<Value>> {
        let name = request.prior.attribute("name");
        let store = self.0.get().map_err(Failure::unchanged)?;
        store
            .remove("corner_by_hand", name.as_str().unwrap_or_default())
            .map_err(Failure::unchanged)
    }
}
