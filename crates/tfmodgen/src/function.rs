//! Built-in functions as typed Rust functions. Each function returns a call expression for the module and evaluates
//! nothing.

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

        /// Number of arguments that each function takes.
        const FIXED: &[(&str, usize)] = &[$((stringify!($name), <[&str]>::len(&[$(stringify!($argument)),*]))),+];
    };
}

functions! {
    /// The subnet with the specified number. Its prefix is `newbits` bits longer than `prefix`.
    cidrsubnet(prefix: Str, newbits: Num, netnum: Num) -> Str;
    /// The netmask for an IPv4 address range.
    cidrnetmask(prefix: Str) -> Str;
    /// The host address with the specified number in an address range.
    cidrhost(prefix: Str, hostnum: Num) -> Str;
    /// The length of a collection.
    length(collection: Any) -> Num;
    /// Whether a list or set contains a value.
    contains<T>(list: List<T>, value: T) -> Bool;
    /// The first match of a regular expression: a string, or an object or list of its groups. Fails if the string does
    /// not match.
    regex(pattern: Str, text: Str) -> Any;
    /// All matches of a regular expression.
    regexall(pattern: Str, text: Str) -> List<Any>;
    /// The string with every occurrence of a substring replaced. A substring between slashes is a regular expression.
    replace(text: Str, part: Str, replacement: Str) -> Str;
    /// The parts of a string between separators.
    split(separator: Str, text: Str) -> List<Str>;
    /// The elements joined with a separator.
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
    /// The element with the specified key, or the default if the key does not exist.
    lookup<T>(map: Map<T>, key: Str, default: T) -> T;
    /// The only element, or null if the list is empty.
    one<T>(list: List<T>) -> T;
    /// The element at an index, which wraps around at the end of the list.
    element<T>(list: List<T>, index: Num) -> T;
    /// The index of a value in a list.
    index<T>(list: List<T>, value: T) -> Num;
    /// The elements from a start index up to, but not including, an end index.
    slice<T>(list: List<T>, start: Num, end: Num) -> List<T>;
    /// The numbers from zero up to, but not including, a limit.
    range(limit: Num) -> List<Num>;
    /// The keys, in lexical order.
    keys<T>(map: Map<T>) -> List<Str>;
    /// The values, in the order of their keys.
    values<T>(map: Map<T>) -> List<T>;
    /// A map from keys to values at the same index.
    zipmap<T>(keys: List<Str>, values: List<T>) -> Map<T>;
    /// The list without repeated elements. The first occurrence remains.
    distinct<T>(list: List<T>) -> List<T>;
    /// An RFC 3339 timestamp in another format.
    formatdate(format: Str, time: Str) -> Str;
    /// The time of the plan in RFC 3339 format. The time is the same during planning and apply.
    plantimestamp() -> Str;
    /// The strings in lexical order.
    sort(list: List<Str>) -> List<Str>;
    /// The list without null and empty strings.
    compact(list: List<Str>) -> List<Str>;
    /// The concatenated elements of a list of lists.
    flatten<T>(list: List<List<T>>) -> List<T>;
    /// The list in reverse order.
    reverse<T>(list: List<T>) -> List<T>;
    /// Whether a string starts with a prefix.
    startswith(text: Str, prefix: Str) -> Bool;
    /// Whether a string ends with a suffix.
    endswith(text: Str, suffix: Str) -> Bool;
    /// Whether a string contains another string.
    strcontains(text: Str, part: Str) -> Bool;
    /// Whether all elements are true.
    alltrue(list: List<Bool>) -> Bool;
    /// Whether any element is true.
    anytrue(list: List<Bool>) -> Bool;
    /// The sum of the elements.
    sum(list: List<Num>) -> Num;
    /// The number rounded up to a whole number.
    ceil(number: Num) -> Num;
    /// The number rounded down to a whole number.
    floor(number: Num) -> Num;
    /// The string in lowercase.
    lower(text: Str) -> Str;
    /// The string in uppercase.
    upper(text: Str) -> Str;
    /// The substring with the specified offset and length, in characters.
    substr(text: Str, offset: Num, length: Num) -> Str;
    /// The string without a suffix.
    trimsuffix(text: Str, suffix: Str) -> Str;
    /// The string without a prefix.
    trimprefix(text: Str, prefix: Str) -> Str;
    /// The string without leading and trailing whitespace.
    trimspace(text: Str) -> Str;
    /// The value as JSON.
    jsonencode(value: Any) -> Str;
    /// The value of a JSON document.
    jsondecode(text: Str) -> Any;
    /// The string in Base64 encoding.
    base64encode(text: Str) -> Str;
    /// The string that a Base64 encoding represents.
    base64decode(text: Str) -> Str;
    /// A random UUID (RFC 9562), which is unknown in the plan and different in each apply. Use it only for arguments that are
    /// never stored.
    uuid() -> Str;
    /// An RFC 3339 timestamp plus a duration, such as `720h`.
    timeadd(time: Str, duration: Str) -> Str;
    /// The order of two RFC 3339 timestamps: -1, 0, or 1.
    timecmp(left: Str, right: Str) -> Num;
    /// The content of a file.
    file(path: Str) -> Str;
    /// The SHA-256 hash of a string, as hexadecimal digits.
    sha256(text: Str) -> Str;
    /// The string in URL encoding.
    urlencode(text: Str) -> Str;
    /// The elements that are in both sets.
    setintersection<T>(left: Set<T>, right: Set<T>) -> Set<T>;
    /// The elements of the left set that are not in the right set.
    setsubtract<T>(left: Set<T>, right: Set<T>) -> Set<T>;
    /// The elements that are in either set.
    setunion<T>(left: Set<T>, right: Set<T>) -> Set<T>;
}

/// Returns whether an expression evaluates without an error.
pub fn can(expression: impl Known) -> Expr<Bool> {
    Expr::new(Node::call("can", [expression.known().into_node()]))
}

/// Returns the first expression that evaluates without an error.
pub fn r#try<T>(expressions: impl IntoIterator<Item = Expr<T>>) -> Expr<T> {
    variadic("try", expressions)
}

/// Returns the first value that is neither null nor an empty string.
pub fn coalesce<T>(values: impl IntoIterator<Item = Expr<T>>) -> Expr<T> {
    variadic("coalesce", values)
}

/// Returns the concatenation of lists.
pub fn concat<T>(lists: impl IntoIterator<Item = Expr<List<T>>>) -> Expr<List<T>> {
    variadic("concat", lists)
}

/// Returns the elements of all maps. The last element with a key takes precedence.
pub fn merge<T>(maps: impl IntoIterator<Item = Expr<Map<T>>>) -> Expr<Map<T>> {
    variadic("merge", maps)
}

/// Returns the elements of all maps in a list. The last element with a key takes precedence.
pub fn merge_all<T>(maps: impl IntoExpr<List<Map<T>>>) -> Expr<Map<T>> {
    Expr::new(Node::Call(Call {
        function: "merge",
        arguments: vec![maps.into_expr().into_node()],
        expand: true,
    }))
}

/// Returns the greatest number.
pub fn max(numbers: impl IntoIterator<Item = Expr<Num>>) -> Expr<Num> {
    variadic("max", numbers)
}

/// Returns the least number.
pub fn min(numbers: impl IntoIterator<Item = Expr<Num>>) -> Expr<Num> {
    variadic("min", numbers)
}

/// Returns the numbers from a start up to, but not including, a limit: `range(start, limit, step)`.
pub fn range_by(
    start: impl IntoExpr<Num>,
    limit: impl IntoExpr<Num>,
    step: impl IntoExpr<Num>,
) -> Expr<List<Num>> {
    let arguments = [start.into_expr(), limit.into_expr(), step.into_expr()];
    variadic("range", arguments)
}

/// Formats values according to a specification, such as `%s-%03d`.
pub fn format(specification: &str, values: impl IntoIterator<Item = Expr<Any>>) -> Expr<Str> {
    let specification = Node::Text(specification.to_owned());
    let values = values.into_iter().map(Expr::into_node);
    Expr::new(Node::call(
        "format",
        [specification].into_iter().chain(values),
    ))
}

/// Returns whether a value is one of the allowed strings: `contains(["a", "b"], value)`.
pub fn one_of<const N: usize>(value: impl IntoExpr<Str>, allowed: [&str; N]) -> Expr<Bool> {
    contains(allowed, value)
}

/// Returns whether a string matches a regular expression: `can(regex(pattern, text))`.
pub fn matches(pattern: &str, text: impl IntoExpr<Str>) -> Expr<Bool> {
    can(regex(pattern, text))
}

/// Returns the minimum and maximum number of arguments that a function accepts.
pub(crate) fn arity(function: &str) -> RangeInclusive<usize> {
    let fixed = FIXED.iter().find(|(name, _)| *name == function);
    match (function, fixed) {
        // `range` has one argument in `FIXED`, and up to three in `range_by`.
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
