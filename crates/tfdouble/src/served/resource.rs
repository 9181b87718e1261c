//! Resources of a double. An object is created with values for its unknown attributes, and is stored until it is deleted.

use serde_json::Value as Json;
use tfplugin::{
    Create, Definition, Delete, Diagnostic, Diagnostics, Failure, Import, Imported, Outcome, Plan,
    Private, Read, Resource, Stored, Update, Validate,
};
use tfschema::Value;
use tfschema::json::{value_from_json, value_to_json};

use super::{Kind, failed};
use crate::definition;
use crate::generated::Seed;

/// Name of the key of an object in its private state.
const KEY: &str = "key";
/// Limit for the number of objects with equal configurations.
const EQUAL_OBJECTS: u32 = 10_000;

/// Resource type of a double.
pub(super) struct ResourceDouble(pub(super) Kind);

impl ResourceDouble {
    fn type_name(&self) -> &str {
        &self.0.definition.type_name
    }

    /// Returns the ID of an object: the template in the rules, or the attribute `id`. Without either, the key of an object
    /// is its seed.
    fn key(&self, object: &Value, seed: &Seed) -> Result<String, Diagnostics> {
        let Some(template) = &self.0.rules.import_id else {
            let id = object.attribute("id");
            return Ok(id.as_str().map_or_else(|| seed.hex(32), str::to_owned));
        };
        let key = self.0.scoped(|scope| scope.expanded(template, object))?;
        match key {
            Json::String(key) => Ok(key),
            other => Ok(other.to_string()),
        }
    }

    fn created(&self, plan: &Value) -> Result<(Value, String), Diagnostics> {
        // The known values determine the object. Equal objects differ by their number.
        let known = value_to_json(&plan.clone().unknown_as_null());
        let known = known.map_err(|error| self.unstorable(&error))?.to_string();
        let mut earlier = None;
        for number in 0..EQUAL_OBJECTS {
            let seed = Seed::of(&[self.type_name(), &known, &number.to_string()]);
            let object = self.0.scoped(|scope| scope.filled(plan.clone(), &seed))?;
            let key = self.key(&object, &seed)?;
            let json = value_to_json(&object).map_err(|error| self.unstorable(&error))?;
            let objects = &self.0.shared.objects;
            let created = objects.create(self.type_name(), &key, &json);
            if created.map_err(|error| self.failed("created", &error))? {
                return Ok((object, key));
            }
            if earlier.as_ref() == Some(&key) {
                let detail = format!(
                    "An object with the ID {key} exists: {}. To manage it, import it. To create another object, change the \
                     arguments that determine the ID.",
                    objects.path(self.type_name(), &key).display()
                );
                return Err(Diagnostic::error("Object already exists", detail).into());
            }
            earlier = Some(key);
        }
        let detail = format!(
            "{EQUAL_OBJECTS} objects of type {} with equal arguments exist.",
            self.type_name()
        );
        Err(Diagnostic::error("Too many equal objects", detail).into())
    }

    fn updated(&self, plan: &Value, private: &Private) -> Result<Value, Diagnostics> {
        let key = self.stored_key(private)?;
        let seed = Seed::of(&[self.type_name(), key]);
        let object = self.0.scoped(|scope| scope.filled(plan.clone(), &seed))?;
        let json = value_to_json(&object).map_err(|error| self.unstorable(&error))?;
        let replaced = self.0.shared.objects.replace(self.type_name(), key, &json);
        replaced.map_err(|error| self.failed("updated", &error))?;
        Ok(object)
    }

    fn found(&self, key: &str) -> Result<Option<Value>, Diagnostics> {
        let stored = self.0.shared.objects.get(self.type_name(), key);
        let Some(json) = stored.map_err(|error| self.failed("read", &error))? else {
            return Ok(None);
        };
        let ty = self.0.definition.schema.block.implied_type();
        let object = value_from_json(&json, &ty).map_err(|error| self.failed("read", &error))?;
        Ok(Some(object))
    }

    fn stored_key<'p>(&self, private: &'p Private) -> Result<&'p str, Diagnostics> {
        private.get(KEY).and_then(Json::as_str).ok_or_else(|| {
            let detail = format!(
                "The state of this object of type {} was written by another provider. Remove the object from the state, or \
                 use a state that the double created.",
                self.type_name()
            );
            Diagnostic::error("State does not belong to the double", detail).into()
        })
    }

    fn unstorable(&self, error: &dyn std::error::Error) -> Diagnostics {
        self.failed("stored", error)
    }

    fn failed(&self, operation: &str, error: &dyn std::error::Error) -> Diagnostics {
        failed(
            format!("Object of type {} cannot be {operation}", self.type_name()),
            error,
        )
    }
}

fn with_key(key: &str) -> Private {
    let mut private = Private::default();
    private.set(KEY, key.into());
    private
}

impl Resource for ResourceDouble {
    type Model = Value;

    fn definition(&self) -> Definition {
        self.0.definition.clone()
    }

    fn validate(&self, request: Validate<Value>) -> Diagnostics {
        definition::check(&self.0.rules, &request.config)
    }

    async fn plan(&self, request: &mut Plan<Value>) -> Result<(), Diagnostics> {
        let (Some(Value::Object(plan)), Some(config)) = (&request.plan, &request.config) else {
            return Ok(());
        };
        let whole = Value::Object(plan.clone());
        let values = self.0.scoped(|scope| scope.at_plan(&whole))?;
        let mut plan = plan.clone();
        for (name, value) in values {
            // A configured value takes precedence.
            if config.attribute(&name).is_null() && whole.attribute(&name).is_unknown() {
                plan.insert(name, value);
            }
        }
        request.plan = Some(Value::Object(plan));
        Ok(())
    }

    async fn create(&self, request: Create<Value>) -> Outcome<Value> {
        let (object, key) = self.created(&request.plan).map_err(Failure::nothing)?;
        Ok(Stored::new(object).private(with_key(&key)))
    }

    async fn read(&self, request: Read<Value>) -> Result<Option<Stored<Value>>, Diagnostics> {
        let object = self.found(self.stored_key(&request.private)?)?;
        Ok(object.map(Stored::new))
    }

    async fn update(&self, request: Update<Value>) -> Outcome<Value> {
        let object = self.updated(&request.plan, &request.private);
        object.map(Stored::new).map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<Value>) -> Result<(), Failure<Value>> {
        let key = self
            .stored_key(&request.private)
            .map_err(Failure::unchanged)?;
        let deleted = self.0.shared.objects.delete(self.type_name(), key);
        deleted.map_err(|error| Failure::unchanged(self.failed("deleted", &error)))
    }

    async fn import(&self, request: Import) -> Result<Imported<Value>, Diagnostics> {
        let key = request.id;
        let Some(object) = self.found(&key)? else {
            let path = self.0.shared.objects.path(self.type_name(), &key);
            let detail = format!(
                "No object of type {} has the ID {key}. To import an object, a test first creates the file {} with the \
                 attributes of the object.",
                self.type_name(),
                path.display()
            );
            return Err(Diagnostic::error("Object does not exist", detail).into());
        };
        Ok(Imported::new(object).private(with_key(&key)))
    }
}
