//! Aligns `=` and trailing comments of neighboring lines. This module must not change the content of a line.

use std::fmt;

use unicode_segmentation::UnicodeSegmentation as _;

use super::lines::Line;
use super::spaces::spaced;

/// A formatted line, split into cells that are aligned with the cells of neighboring lines.
pub(super) struct Row<'a> {
    indentation: usize,
    /// Text before `=`, or the whole line if it has no assignment.
    head: String,
    /// `=` and the value.
    assigned: Option<Cell<String>>,
    comment: Option<Cell<&'a str>>,
    newline: &'a str,
}

struct Cell<T> {
    /// Number of columns between the previous cell and this cell.
    gap: usize,
    text: T,
}

impl<T> Cell<T> {
    fn new(text: T) -> Self {
        Self { gap: 1, text }
    }
}

impl<'a> Row<'a> {
    /// Returns a line with a single space between its cells.
    pub(super) fn new(indentation: usize, line: &Line<'_, 'a>) -> Self {
        let (head, assigned) = match line.assignment() {
            Some((head, assigned)) => (head, Some(Cell::new(spaced(assigned)))),
            None => (line.code, None),
        };
        Self {
            indentation,
            head: spaced(head),
            assigned,
            comment: line.comment.map(Cell::new),
            newline: line.newline,
        }
    }

    fn is_empty(&self) -> bool {
        self.head.is_empty() && self.assigned.is_none()
    }

    fn head_width(&self) -> usize {
        self.indentation + width(&self.head)
    }

    fn code_width(&self) -> usize {
        let assigned = self.assigned.as_ref();
        self.head_width() + assigned.map_or(0, |cell| cell.gap + width(&cell.text))
    }
}

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_empty() || self.comment.is_some() {
            write!(f, "{:1$}{2}", "", self.indentation, self.head)?;
        }
        if let Some(Cell { gap, text }) = &self.assigned {
            write!(f, "{:gap$}{text}", "")?;
        }
        if let Some(Cell { gap, text }) = &self.comment {
            let gap = if self.is_empty() { 0 } else { *gap };
            write!(f, "{:gap$}{text}", "")?;
        }
        f.write_str(self.newline)
    }
}

/// Aligns `=` in every run of consecutive lines with assignments, then comments in every run of lines with trailing comments.
pub(super) fn align(rows: &mut [Row<'_>]) {
    for run in
        rows.chunk_by_mut(|above, below| above.assigned.is_some() == below.assigned.is_some())
    {
        let widest = run.iter().map(Row::head_width).max().unwrap_or_default();
        for row in run {
            let gap = 1 + widest - row.head_width();
            row.assigned.iter_mut().for_each(|cell| cell.gap = gap);
        }
    }
    let has_comment = |row: &Row<'_>| row.comment.is_some() && !row.is_empty();
    for run in rows.chunk_by_mut(|above, below| has_comment(above) == has_comment(below)) {
        let widest = run.iter().map(Row::code_width).max().unwrap_or_default();
        for row in run {
            let gap = 1 + widest - row.code_width();
            row.comment.iter_mut().for_each(|cell| cell.gap = gap);
        }
    }
}

/// Returns the width of a string in grapheme clusters. Wide characters and line breaks have a width of one.
fn width(text: &str) -> usize {
    text.graphemes(true).count()
}
