//! Reading JSON so that nothing is lost or guessed.

use super::CanonicalJson;
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use std::{collections::BTreeMap, fmt};

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = CanonicalJson;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, a list, a text, an integer, true, false or null")
    }

    fn visit_unit<E>(self) -> Result<CanonicalJson, E> {
        Ok(CanonicalJson::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<CanonicalJson, E> {
        Ok(CanonicalJson::Bool(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<CanonicalJson, E> {
        Ok(CanonicalJson::Integer(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<CanonicalJson, E> {
        i64::try_from(number).map(CanonicalJson::Integer).map_err(|_| E::custom("a number is too large"))
    }

    fn visit_str<E>(self, text: &str) -> Result<CanonicalJson, E> {
        Ok(CanonicalJson::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<CanonicalJson, E> {
        Ok(CanonicalJson::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<CanonicalJson, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(CanonicalJson::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CanonicalJson, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some((key, value)) = map.next_entry::<String, CanonicalJson>()? {
            if fields.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key {key:?} comes twice")));
            }
            fields.insert(key, value);
        }
        Ok(CanonicalJson::Object(fields))
    }
}

impl<'de> Deserialize<'de> for CanonicalJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}
