//! How deep a line stands. Must not look further than at the brackets.

use super::lines::Line;

/// Columns of a level.
const STEP: usize = 2;

/// What the lines so far have opened.
#[derive(Default)]
pub(super) struct Indentation {
    /// One level for each line that opened more than it closed, with the brackets of it that are still open.
    levels: Vec<usize>,
}

impl Indentation {
    /// The columns before the next line. However many brackets a line opens, the lines after it are one level deeper.
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
