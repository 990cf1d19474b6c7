//! JSON and YAML with fields in alphabetical order: generated files must not change with the features that
//! some other crate turns on in the JSON library.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;
use std::collections::BTreeMap;

/// A value whose mappings come out in alphabetical order.
pub(crate) struct Ordered<'v>(pub &'v Value);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(fields) => {
                let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
                let mut map = serializer.serialize_map(Some(sorted.len()))?;
                for (name, value) in sorted {
                    map.serialize_entry(name, &Ordered(value))?;
                }
                map.end()
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Ordered)),
            plain => plain.serialize(serializer),
        }
    }
}

/// Indented JSON with a line end.
pub(crate) fn json(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(&Ordered(value)).expect("a JSON value is JSON");
    text.push('\n');
    text
}

/// One document a value.
pub(crate) fn yaml(values: &[Value]) -> String {
    let documents: Vec<String> =
        values.iter().map(|value| serde_saphyr::to_string(&Ordered(value)).expect("a JSON value is YAML")).collect();
    documents.join("---\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_in_alphabetical_order_at_every_depth() {
        let value: Value = serde_json::from_str(r#"{"b":1,"a":[{"d":1,"c":2}]}"#).unwrap();
        let flat: String = json(&value).split_whitespace().collect();
        assert_eq!(flat, r#"{"a":[{"c":2,"d":1}],"b":1}"#);
    }

    #[test]
    fn yaml_is_read_as_the_same_values() {
        let value: Value =
            serde_json::from_str(r#"{"a":["yes","0x1","1","",null,true,"x: y","a\nb"],"b":{}}"#).unwrap();
        let again: Vec<Value> = serde_saphyr::from_multiple(&yaml(&[value.clone(), value.clone()])).unwrap();
        assert_eq!(again, [value.clone(), value]);
    }
}
