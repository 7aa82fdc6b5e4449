//! The same dice every time: two databases that are filled alike are alike (splitmix64).

pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new() -> Self {
        Self(20_261_120)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `end`, which must be above 0.
    pub(super) fn below(&mut self, end: i64) -> i64 {
        i64::try_from(self.roll() >> 1).unwrap_or(0) % end
    }

    pub(super) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.roll() >> 33).unwrap_or(0) % length
    }

    pub(super) fn one_in(&mut self, number: i64) -> bool {
        self.below(number) == 0
    }

    pub(super) fn of(&mut self, words: &[&'static str]) -> &'static str {
        words[self.index(words.len())]
    }

    pub(super) fn word(&mut self, words: &'static str) -> &'static str {
        let number = words.split(' ').count();
        words.split(' ').nth(self.index(number)).unwrap_or_default()
    }
}
