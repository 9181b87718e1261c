//! Paths of elements in collections.

use tfschema::AttributePath;

/// Paths of the elements in a list.
pub struct ListPaths<P>(AttributePath, std::marker::PhantomData<P>);

/// Paths of the elements in a map.
pub struct MapPaths<P>(AttributePath, std::marker::PhantomData<P>);

impl<P: From<AttributePath>> ListPaths<P> {
    /// Returns the path of the element at the specified zero-based index.
    pub fn index(&self, index: usize) -> P {
        self.0.index(index).into()
    }
}

impl<P: From<AttributePath>> MapPaths<P> {
    /// Returns the path of the element with the specified key.
    pub fn key(&self, key: impl Into<String>) -> P {
        self.0.key(key).into()
    }
}

macro_rules! paths {
    ($($name:ident),*) => {$(
        impl<P> From<AttributePath> for $name<P> {
            fn from(path: AttributePath) -> Self {
                Self(path, std::marker::PhantomData)
            }
        }

        impl<P> From<$name<P>> for AttributePath {
            fn from(paths: $name<P>) -> Self {
                paths.0
            }
        }
    )*};
}

paths!(ListPaths, MapPaths);
