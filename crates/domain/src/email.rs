//! E-mail addresses, as far as they name an account.

use std::str::FromStr;

/// An address in the form that accounts are found by: trimmed, lower case, ASCII only (look-alike
/// letters of other scripts would make two accounts that read the same).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Enter an e-mail address like you@example.com.")]
pub struct EmailError;

impl Email {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = EmailError;
    fn from_str(text: &str) -> Result<Self, EmailError> {
        let text = text.trim().to_ascii_lowercase();
        let plain = text.bytes().all(|b| b.is_ascii_graphic());
        let Some((local, host)) = text.split_once('@') else {
            return Err(EmailError);
        };
        let whole = !local.is_empty() && !host.is_empty() && !host.contains('@');
        if plain && whole && text.len() <= 254 { Ok(Self(text)) } else { Err(EmailError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_whatever_its_case_and_spaces() {
        assert_eq!(" Ada@Example.COM ".parse::<Email>().unwrap().as_str(), "ada@example.com");
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        for bad in ["", "ada", "@x", "ada@", "a@b@c", "a b@c.d", "аda@example.com"] {
            assert_eq!(bad.parse::<Email>(), Err(EmailError), "{bad}");
        }
    }
}
