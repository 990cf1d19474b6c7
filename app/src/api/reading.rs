//! How readings reach a page.
//!
//! A reading travels as JSON text and is understood once, where it is shown. Between the server
//! function and the page stands only [`Text`], so that loading, hydrating and following are compiled
//! once and not once for every reading. That took 28 kB off the compressed client of 406 kB.

use super::ApiError;
use crate::view::{letter_filter::LetterFilter, task_filter::TaskFilter};
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType, codec::Post};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{convert::Infallible, pin::Pin, string::FromUtf8Error};

/// A reading as JSON text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(String);

impl Text {
    /// Writes a reading down.
    pub fn of(reading: &impl Serialize) -> Result<Self, ApiError> {
        serde_json::to_string(reading).map(Self).map_err(|error| ApiError::Unreachable { message: error.to_string() })
    }

    /// Understands it.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        serde_json::from_str(&self.0).map_err(|error| ApiError::Unreachable { message: error.to_string() })
    }
}

/// What a page asks about: all that its address says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// The tenant's name in the address.
    pub tenant: String,
    /// The name or id of the one thing that the page shows, if it is one.
    pub item: String,
    /// Where its page begins, if it has several.
    pub after: String,
    /// The one part of a list that is shown, if not all of it.
    pub part: String,
    pub filter: TaskFilter,
    pub letters: LetterFilter,
}

/// A reading on its way.
pub type Asked = Pin<Box<dyn Future<Output = Result<Text, ApiError>> + Send>>;

/// Asks the server: a server function with the question's parts as its arguments.
pub type Ask = fn(Question) -> Asked;

/// The text as the body of an answer: plain JSON to everybody else.
pub type JsonText = Post<AsIs>;

/// Encodes nothing: the text is JSON already.
pub struct AsIs;

impl ContentType for AsIs {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for AsIs {
    const FORMAT_TYPE: Format = Format::Text;
}

impl Encodes<Text> for AsIs {
    type Error = Infallible;

    fn encode(text: &Text) -> Result<Bytes, Infallible> {
        Ok(text.0.clone().into())
    }
}

impl Decodes<Text> for AsIs {
    type Error = FromUtf8Error;

    fn decode(bytes: Bytes) -> Result<Text, FromUtf8Error> {
        String::from_utf8(bytes.into()).map(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_plain_json_and_reads_back() {
        let text = Text::of(&vec![1, 2]).unwrap();
        let body = AsIs::encode(&text).unwrap();
        assert_eq!(&body[..], b"[1,2]");
        assert_eq!(AsIs::decode(body).unwrap().read::<Vec<u8>>(), Ok(vec![1, 2]));
    }
}
