//! Hashes for the eye: in groups of four, with a ribbon of colours.

/// `text` in groups of four characters, up to `groups` of them.
pub fn grouped(text: &str, groups: usize) -> String {
    let mut out = String::new();
    for (index, character) in text.chars().take(groups * 4).enumerate() {
        if index > 0 && index % 4 == 0 {
            out.push(' ');
        }
        out.push(character);
    }
    out
}

/// The classes of the ribbon's eight blocks: one for each of the first eight hexadecimal digits.
pub fn ribbon(hex: &str) -> Vec<&'static str> {
    const CLASSES: [&str; 16] = [
        "rib-0", "rib-1", "rib-2", "rib-3", "rib-4", "rib-5", "rib-6", "rib-7", "rib-8", "rib-9", "rib-a", "rib-b",
        "rib-c", "rib-d", "rib-e", "rib-f",
    ];
    hex.chars().filter_map(|c| c.to_digit(16)).take(8).map(|digit| CLASSES[digit as usize]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_in_groups_of_four() {
        assert_eq!(grouped("ab12cd34ef56", 2), "ab12 cd34");
        assert_eq!(grouped("ab1", 4), "ab1");
    }

    #[test]
    fn the_ribbon_shows_the_first_32_bits() {
        assert_eq!(ribbon("0fa1-0000ff").len(), 8);
        assert_eq!(&ribbon("0fa1")[..], ["rib-0", "rib-f", "rib-a", "rib-1"]);
    }
}
