//! Whom a verifier believes.

use crate::Fingerprint;

/// The keys and origins that a verifier names. A receipt brings its own key along, so without a name of yours it proves
/// only that *some* key signed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trusted {
    /// Where it is empty, the verdict does not say whose key it is.
    pub keys: Vec<Fingerprint>,
    /// Such as `https://console.example.com`. Where it is empty, any will do.
    pub origins: Vec<String>,
}

/// A line of a file of keys that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Line {0} does not begin with a fingerprint: 64 digits 0 to 9 and a to f.")]
pub struct NotTrusted(pub usize);

impl Trusted {
    /// The keys of a file: one a line, by its fingerprint; what follows it in the line is a note. Lines that are empty
    /// or begin with `#` are for people.
    pub fn keys_of(file: &str) -> Result<Vec<Fingerprint>, NotTrusted> {
        let lines = file.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        lines
            .map(|(number, line)| {
                let first = line.split_whitespace().next().unwrap_or_default();
                first.parse().map_err(|_| NotTrusted(number))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_keys_has_notes() {
        let key = "0f".repeat(32);
        let file = format!("# Acme\n\n{key}  Ada's phone\r\n  {key}\n");
        assert_eq!(Trusted::keys_of(&file).unwrap(), vec![Fingerprint([15; 32]); 2]);
        assert_eq!(Trusted::keys_of(&format!("{key}\nAda")), Err(NotTrusted(2)));
    }
}
