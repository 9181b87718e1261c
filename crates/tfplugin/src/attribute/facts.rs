//! Facts about a Rust type that decide where it can stand in a schema, evaluated while the author's crate compiles.
//!
//! `#[derive(Schema)]` calls [`TypeFacts::check_attribute`] and [`TypeFacts::check_block`] in a constant, so that a field that
//! no command line would accept is a compile error at the field. The rules are those of the protocol's schema
//! (`tfplugin6.proto`, `Schema.NestedBlock` and `Schema.Attribute`) and of what a state can hold.

/// What the compiler must know of an [`AttributeType`](crate::AttributeType).
///
/// A type written by hand needs none of this: the default, [`TypeFacts::LEAF`], is right for every single value.
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
    /// A single value that is never null, such as a string.
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

    /// A value of any type, which may be null.
    pub const DYNAMIC: Self = Self {
        nullable: true,
        holds_dynamic: true,
        identifies: false,
        ..Self::LEAF
    };

    /// A struct of fields with these facts. `blocks` is whether any of them is a nested block.
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

    /// A value that may be null, such as `Option<T>`.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self {
            nullable: true,
            ..self
        }
    }

    /// A list of such elements.
    #[must_use]
    pub const fn repeated(self) -> Self {
        let refused = if self.objects && self.repeated {
            Some(
                "a collection of collections of structs has no form in a schema: wrap the inner collection in a struct \
                 of its own",
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

    /// A map of such elements.
    #[must_use]
    pub const fn in_map(self) -> Self {
        Self {
            identifies: false,
            ..self.repeated()
        }
    }

    /// A set of such elements.
    #[must_use]
    pub const fn in_set(self) -> Self {
        let refused = if self.holds_write_only {
            Some(
                "a set cannot hold write-only arguments, because its elements are known by their values: use a list or \
                 a map",
            )
        } else if self.holds_dynamic {
            Some("a set cannot hold values of any type: use a list or a map, or name the type")
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

    /// A write-only argument with such a value.
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
    /// At compile time, if the field cannot be such an attribute; the message says what to change.
    pub const fn check_attribute(self, flags: AttributeFlags) {
        if let Some(why) = self.refused {
            panic!("{}", why);
        }
        assert!(
            !self.holds_blocks,
            "a struct with a #[block] field cannot be an attribute: use #[block] here, or make its blocks attributes"
        );
        assert!(
            self.write_only || !flags.write_only,
            "a write-only attribute needs the type WriteOnly<T>, which is never stored"
        );
        assert!(
            !self.write_only || flags.write_only,
            "a field of type WriteOnly<T> needs #[attr(write_only)]: its value would be lost"
        );
        assert!(
            self.identifies || !flags.identity,
            "an identity consists of strings, numbers, booleans, and lists of those"
        );
        assert!(
            self.nullable || !flags.optional || flags.computed || flags.default,
            "an optional attribute is null where it is not set: use Option<T>, or give it a default or `computed`"
        );
    }

    /// Checks a field of a data source or of an ephemeral resource.
    ///
    /// # Panics
    /// At compile time, if the field holds a write-only argument: nothing of it is stored, so nothing is write-only.
    pub const fn check_stateless(self) {
        assert!(
            !self.holds_write_only,
            "only a managed resource has write-only arguments: nothing here is stored"
        );
    }

    /// Checks a field with `#[block]`.
    ///
    /// # Panics
    /// At compile time, if the field cannot be a nested block; the message says what to change.
    pub const fn check_block(self) {
        if let Some(why) = self.refused {
            panic!("{}", why);
        }
        assert!(
            self.objects,
            "a block is a struct with #[derive(Schema)], or an Option, Vec, BTreeSet or BTreeMap of one: use #[attr(…)] \
             for a single value"
        );
        assert!(
            self.nullable || self.repeated,
            "a block that is left out is null: use Option<T>"
        );
    }
}

/// Options of `#[attr(…)]` that decide which type the field can have.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AttributeFlags {
    /// May be set in configuration.
    pub optional: bool,
    /// The provider may choose a value.
    pub computed: bool,
    /// Has a default.
    pub default: bool,
    /// Readable from configuration only.
    pub write_only: bool,
    /// Part of the identity.
    pub identity: bool,
}

impl AttributeFlags {
    /// No options.
    pub const fn none() -> Self {
        Self {
            optional: false,
            computed: false,
            default: false,
            write_only: false,
            identity: false,
        }
    }

    /// The same, part of the identity.
    #[must_use]
    pub const fn identity(self) -> Self {
        Self {
            identity: true,
            ..self
        }
    }

    /// The same, may be set in configuration.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }

    /// The same, the provider may choose a value.
    #[must_use]
    pub const fn computed(self) -> Self {
        Self {
            computed: true,
            ..self
        }
    }

    /// The same, has a default.
    #[must_use]
    pub const fn default(self) -> Self {
        Self {
            default: true,
            ..self
        }
    }

    /// The same, readable from configuration only.
    #[must_use]
    pub const fn write_only(self) -> Self {
        Self {
            write_only: true,
            ..self
        }
    }
}
