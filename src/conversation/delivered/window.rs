//! Which of the newest numbers of a sequence have come, as the window of RFC 4303 section 3.4.3 has it: what comes out
//! of order is not lost, and what falls out of the window without having come is.

/// So many numbers are remembered, the newest among them.
const WIDTH: u64 = u128::BITS as u64;

/// The window of one source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    newest: u64,
    /// The newest is bit 0; what is older stands higher.
    come: u128,
}

impl Window {
    /// The first that came: what was before it is nobody's loss.
    pub(super) fn new(first: u64) -> Self {
        Self {
            newest: first,
            come: u128::MAX,
        }
    }

    /// One more. How many are lost by that, and whether it had come before; what is too old to know has.
    pub(super) fn add(&mut self, number: u64) -> (u64, bool) {
        let Some(step) = number.checked_sub(self.newest) else {
            return (0, self.add_old(self.newest - number));
        };
        if step == 0 {
            return (0, true);
        }
        self.newest = number;
        if step >= WIDTH {
            let lost = u64::from(self.come.count_zeros()) + (step - WIDTH);
            self.come = 1;
            return (lost, false);
        }
        let leaving = u128::MAX << (WIDTH - step);
        let lost = u64::from((!self.come & leaving).count_ones());
        self.come = self.come << step | 1;
        (lost, false)
    }

    fn add_old(&mut self, back: u64) -> bool {
        if back >= WIDTH {
            return true;
        }
        let bit = 1 << back;
        let has_come = self.come & bit != 0;
        self.come |= bit;
        has_come
    }

    /// How many of those that are remembered have not come; they are waited for no longer.
    pub(super) fn end(&mut self) -> u64 {
        let missing = u64::from(self.come.count_zeros());
        self.come = u128::MAX;
        missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What all of them have lost and doubled, the end included.
    fn all(numbers: impl IntoIterator<Item = u64>) -> (u64, u64) {
        let mut numbers = numbers.into_iter();
        let mut window = Window::new(numbers.next().unwrap());
        let (mut lost, mut doubled) = (0, 0);
        for number in numbers {
            let (more, is_doubled) = window.add(number);
            lost += more;
            doubled += u64::from(is_doubled);
        }
        (lost + window.end(), doubled)
    }

    #[test]
    fn what_comes_once_and_in_order_is_neither_lost_nor_doubled() {
        assert_eq!(all(5..5_000), (0, 0));
    }

    #[test]
    fn every_gap_is_counted_once_however_wide() {
        assert_eq!(all([1, 3]), (1, 0));
        assert_eq!(all([1, 2, 200, 201]), (197, 0));
        assert_eq!(all([1, 129]), (127, 0));
        assert_eq!(all([1, 130]), (128, 0));
        assert_eq!(all([0, u64::MAX]), (u64::MAX - 1, 0));
        assert_eq!(all((1..1_000).filter(|one| one % 3 != 0)), (332, 0));
    }

    #[test]
    fn what_comes_out_of_order_is_not_lost() {
        assert_eq!(all([1, 4, 3, 2, 5]), (0, 0));
        assert_eq!(all([1, 128, 2, 129]), (125, 0));
    }

    #[test]
    fn what_comes_twice_is_doubled_also_when_it_is_too_old_to_know() {
        assert_eq!(all([7, 7, 8, 7]), (0, 2));
        assert_eq!(all([1, 500, 1]), (498, 1));
    }

    #[test]
    fn a_window_that_has_ended_counts_nothing_twice() {
        let mut window = Window::new(1);
        assert_eq!(window.add(10), (0, false));
        assert_eq!(window.end(), 8);
        assert_eq!(window.end(), 0);
        assert_eq!(window.add(11), (0, false));
    }
}
