//! The functions of the language that modules need, as Rust functions with types. Each is written into the module as a
//! call and never evaluated here.

use std::ops::RangeInclusive;

use crate::expr::{Expr, IntoExpr, Known};
use crate::marker::{Any, Bool, List, Map, Num, Set, Str};
use crate::node::{Call, Node};

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident $(<$($parameter:ident $(: $bound:ident)?),+>)? ($($argument:ident: $ty:ty),*) -> $result:ty;)+) => {$(
        $(#[$doc])*
        pub fn $name$(<$($parameter $(: $bound)?),+>)?($($argument: impl IntoExpr<$ty>),*) -> Expr<$result> {
            Expr::new(Node::call(stringify!($name), [$($argument.into_expr().into_node()),*]))
        }
    )+

        /// How many arguments each of these takes.
        const FIXED: &[(&str, usize)] = &[$((stringify!($name), <[&str]>::len(&[$(stringify!($argument)),*]))),+];
    };
}

functions! {
    /// The subnet with a number, of an address range that is `newbits` longer than `prefix`.
    cidrsubnet(prefix: Str, newbits: Num, netnum: Num) -> Str;
    /// The netmask of an IPv4 address range.
    cidrnetmask(prefix: Str) -> Str;
    /// The host address with a number within an address range.
    cidrhost(prefix: Str, hostnum: Num) -> Str;
    /// The length of a collection.
    length(collection: Any) -> Num;
    /// Whether a list or set contains a value.
    contains<T>(list: List<T>, value: T) -> Bool;
    /// The first match of a regular expression: a text, or an object or list of its groups. Fails without a match.
    regex(pattern: Str, text: Str) -> Any;
    /// All matches of a regular expression.
    regexall(pattern: Str, text: Str) -> List<Any>;
    /// The text with every occurrence of a part replaced; a part between slashes is a regular expression.
    replace(text: Str, part: Str, replacement: Str) -> Str;
    /// The parts of a text between separators.
    split(separator: Str, text: Str) -> List<Str>;
    /// The elements with a separator between them.
    join(separator: Str, list: List<Str>) -> Str;
    /// The value as a map.
    tomap<T>(value: Any) -> Map<T>;
    /// The elements as a set.
    toset<T>(list: List<T>) -> Set<T>;
    /// The value as a list.
    tolist<T>(value: Any) -> List<T>;
    /// The value as a string.
    tostring(value: Any) -> Str;
    /// The value as a number.
    tonumber(value: Any) -> Num;
    /// The element of a key, or the default where there is none.
    lookup<T>(map: Map<T>, key: Str, default: T) -> T;
    /// The only element, or null where there is none.
    one<T>(list: List<T>) -> T;
    /// The element at an index, which wraps around.
    element<T>(list: List<T>, index: Num) -> T;
    /// The index of a value in a list.
    index<T>(list: List<T>, value: T) -> Num;
    /// Elements from one index to before another.
    slice<T>(list: List<T>, start: Num, end: Num) -> List<T>;
    /// The numbers from zero to before a limit.
    range(limit: Num) -> List<Num>;
    /// The keys, in lexical order.
    keys<T>(map: Map<T>) -> List<Str>;
    /// The values, in the order of their keys.
    values<T>(map: Map<T>) -> List<T>;
    /// A map from keys to values at the same index.
    zipmap<T>(keys: List<Str>, values: List<T>) -> Map<T>;
    /// The list with later occurrences of equal elements left out.
    distinct<T>(list: List<T>) -> List<T>;
    /// A time, given as in RFC 3339, in another format.
    formatdate(format: Str, time: Str) -> Str;
    /// The time of the plan, in RFC 3339: the same in the plan and in its apply.
    plantimestamp() -> Str;
    /// The strings in lexical order.
    sort(list: List<Str>) -> List<Str>;
    /// The list without null and empty strings.
    compact(list: List<Str>) -> List<Str>;
    /// The elements of the lists within a list.
    flatten<T>(list: List<List<T>>) -> List<T>;
    /// The list back to front.
    reverse<T>(list: List<T>) -> List<T>;
    /// Whether a text starts with a prefix.
    startswith(text: Str, prefix: Str) -> Bool;
    /// Whether a text ends with a suffix.
    endswith(text: Str, suffix: Str) -> Bool;
    /// Whether a text contains another.
    strcontains(text: Str, part: Str) -> Bool;
    /// Whether all elements are true.
    alltrue(list: List<Bool>) -> Bool;
    /// Whether any element is true.
    anytrue(list: List<Bool>) -> Bool;
    /// The sum of the elements.
    sum(list: List<Num>) -> Num;
    /// The smallest whole number that is not less.
    ceil(number: Num) -> Num;
    /// The greatest whole number that is not greater.
    floor(number: Num) -> Num;
    /// The text in lower case.
    lower(text: Str) -> Str;
    /// The text in upper case.
    upper(text: Str) -> Str;
    /// A part of a text, by its first character and its length.
    substr(text: Str, offset: Num, length: Num) -> Str;
    /// The text without a suffix.
    trimsuffix(text: Str, suffix: Str) -> Str;
    /// The text without a prefix.
    trimprefix(text: Str, prefix: Str) -> Str;
    /// The text without white space at its ends.
    trimspace(text: Str) -> Str;
    /// The value as JSON.
    jsonencode(value: Any) -> Str;
    /// The value that a JSON text describes.
    jsondecode(text: Str) -> Any;
    /// The text in base 64.
    base64encode(text: Str) -> Str;
    /// The SHA-256 of a text, as hexadecimal digits.
    sha256(text: Str) -> Str;
    /// The text as a component of a URL.
    urlencode(text: Str) -> Str;
    /// The elements that are in both sets.
    setintersection<T>(left: Set<T>, right: Set<T>) -> Set<T>;
    /// The elements that are in the left set only.
    setsubtract<T>(left: Set<T>, right: Set<T>) -> Set<T>;
    /// The elements that are in either set.
    setunion<T>(left: Set<T>, right: Set<T>) -> Set<T>;
}

/// Whether an expression can be evaluated without an error.
pub fn can(expression: impl Known) -> Expr<Bool> {
    Expr::new(Node::call("can", [expression.known().into_node()]))
}

/// The first expression that can be evaluated without an error.
pub fn r#try<T>(expressions: impl IntoIterator<Item = Expr<T>>) -> Expr<T> {
    variadic("try", expressions)
}

/// The first value that is neither null nor an empty string.
pub fn coalesce<T>(values: impl IntoIterator<Item = Expr<T>>) -> Expr<T> {
    variadic("coalesce", values)
}

/// The elements of all lists, one after the other.
pub fn concat<T>(lists: impl IntoIterator<Item = Expr<List<T>>>) -> Expr<List<T>> {
    variadic("concat", lists)
}

/// The members of all maps; of two with one key, the later.
pub fn merge<T>(maps: impl IntoIterator<Item = Expr<Map<T>>>) -> Expr<Map<T>> {
    variadic("merge", maps)
}

/// The members of all maps in a list; of two with one key, the later.
pub fn merge_all<T>(maps: impl IntoExpr<List<Map<T>>>) -> Expr<Map<T>> {
    Expr::new(Node::Call(Call {
        function: "merge",
        arguments: vec![maps.into_expr().into_node()],
        expand: true,
    }))
}

/// The greatest of the numbers.
pub fn max(numbers: impl IntoIterator<Item = Expr<Num>>) -> Expr<Num> {
    variadic("max", numbers)
}

/// The least of the numbers.
pub fn min(numbers: impl IntoIterator<Item = Expr<Num>>) -> Expr<Num> {
    variadic("min", numbers)
}

/// The numbers from one to before a limit, a step apart: `range(start, limit, step)`.
pub fn range_by(
    start: impl IntoExpr<Num>,
    limit: impl IntoExpr<Num>,
    step: impl IntoExpr<Num>,
) -> Expr<List<Num>> {
    let arguments = [start.into_expr(), limit.into_expr(), step.into_expr()];
    variadic("range", arguments)
}

/// A text in the form that a specification gives, such as `%s-%03d`.
pub fn format(specification: &str, values: impl IntoIterator<Item = Expr<Any>>) -> Expr<Str> {
    let specification = Node::Text(specification.to_owned());
    let values = values.into_iter().map(Expr::into_node);
    Expr::new(Node::call(
        "format",
        [specification].into_iter().chain(values),
    ))
}

/// Whether a value is one of a few texts: `contains(["a", "b"], value)`.
pub fn one_of<const N: usize>(value: impl IntoExpr<Str>, allowed: [&str; N]) -> Expr<Bool> {
    contains(allowed, value)
}

/// Whether a text matches a regular expression: `can(regex(pattern, text))`.
pub fn matches(pattern: &str, text: impl IntoExpr<Str>) -> Expr<Bool> {
    can(regex(pattern, text))
}

/// How few and how many arguments a function takes; of one that no declaration can call, any number.
pub(crate) fn arity(function: &str) -> RangeInclusive<usize> {
    let fixed = FIXED.iter().find(|(name, _)| *name == function);
    match (function, fixed) {
        // What is written with one argument here can have more.
        ("range", _) => 1..=3,
        (_, Some((_, count))) => *count..=*count,
        ("can", _) => 1..=1,
        ("merge", _) => 0..=usize::MAX,
        (_, None) => 1..=usize::MAX,
    }
}

fn variadic<T, U>(function: &'static str, arguments: impl IntoIterator<Item = Expr<T>>) -> Expr<U> {
    let arguments = arguments.into_iter().map(Expr::into_node);
    Expr::new(Node::call(function, arguments))
}
