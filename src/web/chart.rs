//! Pictures of numbers: bars that stand on a line, and a grid of shades. Only the geometry is made here; a template draws
//! it with presentation attributes and classes, for the Content-Security-Policy allows nothing else. The same numbers
//! always stand in a table beside the picture.

use std::collections::BTreeMap;

/// Units of the picture's own measure; the page scales it.
pub(super) const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 200.0;
/// Room for the numbers of the scale, at either end, and for the labels below: on a phone one end is seen.
const LEFT: f64 = 46.0;
const RIGHT: f64 = WIDTH - LEFT;
const BOTTOM: f64 = 26.0;
const TOP: f64 = 12.0;
/// The share of a bar's place that the bar takes.
const BAR: f64 = 0.72;
/// Labels below; more would run into each other.
const MOST_LABELS: usize = 8;
/// Lines of the scale above zero.
const LINES: u64 = 4;
/// Shades of the grid, the first being none.
pub(super) const SHADES: u64 = 6;

/// A picture with bars, each made of one or two parts that stand on each other.
pub(super) struct Bars {
    pub title: String,
    pub height: f64,
    pub bars: Vec<Bar>,
    pub labels: Vec<Label>,
    pub scale: Vec<Line>,
}

/// A rectangle.
pub(super) struct Bar {
    pub x: String,
    pub y: String,
    pub width: String,
    pub height: String,
    /// Which part it is: 0 stands on the line, 1 on top of it.
    pub part: usize,
}

/// A line of the scale, with its number at both ends.
pub(super) struct Line {
    pub y: String,
    pub number: u64,
}

/// Words in the picture.
pub(super) struct Label {
    pub x: String,
    pub y: String,
    pub words: String,
}

impl Bars {
    /// Bars from left to right, each with a label and its parts from below.
    pub(super) fn new(title: &str, columns: &[(String, [u64; 2])]) -> Self {
        let most = columns.iter().map(|(_, parts)| parts.iter().sum::<u64>()).max().unwrap_or(0);
        let step = round_step(most);
        let top = step * LINES;
        let place = (RIGHT - LEFT) / columns.len().max(1) as f64;
        let tall = |count: u64| count as f64 / top as f64 * (HEIGHT - TOP - BOTTOM);
        let floor = HEIGHT - BOTTOM;
        let mut bars = Vec::new();
        for (index, (_, parts)) in columns.iter().enumerate() {
            let x = LEFT + place * (index as f64 + (1.0 - BAR) / 2.0);
            let mut below = 0;
            for (part, count) in parts.iter().enumerate().filter(|(_, count)| **count > 0) {
                below += count;
                let (y, height) = (floor - tall(below), tall(*count));
                bars.push(Bar { x: number(x), y: number(y), width: number(place * BAR), height: number(height), part });
            }
        }
        let every = columns.len().div_ceil(MOST_LABELS).max(1);
        let label = |(index, (words, _)): (usize, &(String, [u64; 2]))| Label {
            x: number(LEFT + place * (index as f64 + 0.5)),
            y: number(HEIGHT - 8.0),
            words: words.clone(),
        };
        let line = |index: u64| Line { y: number(floor - tall(step * index)), number: step * index };
        Self {
            title: title.to_owned(),
            height: HEIGHT,
            bars,
            labels: columns.iter().enumerate().step_by(every).map(label).collect(),
            scale: (0..=LINES).map(line).collect(),
        }
    }

    /// Whether some bar has a second part, whose colour must be told.
    pub(super) fn has_second_part(&self) -> bool {
        self.bars.iter().any(|bar| bar.part == 1)
    }
}

/// The distance between lines of the scale, a number that people count in: 1, 2 or 5 with noughts.
fn round_step(most: u64) -> u64 {
    let wanted = most.div_ceil(LINES).max(1);
    let mut tens = 1;
    loop {
        if let Some(step) = [1, 2, 5].into_iter().map(|step| step * tens).find(|step| *step >= wanted) {
            return step;
        }
        tens *= 10;
    }
}

/// A grid of squares, a row for each row of counts: for each shade one path with all its squares, since a square of its own
/// for each count would be a third of the page.
pub(super) fn squares(rows: &[[u64; 24]]) -> Vec<(u64, String)> {
    let most = rows.iter().flatten().copied().max().unwrap_or(0);
    let mut paths: BTreeMap<u64, String> = BTreeMap::new();
    for (y, row) in rows.iter().enumerate() {
        for (x, count) in row.iter().enumerate() {
            let (left, top) = (40 + x * 25, 20 + y * 22);
            *paths.entry(shade(*count, most)).or_default() += &format!("M{left} {top}h23v20h-23z");
        }
    }
    paths.into_iter().collect()
}

/// The shade of a cell of the grid: 0 for nothing, else 1 to 5 by its share of the greatest.
fn shade(count: u64, most: u64) -> u64 {
    if count == 0 { 0 } else { (count * (SHADES - 1)).div_ceil(most.max(1)).min(SHADES - 1) }
}

/// With one decimal, which is finer than a screen.
fn number(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_counts_in_numbers_that_people_use_and_no_bar_rises_above_it() {
        for (most, step) in [(0, 1), (3, 1), (4, 1), (5, 2), (17, 5), (41, 20), (1_000_000, 500_000)] {
            assert_eq!(round_step(most), step, "{most}");
            let bars = Bars::new("t", &[("a".to_owned(), [most, 0])]);
            assert!(bars.bars.iter().all(|bar| bar.y.parse::<f64>().unwrap() >= TOP), "{most}");
        }
    }

    #[test]
    fn parts_stand_on_each_other_and_nothing_is_drawn_for_nothing() {
        let bars = Bars::new("t", &[("a".to_owned(), [3, 1]), ("b".to_owned(), [0, 0]), ("c".to_owned(), [0, 2])]);
        let heights: Vec<(usize, &str)> = bars.bars.iter().map(|bar| (bar.part, bar.height.as_str())).collect();
        assert_eq!(heights, [(0, "121.5"), (1, "40.5"), (1, "81.0")]);
        assert_eq!(bars.bars[1].y, "12.0", "on top of the first");
    }

    #[test]
    fn every_count_has_a_square_of_its_shade_in_its_place() {
        let mut week = [[0; 24]; 2];
        week[1][23] = 9;
        let paths = squares(&week);
        assert_eq!(
            paths.iter().map(|(shade, path)| (*shade, path.matches('M').count())).collect::<Vec<_>>(),
            [(0, 47), (5, 1)]
        );
        assert_eq!(paths[1].1, "M615 42h23v20h-23z");
    }

    #[test]
    fn shades_begin_with_the_first_inquiry_and_end_with_the_most() {
        assert_eq!(
            [shade(0, 9), shade(1, 1_000), shade(1_000, 1_000), shade(500, 1_000), shade(0, 0)],
            [0, 1, 5, 3, 0]
        );
    }
}
