//! Bytes in a receipt: base64url without padding (RFC 4648, section 5), each with one spelling only.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Base64Url(pub Vec<u8>);

impl TryFrom<String> for Base64Url {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        // It refuses padding, and bits that are left over unless they are zero.
        BASE64URL_NOPAD.decode(text.as_bytes()).map(Self).map_err(|_| "bytes are base64url without padding")
    }
}

impl From<Base64Url> for String {
    fn from(bytes: Base64Url) -> Self {
        BASE64URL_NOPAD.encode(&bytes.0)
    }
}
