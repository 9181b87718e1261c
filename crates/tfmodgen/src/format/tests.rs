//! Tests each rule with an example that was verified with Terraform and OpenTofu, and properties of any input.

use proptest::prelude::*;

use super::format;

/// Formats valid input.
fn formatted(text: &str) -> String {
    format(text).expect("the input is valid")
}

/// Checks the formatted text, and that formatting is idempotent.
#[track_caller]
fn expect(scrambled: &str, expected: &str) {
    assert_eq!(formatted(scrambled), expected, "from {scrambled:?}");
    assert_eq!(formatted(expected), expected, "formatted twice");
}

#[test]
fn each_line_that_opens_brackets_adds_one_level() {
    expect(
        "a {\nb {\nc = [{\nd = 1\n}, {\ne = 2\n}]\n}\n}\n",
        "a {\n  b {\n    c = [{\n      d = 1\n      }, {\n      e = 2\n    }]\n  }\n}\n",
    );
    expect("a = f(g(\n1),\n2)\n", "a = f(g(\n  1),\n2)\n");
    expect("a = \"x${f(\n1\n)}\"\n", "a = \"x${f(\n  1\n)}\"\n");
    expect(
        "a = f(<<EOT\n x ${ [\nEOT,\n1\n] }\nEOT\n,\n2)\n",
        "a = f(<<EOT\n x ${[\n  EOT,\n  1\n]}\nEOT\n,\n2)\n",
    );
}

#[test]
fn assignments_of_consecutive_lines_are_aligned() {
    expect(
        "a=1\nbbb=2\n\ncc=3\n# own\ndddd=4\ne {}\nff=5\nggg=[\n6]\nh=7\n",
        "a   = 1\nbbb = 2\n\ncc = 3\n# own\ndddd = 4\ne {}\nff = 5\nggg = [\n6]\nh = 7\n",
    );
    expect(
        "a=<<EOT\n  x\nEOT\nbbb=1\n",
        "a   = <<EOT\n  x\nEOT\nbbb = 1\n",
    );
    expect(
        "a={\n\"日本\"=1\n\"e\u{301}\"=2\nb : 3\nccc=4\n}\n",
        "a = {\n  \"日本\" = 1\n  \"e\u{301}\"  = 2\n  b : 3\n  ccc = 4\n}\n",
    );
}

#[test]
fn trailing_comments_are_aligned() {
    expect(
        "a {# x\nbbb=1# y\n}// z\n# own\n  c=2 #  w\nd=1/* x */\n",
        "a {       # x\n  bbb = 1 # y\n}         // z\n# own\nc = 2 #  w\nd = 1 /* x */\n",
    );
    expect(
        "a=1/* x\n*/# y\nb=2#z\n",
        "a = 1 /* x\n*/ # y\nb = 2         #z\n",
    );
}

#[test]
fn spaces_within_a_line_are_normalized() {
    for (scrambled, expected) in [
        ("a . b [ 0 ] . * . c", "a.b[0].*.c"),
        ("f ( a , b ... )", "f(a, b...)"),
        ("provider :: skreg :: f ( )", "provider::skreg::f()"),
        ("{a=1,b:2}", "{ a = 1, b : 2 }"),
        ("[ { } , [ ] , { /* c */ } ]", "[{}, [], { /* c */ }]"),
        ("- a - - 1 * ( - 2 )", "-a - -1 * (-2)"),
        ("! a && ! ( b ) || - - c", "!a && !(b) || --c"),
        ("a ?- 1 :! b", "a ? -1 : !b"),
        (
            "[ for k , v in [ 1 ] : v if v>0 ]",
            "[for k, v in [1] : v if v > 0]",
        ),
        (
            "{for v in ( a ) : v=>- v ...}",
            "{ for v in(a) : v => - v... }",
        ),
        (
            "\" ${ a } %{ if ! b } ${ { } }%{ endif ~} \"",
            "\" ${a} %{if !b} ${ {} }%{endif~} \"",
        ),
        (
            "\"$${ a } %%{ b } \\\"${ \"c\" }${ - 1 }\"",
            "\"$${ a } %%{ b } \\\"${\"c\"}${- 1}\"",
        ),
        ("\"x\" [ 0 ] . 1 [ 2 ]", "\"x\" [0].1[2]"),
        ("[ 1 , - 2 , ! - 3 , ]", "[1, -2, !-3, ]"),
        ("[ /* c */ - 1 ]", "[/* c */ - 1]"),
    ] {
        expect(&format!("x=  {scrambled}\t"), &format!("x = {expected}\n"));
    }
    expect(
        "a   \"b\"\t\"c\"{ }\nd{e=1}\n",
        "a \"b\" \"c\" {}\nd { e = 1 }\n",
    );
}

#[test]
fn strings_comments_and_line_breaks_do_not_change() {
    for same in [
        "",
        "\n\n",
        "a = <<-EOT\n   ${a}  b \n\t$${ c }\n   EOT\n",
        "# c  \n\n\n/* x\n   y */\n",
        "a = \"  x  \" # c\r\nb = 1\r\n",
        "a    = \"${b}\"\ntype = list\n",
    ] {
        expect(same, same);
    }
}

#[test]
fn errors_contain_the_position() {
    for (text, expected) in [
        (
            "a = 1\n b = \"x\n",
            "the string that starts at line 2, column 6 has no closing quote",
        ),
        (
            "a = \"é\\\"${b}\"\nb = \"",
            "the string that starts at line 2, column 5 has no closing quote",
        ),
        (
            "a = <<-EOT\n EOT.\n",
            "the heredoc that starts at line 1, column 5 has no closing line `EOT`",
        ),
        (
            "a /* b",
            "the comment that starts at line 1, column 3 has no closing `*/`",
        ),
        ("a {\n b = [\n", "`[` at line 2, column 6 is not closed"),
        ("a = \"é${b", "`${` at line 1, column 7 is not closed"),
        (
            "a = [}",
            "`}` at line 1, column 6 has no matching opening bracket",
        ),
        (
            "a = 1)",
            "`)` at line 1, column 6 has no matching opening bracket",
        ),
        ("a = 1;", "`;` at line 1, column 6 is not a valid character"),
    ] {
        let found = format(text).map_err(|error| error.to_string());
        assert_eq!(found, Err(expected.to_owned()), "from {text:?}");
    }
}

/// Generates the tokens of an expression. Any horizontal whitespace can separate them.
fn expression() -> impl Strategy<Value = Vec<&'static str>> {
    let leaf = prop::sample::select(&["a", "b-c", "12.5e3", "\"x  y\"", "\"$${ a }\"", "f"][..]);
    leaf.prop_map(|leaf| vec![leaf])
        .prop_recursive(4, 40, 3, |inner| {
            let between = |opening: &'static [&'static str], closing: &'static [&'static str]| {
                move |parts: Vec<Vec<&'static str>>| [opening, &parts.join(&","), closing].concat()
            };
            let some = || prop::collection::vec(inner.clone(), 0..3);
            let one = || prop::collection::vec(inner.clone(), 1);
            let operator = prop::sample::select(&["-", "+", "==", "&&", ".", "\n*"][..]);
            prop_oneof![
                (inner.clone(), operator, inner.clone()).prop_map(|(left, operator, right)| [
                    left,
                    vec![operator],
                    right
                ]
                .concat()),
                one().prop_map(between(&["-"], &[])),
                one().prop_map(between(&["(", "!"], &[")"])),
                one().prop_map(between(&["\"  ${"], &["}  \""])),
                one().prop_map(between(&["{", "\n", "a", "="], &["# c  \n", "}"])),
                one().prop_map(between(&["[", "for", "a", "in"], &[":", "a", "]"])),
                some().prop_map(between(&["[", "\n"], &["\n", "]"])),
                some().prop_map(between(&["f", "(", "/* b  c */"], &[")"])),
            ]
        })
}

/// Generates the tokens of a file with line breaks, blocks, comments, and heredocs.
fn text() -> impl Strategy<Value = Vec<&'static str>> {
    let name = || prop::sample::select(&["a", "bbb", "\"c  c\""][..]);
    let end = prop::sample::select(&["\n", "# d  \n", "\n\n", "/* e */\n"][..]);
    let heredoc = prop::sample::select(&["<<EOT\n x  ${ a }\nEOT\n", "<<-EOT\n  EOT\n"][..]);
    let line = prop_oneof![
        4 => (name(), expression(), end).prop_map(|(name, value, end)| {
            [vec![name, "="], value, vec![end]].concat()
        }),
        1 => (name(), heredoc).prop_map(|(name, heredoc)| vec![name, "=", heredoc]),
        1 => name().prop_map(|name| vec!["b", name, "{", "\n", "}", "\n"]),
        1 => Just(vec!["# own  \n"]),
    ];
    prop::collection::vec(line, 0..8).prop_map(|lines| lines.concat())
}

/// Joins tokens with spaces from a list, which is repeated cyclically.
fn joined(tokens: &[&str], spaces: &[&str]) -> String {
    let spaces = spaces.iter().cycle();
    tokens
        .iter()
        .zip(spaces)
        .flat_map(|(token, space)| [*space, *token])
        .collect()
}

fn spaces() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(&[" ", "  ", "\t", " \t  "][..]), 1..9)
}

fn without_spaces(text: &str) -> String {
    text.replace([' ', '\t'], "")
}

proptest! {
    #[test]
    fn result_does_not_depend_on_spaces(tokens in text(), some in spaces(), others in spaces()) {
        let found = formatted(&joined(&tokens, &some));
        prop_assert_eq!(&found, &formatted(&joined(&tokens, &others)));
        prop_assert_eq!(&found, &formatted(&found));
    }

    #[test]
    fn only_spaces_change(text in "([a1 \t.,=:?!*/%<>(){}\"#~$-]|\n|\\[|\\]|é|\\$\\{|%\\{|<<E\n|\nE\n|/\\*|\\*/|\\\\){0,40}") {
        if let Ok(found) = format(&text) {
            let mut expected = without_spaces(&text);
            if !expected.is_empty() && !expected.ends_with('\n') {
                expected.push('\n');
            }
            prop_assert_eq!(without_spaces(&found), expected);
        }
    }

    #[test]
    fn any_input_is_formatted_or_rejected_without_a_panic(text in any::<String>()) {
        let _ = format(&text);
    }
}
