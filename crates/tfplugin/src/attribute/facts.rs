//! Facts about a Rust type that determine where a schema can use it. They are evaluated while the author's crate compiles.
//!
//! `#[derive(Schema)]` calls [`TypeFacts::check_attribute`] and [`TypeFacts::check_block`] in a constant. As a result, a
//! field that Terraform and OpenTofu would reject causes a compile error at the field. The rules come from the protocol's
//! schema (`tfplugin6.proto`, `Schema.NestedBlock` and `Schema.Attribute`) and from the state format.

/// Compile-time properties of an [`AttributeType`](crate::AttributeType).
///
/// Manual implementations rarely need this type, because the default, [`TypeFacts::LEAF`], is correct for every single
/// value.
#[derive(Clone, Copy, Debug)]
pub struct TypeFacts {
    objects: bool,
    repeated: bool,
    nullable: bool,
    write_only: bool,
    holds_blocks: bool,
    holds_write_only: bool,
    holds_dynamic: bool,
    identifies: bool,
    refused: Option<&'static str>,
}

impl TypeFacts {
    /// Facts of a single value that is never null, such as a string.
    pub const LEAF: Self = Self {
        objects: false,
        repeated: false,
        nullable: false,
        write_only: false,
        holds_blocks: false,
        holds_write_only: false,
        holds_dynamic: false,
        identifies: true,
        refused: None,
    };

    /// Facts of a value that can have any type, including null.
    pub const DYNAMIC: Self = Self {
        nullable: true,
        holds_dynamic: true,
        identifies: false,
        ..Self::LEAF
    };

    /// Returns the facts of a struct whose fields have these facts. `blocks` specifies whether any field is a nested block.
    #[must_use]
    pub const fn object(fields: &[Self], blocks: bool) -> Self {
        let mut facts = Self {
            objects: true,
            identifies: false,
            holds_blocks: blocks,
            ..Self::LEAF
        };
        let mut next = 0;
        while next < fields.len() {
            let field = fields[next];
            facts.holds_write_only |= field.holds_write_only;
            facts.holds_dynamic |= field.holds_dynamic;
            next += 1;
        }
        facts
    }

    /// Returns the facts of a value that can be null, such as `Option<T>`.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self {
            nullable: true,
            ..self
        }
    }

    /// Returns the facts of a list whose elements have these facts.
    #[must_use]
    pub const fn repeated(self) -> Self {
        let refused = if self.objects && self.repeated {
            Some(
                "a schema cannot express a collection of collections of structs: wrap the inner collection in a struct",
            )
        } else {
            self.refused
        };
        Self {
            repeated: true,
            nullable: false,
            identifies: self.identifies && !self.repeated,
            refused,
            ..self
        }
    }

    /// Returns the facts of a map whose elements have these facts.
    #[must_use]
    pub const fn in_map(self) -> Self {
        Self {
            identifies: false,
            ..self.repeated()
        }
    }

    /// Returns the facts of a set whose elements have these facts.
    #[must_use]
    pub const fn in_set(self) -> Self {
        let refused = if self.holds_write_only {
            Some(
                "a set cannot contain write-only arguments, because values identify its elements: use a list or a map",
            )
        } else if self.holds_dynamic {
            Some("a set cannot contain dynamic values: use a list or a map, or specify the type")
        } else {
            None
        };
        let facts = self.in_map();
        Self {
            refused: if refused.is_some() {
                refused
            } else {
                facts.refused
            },
            ..facts
        }
    }

    /// Returns the facts of a write-only argument whose value has these facts.
    #[must_use]
    pub const fn write_only(self) -> Self {
        Self {
            nullable: true,
            identifies: false,
            write_only: true,
            holds_write_only: true,
            ..self
        }
    }

    /// Checks a field with `#[attr(…)]`.
    ///
    /// # Panics
    /// Panics at compile time if the field cannot be such an attribute. The message describes the required change.
    pub const fn check_attribute(self, flags: AttributeFlags) {
        if let Some(reason) = self.refused {
            panic!("{}", reason);
        }
        assert!(
            !self.holds_blocks,
            "a struct with a #[block] field cannot be an attribute: use #[block] here, or change its blocks to attributes"
        );
        assert!(
            self.write_only || !flags.write_only,
            "a write-only attribute must have the type WriteOnly<T>, which is never stored"
        );
        assert!(
            !self.write_only || flags.write_only,
            "a field of type WriteOnly<T> requires #[attr(write_only)]: otherwise its value would be lost"
        );
        assert!(
            self.identifies || !flags.identity,
            "an identity attribute must be a string, a number, a Boolean, or a list of them"
        );
        assert!(
            self.nullable || !flags.optional || flags.computed || flags.default,
            "an optional attribute is null if it is not set: use Option<T>, set a default, or add `computed`"
        );
    }

    /// Checks a field of a data source or an ephemeral resource.
    ///
    /// # Panics
    /// Panics at compile time if the field contains a write-only argument, which only managed resources support.
    pub const fn check_stateless(self) {
        assert!(
            !self.holds_write_only,
            "only a managed resource can have write-only arguments"
        );
    }

    /// Checks a field with `#[block]`.
    ///
    /// # Panics
    /// Panics at compile time if the field cannot be a nested block. The message describes the required change.
    pub const fn check_block(self) {
        if let Some(reason) = self.refused {
            panic!("{}", reason);
        }
        assert!(
            self.objects,
            "a block must be a struct with #[derive(Schema)], or an Option, Vec, BTreeSet, or BTreeMap of one: use \
             #[attr(…)] for a single value"
        );
        assert!(
            self.nullable || self.repeated,
            "an omitted block is null: use Option<T>"
        );
    }
}

/// Options of `#[attr(…)]` that determine which types the field can have.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AttributeFlags {
    /// Whether the attribute can be set in configuration.
    pub optional: bool,
    /// Whether the provider can choose a value.
    pub computed: bool,
    /// Whether the attribute has a default.
    pub default: bool,
    /// Whether the value is available only from the configuration.
    pub write_only: bool,
    /// Whether the attribute is part of the identity.
    pub identity: bool,
}

impl AttributeFlags {
    /// Returns flags, none of which is set.
    pub const fn none() -> Self {
        Self {
            optional: false,
            computed: false,
            default: false,
            write_only: false,
            identity: false,
        }
    }

    /// Sets the `identity` flag.
    #[must_use]
    pub const fn identity(self) -> Self {
        Self {
            identity: true,
            ..self
        }
    }

    /// Sets the `optional` flag.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }

    /// Sets the `computed` flag.
    #[must_use]
    pub const fn computed(self) -> Self {
        Self {
            computed: true,
            ..self
        }
    }

    /// Sets the `default` flag.
    #[must_use]
    pub const fn default(self) -> Self {
        Self {
            default: true,
            ..self
        }
    }

    /// Sets the `write_only` flag.
    #[must_use]
    pub const fn write_only(self) -> Self {
        Self {
            write_only: true,
            ..self
        }
    }
}
