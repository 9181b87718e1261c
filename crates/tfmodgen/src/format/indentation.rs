//! Indentation of lines, which depends only on brackets.

use super::lines::Line;

/// Number of columns per level.
const STEP: usize = 2;

/// Indentation levels that are open after the processed lines.
#[derive(Default)]
pub(super) struct Indentation {
    /// Number of open brackets for each line that opened more brackets than it closed.
    levels: Vec<usize>,
}

impl Indentation {
    /// Returns the indentation of the next line. A line that opens several brackets indents the following lines by one level only.
    pub(super) fn of(&mut self, line: &Line<'_, '_>) -> usize {
        let opened = line.opened();
        if opened < 0 {
            self.close(opened.unsigned_abs());
        }
        let columns = STEP * self.levels.len();
        if opened > 0 {
            self.levels.push(opened.unsigned_abs());
        }
        columns
    }

    fn close(&mut self, mut brackets: usize) {
        while let Some(level) = self.levels.last_mut() {
            if *level > brackets {
                *level -= brackets;
                return;
            }
            brackets -= *level;
            self.levels.pop();
            if brackets == 0 {
                return;
            }
        }
    }
}
